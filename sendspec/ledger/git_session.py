"""A run that writes to the ledger on a branch: each append is one commit, pushed with compare-and-swap."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerConflict, LedgerError
from sendspec.ledger import codec
from sendspec.ledger.git_process import GitFailed
from sendspec.ledger.journal import encode_line
from sendspec.ledger.journal_entries import OrphanEntry, fold, with_run
from sendspec.ledger.write_conflicts import double_acceptances, lost_requests, valid_entries
from sendspec.protocol_limits import PUSH_SECONDS_MAX, PUSHES_MAX
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from sendspec.ledger.git_ledger import GitLedger
    from sendspec.ledger.journal_entries import Entry
    from sendspec.ledger.rewind_guard import RewindGuard
    from sendspec.model import GroupDigests, LedgerState, RequestKey

REJECTED: Final = (
    "wait for other runs, and run the same command again; check that no protection rule covers the "
    "branch, and that `git remote -v` has one repository for fetch and push"
)


class GitSession:
    """A session of a `GitLedger`; see `LedgerSession`.

    The session has no lock: the compare-and-swap of every push excludes other runs, request by request.
    """

    def __init__(self, ledger: GitLedger, branch: RewindGuard) -> None:
        self.run = branch.run
        self.double_acceptances: tuple[RequestKey, ...] = ()
        self._groups: GroupDigests | None = None
        self._ledger = ledger
        self._branch = branch
        self.state, self._files = ledger.read_commit(ledger.fetch_first_tip(branch))
        self._known = self.state
        """The state of the branch at the tip."""
        self._planned = self.state
        """The state that this run planned with, and its own entries; other runs do not change it."""
        self.state = ledger.mark_sightings(self.state)

    def append(self, entries: Sequence[Entry]) -> None:
        """Push `entries` as one commit; see `LedgerSession.append`.

        Raises:
            LedgerConflict: another run wrote first about one of these requests. No intent was recorded,
                and every outcome was, unless the other run made it doubtful.
            LedgerError: as for `LedgerSession.append`.
        """
        entries = with_run(entries, self.run)
        with self._ledger.clone.within(PUSH_SECONDS_MAX - sum(self._ledger.pauses)):
            valid = self._push_valid(entries)
        self._planned = fold(self._planned, valid)
        if len(valid) < len(entries):
            raise LedgerConflict(
                "another run wrote first about a request of this run",
                hint="run the same command again",
                left_out=[entry for entry in entries if entry not in valid],
            )

    def _push_valid(self, entries: Sequence[Entry]) -> list[Entry]:
        """Push and return the entries that are still true after what other runs wrote."""
        valid = list(entries)
        for _ in range(PUSHES_MAX):
            # The comparison uses what was planned, not what was read last: an earlier append about
            # other requests may have read, and ignored, what another run wrote about these.
            valid = valid_entries(valid, self._known, self._planned)
            if not valid or self._push(valid):
                return valid
        raise LedgerError(
            f"the branch sendspec-state rejected {PUSHES_MAX} pushes: {self._branch.rejection}",
            hint=REJECTED,
        )

    def _push(self, entries: Sequence[Entry]) -> bool:
        """Push once and return whether the entries arrived; if not, the tip was read again."""
        ledger, branch = self._ledger, self._branch
        state, doubles = self._fold(entries), double_acceptances(self._known, entries)
        line = encode_line(codec.journal_value(ledger.empty, entries))
        files = {**self._files, ledger.journal: self._files.get(ledger.journal, b"") + line}
        commit = self._commit(files, f"Record {len(entries)} entries for {self._folder}")
        arrived = branch.compare_and_swap(commit)
        if branch.tip == commit:
            self._known, self._files = state, files
        else:
            self._read_again()
        if arrived:
            self.double_acceptances += doubles
            branch.remember_tip()
        return arrived

    def _read_again(self) -> None:
        state, files = self._ledger.read_commit(self._tip)
        lost = next(lost_requests(self._known, state), None)
        if lost is not None:
            raise self._edited(f"{lost} changed")
        self._known, self._files = state, files

    def _fold(self, entries: Sequence[Entry]) -> LedgerState:
        """Return the state with `entries`, before they are pushed: an invalid line would block every run."""
        try:
            return fold(self._known, entries)
        except OrphanEntry as error:
            raise self._edited(str(error)) from error

    def _edited(self, change: str) -> LedgerError:
        self._branch.is_broken = True
        return LedgerError(
            f"the branch sendspec-state at {self._tip} no longer contains what this run has read: {change}",
            hint="stop all runs, find the edit with `git log`, and save the lockfile before it; then add it "
            f"with `{self._ledger.names.merge} --with FILE`",
        )

    def _commit(self, files: Mapping[str, bytes], subject: str) -> str:
        # The run's name keeps two runs that start the same request in the same second from writing
        # identical commits, whose pushes would both succeed.
        message = f"{subject}\n\nRun: {self.run}\n"
        return self._ledger.clone.commit(self._tip, self._folder, files, message)

    @property
    def _tip(self) -> str:
        assert self._branch.tip is not None  # noqa: S101 - a session starts on a tip
        return self._branch.tip

    @property
    def _folder(self) -> str:
        return self._ledger.empty.target

    def _fold_journal(self) -> None:
        if self._branch.is_broken:
            return
        state, files = self._ledger.read_commit(self._tip)
        if self._groups is not None:
            state = replace(state, groups=self._groups)
        elif self._ledger.journal not in files:
            return
        folded = {self._ledger.lockfile: codec.lockfile_bytes(state)}
        # A failure is ignored, because the journal stays valid and the next run folds it.
        with suppress(GitFailed):
            self._branch.compare_and_swap(self._commit(folded, f"Fold the journal of {self._folder}"))

    def keep_groups(self, groups: GroupDigests) -> None:
        """Store joint digests with the next fold; see `LedgerSession.keep_groups`."""
        self._groups = groups

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._fold_journal()
        finally:
            self._branch.close()
