"""What stands between a plan and its sending: it is shown, compared with the saved one, and approved."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import reason
from sendspec.cli._lib.prompt import ask
from sendspec.errors import Blocked, SendspecError

if TYPE_CHECKING:
    from typing import TextIO

    from sendspec.cli._lib.console import Console
    from sendspec.driver import Signals
    from sendspec.model import Plan
    from sendspec.plan_file import PlanFile


class Approval:
    """What a plan has to pass before any of it is sent.

    `given` is approval in advance; `aside` shows the plan on standard error, since the receipt was
    asked for on standard output.
    """

    def __init__(
        self, console: Console, signals: Signals, saved: PlanFile | None, *, given: bool, aside: bool
    ) -> None:
        self._console = console
        self._signals = signals
        self._saved = saved
        self._given = given
        self._aside = aside

    def __call__(self, plan: Plan) -> None:
        """Let a plan pass.

        Raises:
            SendspecError: nothing of it may be sent.
        """
        from sendspec.plan_file import check_plan_file

        self._show(plan)
        if self._saved is not None:
            check_plan_file(self._saved, plan)
        _refuse(plan)
        if not self._given and plan.due:
            try:
                with self._signals.ending():
                    _ask(sys.stderr if self._aside else sys.stdout)
            except KeyboardInterrupt:
                raise SendspecError("interrupted before anything of this plan was begun") from None

    def _show(self, plan: Plan) -> None:
        """Print the plan; one that nobody can have read is not sent, not even if approved in advance.

        Such an approval is of the plan that was reviewed: that this one is the same can be seen only
        if it is printed. And a disk that is full will take neither ledger nor receipt.
        """
        from sendspec.report.text import plan_text

        text = plan_text(plan)
        try:
            shown = self._console.aside(text) if self._aside else self._console.data(text)
            why = None if shown else "its reader has left"
        except SendspecError as error:
            why = str(error)
        if why is not None:
            raise SendspecError(
                f"the plan could not be shown: {why}: nothing of it was sent",
                hint="let it be read to its end, or write it to a file",
            )


def _refuse(plan: Plan) -> None:
    from sendspec.formatting import pluralize
    from sendspec.plan import blocking_findings

    errors = blocking_findings(plan)
    if errors:
        raise Blocked(
            f"{pluralize(len(errors), 'error')} against this plan: nothing of it was sent",
            hint="mend what the findings above say, or except a send with `allow` and a reason",
        )


def _ask(shown_on: TextIO) -> None:
    in_advance = "run it with --auto-approve once the plan was reviewed"
    if not sys.stdin.isatty():
        raise SendspecError(
            "nobody is there to approve the plan: nothing of it was sent",
            hint=f"run it on a terminal, or {in_advance}",
        )
    if _goes_nowhere(shown_on):
        raise SendspecError(
            "nobody can approve a plan that is shown nowhere: nothing of it was sent",
            hint=f"leave standard output to the terminal or to a file, or {in_advance}",
        )
    try:
        answer = ask("Send this? Only 'yes' is taken as yes")
    except OSError as error:
        raise SendspecError(f"the question failed: {reason(error)}: nothing of the plan was sent") from error
    if answer != "yes":
        raise SendspecError("not approved: nothing of the plan was sent")


def _goes_nowhere(stream: TextIO) -> bool:
    """Whether a stream is the null device, as one is that was closed (`streams.prepare`)."""
    try:
        found, null = os.fstat(stream.fileno()), Path(os.devnull).stat()
    except OSError:
        return False
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == null.st_rdev
