"""What an apply leaves behind of each request the moment it knows, for when its machine is lost."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.words import stamp

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.cli.console import Console
    from sendspec.model import Project, Target
    from sendspec.protocol import Result

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither where a link leads nor into a pipe, for which it would wait."""


class Trail:
    """A spool file below `.sendspec/`, and for a git ledger a line in the log.

    Both only repeat what the ledger is told; that they fail is never a reason to stop.
    """

    def __init__(self, project: Project, target: Target, console: Console) -> None:
        self._target = target
        self._console = console
        self._directory = project.directory
        self._path = project.directory / ".sendspec" / f"{target.name}.spool"

    def leave(self, result: Result) -> None:
        """Write down what became of a request."""
        from sendspec.receipts import receipt_line  # noqa: PLC0415 - not needed for help

        at = stamp(datetime.now(UTC))
        line = receipt_line(self._target.name, self._target.account, result, at)
        if self._target.ledger == "git":
            self._console.record(line)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, _FLAGS, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
            finally:
                os.close(handle)
        except OSError as error:
            self._console.say(f"warning: cannot spool to {self._path}: {error.strerror or error}")

    def end(self, receipt: Receipt) -> None:
        """Drop the spool once the ledger has it all; else say how to give it to the ledger."""
        if all(result.recorded for result in receipt.results):
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        elif self._path.exists():
            where = ("--dir", str(self._directory), "--target", self._target.name)
            command = ["sendspec", "resolve", "--from-log", str(self._path), *where]
            self._console.say(
                f"  hint: what the ledger could not take is in {self._path}; once it can be written again: "
                f"{shlex.join(command)}"
            )
