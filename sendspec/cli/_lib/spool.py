"""What an apply leaves behind of each request the moment it knows, for when its machine is lost."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.cli._lib.console import Console
    from sendspec.model import LedgerState, Project, RequestKey, Target
    from sendspec.protocol import Result

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither where a link leads nor into a pipe, for which it would wait."""


class Spool:
    """A spool file below `.sendspec/`, and for a git ledger a line in the log.

    Both only repeat what the ledger is told; that they fail is never a reason to stop.
    """

    def __init__(self, project: Project, target: Target, console: Console) -> None:
        self._target = target
        self._console = console
        self._directory = project.directory
        self._path = project.directory / ".sendspec" / f"{target.name}.spool"
        self._runs: set[str] = set()
        self._state: LedgerState | None = None

    def begin(self, state: LedgerState) -> None:
        """Take note of what the ledger holds before anything is sent, and say what a spool could add."""
        self._state = state
        if self._holds_more():
            self._console.info(f"warning: {self._path} tells of requests of an earlier run: {self.way_out()}")

    def leave(self, run: str, result: Result) -> None:
        """Write down what a run made of a request."""
        self._runs.add(run)
        from sendspec.request_log import receipt_line

        now = datetime.now(UTC)
        line = receipt_line(self._target.name, self._target.account, run, result, now)
        if self._target.ledger == "git":
            self._console.write_log_line(line)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, _FLAGS, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
            finally:
                os.close(handle)
        except OSError as error:
            self._console.info(f"warning: cannot spool to {self._path}: {error.strerror or error}")

    def end(self, receipt: Receipt) -> None:
        """Drop the spool once the ledger has it all; else say how to give it to the ledger."""
        if not all(result.recorded for result in receipt.results):
            self._console.info(
                f"  hint: what the ledger could not take is in {self._path}; once it can be written again: "
                f"{self.way_out()}"
            )
        elif not self._holds_more():
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def sent(self, state: LedgerState) -> set[RequestKey]:
        """Give the requests that the spool calls sent, and the ledger does not."""
        from sendspec.model import RequestState
        from sendspec.request_log import rebuild

        outcomes = rebuild(self._lines(), state).outcomes
        return {outcome.key for outcome in outcomes if outcome.state is RequestState.SENT}

    def _holds_more(self) -> bool:
        """Whether the spool has what the ledger had not: of a run that is gone, or of one beside this."""
        from sendspec.request_log import tells_more

        return self._state is not None and tells_more(self._lines(), self._state, self._runs)

    def _lines(self) -> list[str]:
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return []
        with open(handle, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - from a descriptor
            return lines.readlines()

    def way_out(self) -> str:
        """Give the command that brings the spool into the ledger."""
        where = ("--dir", str(self._directory), "--target", self._target.name)
        return shlex.join(("sendspec", "resolve", "--from-log", str(self._path), *where))
