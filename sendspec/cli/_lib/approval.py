"""Approval of a plan: it is shown, compared with the saved plan, and approved before it is sent."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import error_reason
from sendspec.cli._lib.prompt import read_answer
from sendspec.errors import Blocked, SendspecError

if TYPE_CHECKING:
    from typing import TextIO

    from sendspec.cli._lib.console import Console
    from sendspec.driver import Signals
    from sendspec.model import Plan, Target
    from sendspec.plan_file import PlanFile


class Approval:
    """The checks that a plan must pass before sendspec sends any of it.

    With `approved_in_advance` it does not ask. With `plan_to_stderr` the plan goes to standard error,
    because the receipt goes to standard output.
    """

    def __init__(  # noqa: PLR0913 - everything that a question needs
        self,
        console: Console,
        signals: Signals,
        plan_file: PlanFile | None,
        target: Target,
        *,
        expected_digest: str | None,
        approved_in_advance: bool,
        plan_to_stderr: bool,
    ) -> None:
        self._console = console
        self._signals = signals
        self._plan_file = plan_file
        self._target = target
        self._expected_digest = expected_digest
        self._approved_in_advance = approved_in_advance
        self._plan_to_stderr = plan_to_stderr
        self.digest: str | None = None
        """The digest of the last plan that was shown."""

    def require(self, plan: Plan) -> None:
        """Return if the plan may be sent.

        Raises:
            SendspecError: the plan was not shown, is stale, has errors, or was not approved.
        """
        self._show(plan)
        self.digest = plan.digest
        if self._expected_digest is not None:
            from sendspec.plan_file import check_digest

            check_digest(self._expected_digest, self._plan_file, plan)
        if self._plan_file is not None:
            from sendspec.plan_file import check_plan_file

            check_plan_file(self._plan_file, plan)
        _raise_if_blocked(plan)
        if not self._approved_in_advance and plan.to_send:
            try:
                with self._signals.ending():
                    plan_stream = sys.stderr if self._plan_to_stderr else sys.stdout
                    _ask_for_approval(plan_stream, self._target, plan)
            except KeyboardInterrupt:
                raise SendspecError("interrupted before approval") from None

    def _show(self, plan: Plan) -> None:
        """Print the plan, or raise: a plan that cannot be read is not sent, even if approved in advance.

        Advance approval is for the plan that was reviewed, and only a printed plan can be compared with
        it. Besides, a full disk takes neither the ledger nor the receipt.
        """
        from sendspec.cli._lib.screen import stream_screen
        from sendspec.report.terminal import plan_text

        screen = stream_screen(sys.stderr if self._plan_to_stderr else sys.stdout)
        write = self._console.write_data_to_stderr if self._plan_to_stderr else self._console.write_data
        try:
            failure = None if write(plan_text(plan, screen)) else "the reader closed the pipe"
        except SendspecError as error:
            failure = str(error)
        if failure is not None:
            raise SendspecError(
                f"cannot show the plan: {failure}",
                hint="read the output to its end, or redirect it to a file",
            )


def _raise_if_blocked(plan: Plan) -> None:
    from sendspec.formatting import pluralize
    from sendspec.plan import blocking_findings

    count = len(blocking_findings(plan))
    if count:
        raise Blocked(
            f"{pluralize(count, 'error')} {'blocks' if count == 1 else 'block'} this plan",
            hint="fix the findings above, or add an `allow` entry with a reason",
        )


def _ask_for_approval(plan_stream: TextIO, target: Target, plan: Plan) -> None:
    from sendspec.report.approval_question import approval_question

    in_advance = "use --auto-approve after the plan was reviewed"
    if not sys.stdin.isatty():
        raise SendspecError(
            "cannot ask for approval: standard input is not a terminal",
            hint=f"run it on a terminal, or {in_advance}",
        )
    if _is_null_device(plan_stream):
        raise SendspecError(
            "cannot ask for approval: the plan was not shown",
            hint=f"send standard output to the terminal or a file, or {in_advance}",
        )
    try:
        question = approval_question(target, plan)
        answer = read_answer(question.text)
    except OSError as error:
        raise SendspecError(
            f"cannot ask for approval: {error_reason(error)}", hint=f"run it on a terminal, or {in_advance}"
        ) from error
    if answer.replace(",", "") != question.answer:
        raise SendspecError("the plan was not approved")


def _is_null_device(stream: TextIO) -> bool:
    """Return whether a stream is the null device, which also replaces a closed standard stream."""
    try:
        target, null = os.fstat(stream.fileno()), Path(os.devnull).stat()
    except OSError:
        return False
    return stat.S_ISCHR(target.st_mode) and target.st_rdev == null.st_rdev
