"""The ledger on a branch of the project's own remote: the same two files, one folder a target.

Every append is one commit, pushed as compare-and-swap on the tip that was read. Of two runs that
want the same request one wins; the other re-reads and decides again. A push whose end is unclear is
settled by looking whether its commit is in the branch.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerError, LedgerRaced
from sendspec.ledger import codec
from sendspec.ledger.damage import missing
from sendspec.ledger.entries import Fixed, Intent, Settled, fold
from sendspec.ledger.journal import encode_line
from sendspec.ledger.repository import GitFailed, PushRefused, Repository
from sendspec.model import LedgerState, RequestState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.entries import Entry

_PAUSES: Final = (0.0, 1.0, 4.0)
"""Seconds before each try of a push whose end is unclear."""

_PUSHES: Final = 20
"""Compare-and-swaps tried for one append before giving up; each lost one means that another run won."""


class GitLedger:
    """One target's folder on the branch `sendspec-state`; `directory` lies in the clone."""

    def __init__(
        self,
        directory: Path,
        target: str,
        account: str,
        *,
        repository: Repository | None = None,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        self.pauses = pauses
        self.repository = repository or Repository(directory)
        self.empty = LedgerState(target=target, account=account)
        self.lockfile = f"sendspec.{target}.lock"
        self.journal = f"sendspec.{target}.journal"

    def read(self) -> LedgerState:
        """Read the branch fresh from the remote; see `Ledger.read`."""
        ref = _private_ref()
        try:
            return self.read_at(self.tip(ref))[0]
        finally:
            self.repository.forget(ref)

    def open(self) -> GitSession:
        """Begin a session on the tip as it is now; the first push decides about it."""
        return GitSession(self)

    def create(self) -> bool:
        """Begin this target's folder, and the branch if the remote has none; tell whether it was begun.

        Raises:
            LedgerError: the remote cannot be read or written.
        """
        ref = _private_ref()
        try:
            tip = self.repository.fetch_tip(ref)
            files = {} if tip is None else self.repository.files(tip, self.empty.target)
            if self.lockfile in files:
                return False
            files[self.lockfile] = codec.lockfile_bytes(self.empty)
            message = f"Begin the ledger of {self.empty.target}\n"
            self.repository.push(self.repository.commit(tip, self.empty.target, files, message), tip)
        finally:
            self.repository.forget(ref)
        return True

    def tip(self, ref: str) -> str:
        """Fetch the tip; raises LedgerMissing where the remote has no such branch."""
        tip = self.repository.fetch_tip(ref)
        if tip is None:
            raise missing(
                f"the remote '{self.repository.remote}' has no branch sendspec-state", self.empty.target
            )
        return tip

    def read_at(self, tip: str) -> tuple[LedgerState, dict[str, bytes]]:
        """Give the state at a commit, and its two files as far as they are sound."""
        target = self.empty.target
        files = self.repository.files(tip, target)
        if self.lockfile not in files:
            raise missing(f"sendspec-state:{target}/{self.lockfile}", target)
        shown = (f"sendspec-state:{target}/{self.lockfile}", f"sendspec-state:{target}/{self.journal}")
        journal = files.get(self.journal)
        state, sound = codec.combined(files.get(self.lockfile), journal, shown, self.empty)
        return state, files if journal is None else {**files, self.journal: journal[:sound]}


class GitSession:
    """One run's view of a `GitLedger`; see `LedgerSession`.

    It is not exclusive: the compare-and-swap of every push is, request by request.
    """

    def __init__(self, ledger: GitLedger) -> None:
        self._ledger = ledger
        self._run = uuid.uuid4().hex
        self._ref = f"refs/sendspec/{self._run}"
        self._tip = ledger.tip(self._ref)
        self.state, self._files = ledger.read_at(self._tip)
        self._known = self.state
        self._expected = self.state
        self._refusal = ""

    def append(self, entries: Sequence[Entry]) -> None:
        """Push `entries` as one commit; see `LedgerSession.append`.

        Raises:
            LedgerRaced: another run wrote about one of these requests first; outcomes among `entries`
                were recorded, but for those that it made doubtful, intents were not.
            LedgerError: as for `LedgerSession.append`.
        """
        entries = [replace(e, run=self._run) if isinstance(e, Intent) else e for e in entries]
        left = list(entries)
        for _ in range(_PUSHES):
            left = self._undisputed(left)
            if not left or self._push(left):
                break
        else:
            raise LedgerError(
                f"the branch sendspec-state refused {_PUSHES} pushes: {self._refusal}",
                hint="let other runs end, see that nothing protects the branch from this one, then run the "
                "same command again",
            )
        self._expected = fold(self._expected, left)
        if len(left) < len(entries):
            raise LedgerRaced(
                "another run wrote first about a request of this one",
                hint="run it again",
                left_out=[entry for entry in entries if entry not in left],
            )

    def _undisputed(self, entries: Sequence[Entry]) -> list[Entry]:
        """Give the entries that are still true after what other runs wrote.

        They are held against what this run planned on, not against what it read last: an append that
        had nothing to do with what another run wrote has read that too, and let it pass. A later run
        that takes this one for gone may repeat its job, and so be the one whose request was accepted:
        that this run's was not says nothing about it any more.
        """
        known, expected = self._known, self._expected
        left = [
            entry
            for entry in entries
            if not (isinstance(entry, Settled) and entry.state is RequestState.NOT_SENT)
            or known.request(entry.key) == expected.request(entry.key)
        ]
        if _conflict(left, known, expected):
            left = [entry for entry in left if not isinstance(entry, Fixed | Intent)]
        return left

    def _push(self, entries: Sequence[Entry]) -> bool:
        """Push once; on False nothing was pushed and the tip was read again."""
        ledger = self._ledger
        line = encode_line(codec.journal_value(ledger.empty, entries))
        files = {**self._files, ledger.journal: self._files.get(ledger.journal, b"") + line}
        commit = self._commit(files, f"Record {len(entries)} entries for {self._folder}")
        arrived = self._swap(commit)
        if self._tip == commit:
            self._files = files
            self._known = fold(self._known, entries)
        else:
            self._known, self._files = ledger.read_at(self._tip)
        return arrived

    def _commit(self, files: Mapping[str, bytes], subject: str) -> str:
        # Without the run's name, two runs that want the same request in the same second would make
        # the very same commit, and both pushes of it would succeed.
        message = f"{subject}\n\nRun: {self._run}\n"
        return self._ledger.repository.commit(self._tip, self._folder, files, message)

    def _swap(self, commit: str) -> bool:
        """Move the branch to `commit` if it still is where it was read; tell whether it holds it now.

        A push whose end is unclear may have arrived all the same, and so may an earlier try of one
        that is refused: only whether the commit is in the remote's branch can tell.
        """
        repository = self._ledger.repository
        unclear: GitFailed | None = None
        for pause in self._ledger.pauses:
            if pause:
                time.sleep(pause)
            try:
                repository.push(commit, self._tip)
            except PushRefused as refusal:
                self._refusal = str(refusal)
            except GitFailed as error:
                unclear = error
                if not self._is_there(commit):
                    continue
            else:
                self._tip = commit
                return True
            self._tip = self._ledger.tip(self._ref)
            return repository.contains(self._tip, commit)
        assert unclear is not None  # noqa: S101 - every other end has returned
        raise unclear

    def _is_there(self, commit: str) -> bool:
        try:
            return self._ledger.repository.contains(self._ledger.tip(self._ref), commit)
        except GitFailed:
            return False

    @property
    def _folder(self) -> str:
        return self._ledger.empty.target

    def _fold(self) -> None:
        state, before = self._ledger.read_at(self._tip)
        if self._ledger.journal not in before:
            return
        files = {self._ledger.lockfile: codec.lockfile_bytes(state)}
        # Only tidying: whatever keeps it from happening, the next run does it.
        with suppress(GitFailed):
            self._swap(self._commit(files, f"Fold the journal of {self._folder}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._fold()
        finally:
            self._ledger.repository.forget(self._ref)


def _conflict(entries: Sequence[Entry], now: LedgerState, before: LedgerState) -> bool:
    """Whether another run wrote about a request that `entries` are about to begin, or about its send."""
    keys = [entry.key for entry in entries if isinstance(entry, Intent)]
    begun = [(e.address, e.record.revision) for e in entries if isinstance(e, Fixed)]
    moved = any(now.request(key) != before.request(key) for key in keys)
    return moved or any(
        _revisions(now, address) != _revisions(before, address)
        for address in {key.address for key in keys} | {address for address, _ in begun}
    )


def _revisions(state: LedgerState, address: str) -> tuple[tuple[int, str], ...]:
    record = state.sends.get(address)
    return tuple((r.revision, r.payload_digest) for r in record.revisions) if record else ()


def _private_ref() -> str:
    return f"refs/sendspec/{uuid.uuid4().hex}"
