"""The ledger on a branch of the project's remote: a lockfile and a journal in one folder per target.

Every append is one commit, pushed with compare-and-swap on the fetched tip. If two runs start the same
request, one push wins, and the other run reads the branch again and decides again. After a push with an
unclear result, the run checks whether the branch contains its commit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerConflict, LedgerError
from sendspec.ledger import codec
from sendspec.ledger.accidents import merge_command
from sendspec.ledger.corruption import missing_ledger
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_process import GitFailed
from sendspec.ledger.journal import encode_line
from sendspec.ledger.journal_entries import OrphanEntry, fold, with_run
from sendspec.ledger.rewind_guard import RewindGuard
from sendspec.ledger.versions import Content, merge_content
from sendspec.ledger.write_conflicts import lost_requests, valid_entries
from sendspec.model import LedgerState
from sendspec.protocol_limits import PUSH_PAUSES_SECONDS, PUSH_SECONDS_MAX, PUSHES_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.journal_entries import Entry
    from sendspec.ledger.merge import MergeResult, Version
    from sendspec.model import Target

_REJECTED: Final = (
    "wait for other runs, and run the same command again; check that no protection rule covers the "
    "branch, and that `git remote -v` has one repository for fetch and push"
)


class GitLedger:
    """The folder of one target on the branch `sendspec-state`; `directory` is inside the clone."""

    location: Final = "on the branch sendspec-state"
    is_shared: Final = True

    def __init__(
        self,
        directory: Path,
        target: str,
        account: str,
        *,
        clone: GitClone | None = None,
        pauses: Sequence[float] = PUSH_PAUSES_SECONDS,
    ) -> None:
        self.clone = clone or GitClone(directory)
        self.empty = LedgerState(target=target, account=account)
        self.lockfile = f"sendspec.{target}.lock"
        self.journal = f"sendspec.{target}.journal"
        self.pauses = pauses
        self.names = codec.FileNames(
            f"sendspec-state:{target}/{self.lockfile}",
            f"sendspec-state:{target}/{self.journal}",
            merge_command(directory, target),
            "find the commit that changed it with `git log`, and undo it with a new commit",
        )

    @classmethod
    def for_target(cls, directory: Path, target: Target) -> Self:
        """Return the ledger of a target."""
        return cls(directory, target.name, target.account)

    def read(self) -> LedgerState:
        """Fetch the branch and return its state; see `Ledger.read`."""
        with self._guard() as branch:
            return self.read_commit(self.fetch_first_tip(branch))[0]

    def open(self) -> GitSession:
        """Start a session on the fetched tip; the first push decides which run wins."""
        branch = self._guard()
        try:
            return GitSession(self, branch)
        except BaseException:
            branch.close()
            raise

    def create(self, initial: LedgerState | None = None) -> bool:
        """Create the folder of this target, and the branch if necessary; see `Ledger.create`.

        Raises:
            LedgerError: the remote cannot be read or written, or lost a branch that this clone has read.
        """
        with self._guard() as branch:
            tip = branch.fetch_tip()
            files = {} if tip is None else self.clone.read_files(tip, self.empty.target)
            if self.lockfile in files:
                return False
            state = self.empty if initial is None else replace(self.empty, sends=initial.sends)
            files[self.lockfile] = codec.lockfile_bytes(state)
            message = f"Create the ledger of {self.empty.target}\n"
            if not branch.compare_and_swap(self.clone.commit(tip, self.empty.target, files, message)):
                raise LedgerError(
                    f"cannot create the ledger on the branch sendspec-state: {branch.rejection}",
                    hint=_REJECTED,
                )
        return True

    def merge(
        self, copies: Sequence[Path], *, accept_edits: bool, versions: Sequence[Version] = ()
    ) -> MergeResult:
        """Merge both sides of a conflict in the folder, and copies; see `Ledger.merge`."""
        with self._guard() as branch:
            tip = self.fetch_first_tip(branch)
            files = self.clone.read_files(tip, self.empty.target)
            content = Content(files.get(self.lockfile), files.get(self.journal))
            if content.lockfile is None:
                raise missing_ledger(self.names.lockfile, self.empty.target)
            result = merge_content(
                content, copies, self.names, self.empty, accept_edits=accept_edits, versions=versions
            )
            if result.written:
                merged = {self.lockfile: codec.lockfile_bytes(replace(result.state, serial=0))}
                message = (
                    f"Merge {len(result.versions)} versions of {self.empty.target}\n\nRun: {branch.run}\n"
                )
                if not branch.compare_and_swap(self.clone.commit(tip, self.empty.target, merged, message)):
                    raise LedgerError(
                        f"cannot write the ledger on the branch sendspec-state: {branch.rejection}",
                        hint=_REJECTED,
                    )
            return result

    def fetch_first_tip(self, branch: RewindGuard) -> str:
        """Return the tip at the first fetch; raise LedgerMissing if the remote does not have the branch."""
        tip = branch.fetch_tip()
        if tip is None:
            raise missing_ledger(
                f"the remote '{self.clone.remote}' does not have the branch sendspec-state", self.empty.target
            )
        return tip

    def read_commit(self, tip: str) -> tuple[LedgerState, dict[str, bytes]]:
        """Return the state at a commit, and the valid part of each of its files by name."""
        files = self.clone.read_files(tip, self.empty.target)
        if self.lockfile not in files:
            raise missing_ledger(self.names.lockfile, self.empty.target)
        journal = files.get(self.journal)
        state, valid = codec.decode_ledger(files[self.lockfile], journal, self.names, self.empty)
        return state, files if journal is None else {**files, self.journal: journal[:valid]}

    def _guard(self) -> RewindGuard:
        return RewindGuard(self.clone, self.pauses)


class GitSession:
    """A session of a `GitLedger`; see `LedgerSession`.

    The session has no lock: the compare-and-swap of every push excludes other runs, request by request.
    """

    def __init__(self, ledger: GitLedger, branch: RewindGuard) -> None:
        self.run = branch.run
        self._ledger = ledger
        self._branch = branch
        self.state, self._files = ledger.read_commit(ledger.fetch_first_tip(branch))
        self._known = self.state
        """The state of the branch at the tip."""
        self._planned = self.state
        """The state that this run planned with, and its own entries; other runs do not change it."""

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
            hint=_REJECTED,
        )

    def _push(self, entries: Sequence[Entry]) -> bool:
        """Push once and return whether the entries arrived; if not, the tip was read again."""
        ledger, branch = self._ledger, self._branch
        state = self._fold(entries)
        line = encode_line(codec.journal_value(ledger.empty, entries))
        files = {**self._files, ledger.journal: self._files.get(ledger.journal, b"") + line}
        commit = self._commit(files, f"Record {len(entries)} entries for {self._folder}")
        arrived = branch.compare_and_swap(commit)
        if branch.tip == commit:
            self._known, self._files = state, files
        else:
            self._read_again()
        if arrived:
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
            hint="stop all runs, find out with `git log` who edited the ledger, and restore its files; then "
            "settle later requests from the logs with `sendspec resolve --from-log`",
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
        if self._ledger.journal not in files:
            return
        folded = {self._ledger.lockfile: codec.lockfile_bytes(state)}
        # A failure is ignored, because the journal stays valid and the next run folds it.
        with suppress(GitFailed):
            self._branch.compare_and_swap(self._commit(folded, f"Fold the journal of {self._folder}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._fold_journal()
        finally:
            self._branch.close()
