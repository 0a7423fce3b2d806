"""Reports about the spool of a run, and the outcome log lines of a shared ledger."""

from __future__ import annotations

import shlex
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.errors import LedgerError
from sendspec.formatting import first_names, pluralize
from sendspec.outcome_spool import SpoolFile
from sendspec.signing_keys import make_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sendspec.apply import Receipt
    from sendspec.cli._lib.console import Console
    from sendspec.ledger import Ledger
    from sendspec.model import LedgerState, Project, SendRecord, Target
    from sendspec.protocol import Result

_NAMES_MAX: Final = 5


class SpoolReporter:
    """Writes every outcome of a run to its spool, and for a shared ledger to standard error as well.

    Both only repeat the ledger, so their failure never stops a run.
    """

    def __init__(self, project: Project, target: Target, ledger: Ledger, console: Console) -> None:
        self._project = project
        self._target = target
        self._ledger = ledger
        self._console = console
        self._keys = make_keys()
        self._spool = spool_of(project, target, console)
        self._is_writable = True
        self._resolve = resolve_command(project, target, self._spool.path)
        self._runs: set[str] = set()
        self._state: LedgerState | None = None
        self._headers: Mapping[str, SendRecord] = {}
        self._written: set[str] = set()

    def check(self, state: LedgerState) -> None:
        """Keep the state before the run, and warn if a spool has outcomes that it lacks.

        Raises:
            LedgerError: the ledger lost a request that may have been sent, so it could be sent again.
        """
        from sendspec.outcome_log import lost_requests

        self._state = state
        report_recall(self._console, state, self._project)
        lost = lost_requests(self._spool.read_lines(), state, self._runs)
        if lost:
            raise LedgerError(
                f"{self._spool.path} has {pluralize(len(lost), 'request')} that the ledger does not have",
                hint=f"add what the ledger lost with `{self._resolve}`",
            )
        if self._has_unrecorded_outcomes():
            self._console.info(
                f"warning: {self._spool.path} has outcomes of an earlier run that are not in the ledger\n"
                f"  hint: record them with `{self._resolve}`"
            )

    def use_headers(self, headers: Mapping[str, SendRecord]) -> None:
        """Set what the ledger stores of each send of this round, by address."""
        self._headers = headers
        self._written.clear()

    def record(self, run: str, result: Result) -> None:
        """Write the outcome of one request of a run, and before the first of a send the send itself."""
        from sendspec.outcome_log import format_log_line, format_send_line

        self._runs.add(run)
        name, account, address = self._target.name, self._target.account, result.key.address
        if address not in self._written and address in self._headers:
            self._written.add(address)
            header = self._headers[address]
            self._write(lambda key: format_send_line(name, account, address, header, key=key))
        now = datetime.now(UTC)
        self._write(lambda key: format_log_line(name, account, run, result, now, key=key))

    def _write(self, line: Callable[[bytes | None], str]) -> None:
        """Write a line: to the log with the shared key, to the spool with that of this machine."""
        if self._ledger.is_shared:
            self._console.write_log_line(line(self._keys.for_log))
        try:
            self._spool.append(line(self._keys.machine))
        except OSError as error:
            if self._is_writable:
                self._console.info(f"warning: cannot write {self._spool.path}: {error.strerror or error}")
            self._is_writable = False

    def finish(self, receipt: Receipt) -> None:
        """Remove the spool if the ledger has every outcome; otherwise print the command to record it."""
        self._spool.close()
        if not all(result.recorded for result in receipt.results):
            self._console.info(
                f"  hint: {self._spool.path} has the outcomes that the ledger lacks; when the ledger can be "
                f"written again, record them with `{self._resolve}`"
            )
        elif not self._has_unrecorded_outcomes():
            self._spool.remove()

    def _has_unrecorded_outcomes(self) -> bool:
        """Return whether an ended run, or one in parallel, left outcomes that the ledger lacked."""
        from sendspec.outcome_log import has_unrecorded_outcomes

        if self._state is None:
            return False
        return has_unrecorded_outcomes(self._spool.read_lines(), self._state, self._runs)


def spool_of(project: Project, target: Target, console: Console) -> SpoolFile:
    """Return the spool of a target, after the lines of an earlier version were moved there.

    A spool that git tracks came with a commit, so its lines stay where they are and count for nothing.
    """
    from sendspec.ledger.git_process import is_tracked

    spool, earlier = SpoolFile.of(project.directory, target), SpoolFile.in_project(project.directory, target)
    if spool.path == earlier.path or not earlier.path.is_file():
        return spool
    if is_tracked(earlier.path):
        console.info(
            f"warning: sendspec ignores {earlier.path}, because it is committed\n"
            "  hint: remove it from the repository, and find out who added it"
        )
        return spool
    with suppress(OSError):
        for line in earlier.read_lines():
            spool.append(line.rstrip("\n"))
        earlier.remove()
    return spool


def report_recall(console: Console, state: LedgerState, project: Project) -> None:
    """Warn about requests that the ledger lacks and the memory of this machine has."""
    recall = state.recall
    if recall is None:
        return
    names = first_names(recall.requests, _NAMES_MAX)
    cause = (
        "it has another history than this machine has seen"
        if recall.other_history
        else "its files were removed or replaced"
    )
    count = pluralize(len(recall.requests), "request")
    console.info(
        f"warning: the ledger in {project.directory} lacks {count} that this machine started: "
        f"{names}; {cause}\n"
        "  hint: find out what did that; apply records these requests and sends none of them again"
    )


def resolve_command(project: Project, target: Target, path: Path) -> str:
    """Return the command that records a spool in the ledger, quoted for a shell."""
    where = ("--dir", str(project.directory), "--target", target.name)
    return shlex.join(("sendspec", "resolve", "--from-log", str(path), *where))
