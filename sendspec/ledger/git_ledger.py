"""The ledger on a branch of the project's own remote: the same two files, one folder a target.

Every append is one commit, pushed as compare-and-swap on the tip that was read. Of two runs that
want the same request one wins; the other re-reads and decides again. A push whose end is unclear is
settled by looking whether its commit is in the branch.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerConflict, LedgerError
from sendspec.ledger import codec
from sendspec.ledger.branch_guard import Branch
from sendspec.ledger.corruption import missing
from sendspec.ledger.entries import Fixed, Intent, Settled, Unfoldable, fold, named_after
from sendspec.ledger.git_plumbing import GitClone, GitFailed
from sendspec.ledger.journal import encode_line
from sendspec.limits import PUSH_PAUSES_SECONDS, PUSH_SECONDS_MAX, PUSHES_MAX
from sendspec.model import LedgerState, RequestKey, RequestState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.entries import Entry

_REFUSED: Final = (
    "let other runs end, see that nothing protects the branch from this one and that `git remote -v` names "
    "one repository for fetch and push, then run the same command again"
)


class GitLedger:
    """One target's folder on the branch `sendspec-state`; `directory` lies in the clone."""

    def __init__(
        self,
        directory: Path,
        target: str,
        account: str,
        *,
        repository: GitClone | None = None,
        pauses: Sequence[float] = PUSH_PAUSES_SECONDS,
    ) -> None:
        self.pauses = pauses
        self.repository = repository or GitClone(directory)
        self.empty = LedgerState(target=target, account=account)
        self.lockfile = f"sendspec.{target}.lock"
        self.journal = f"sendspec.{target}.journal"

    def read(self) -> LedgerState:
        """Read the branch fresh from the remote; see `Ledger.read`."""
        with self._follow() as branch:
            return self.read_at(self.begin(branch))[0]

    def open(self) -> GitSession:
        """Begin a session on the tip as it is now; the first push decides about it."""
        branch = self._follow()
        try:
            return GitSession(self, branch)
        except BaseException:
            branch.close()
            raise

    def create(self) -> bool:
        """Begin this target's folder, and the branch if the remote has none; tell whether it was begun.

        Raises:
            LedgerError: the remote cannot be read or written, or had a branch that this clone knows.
        """
        with self._follow() as branch:
            tip = branch.look()
            files = {} if tip is None else self.repository.files(tip, self.empty.target)
            if self.lockfile in files:
                return False
            files[self.lockfile] = codec.lockfile_bytes(self.empty)
            message = f"Begin the ledger of {self.empty.target}\n"
            if not branch.swap(self.repository.commit(tip, self.empty.target, files, message)):
                raise LedgerError(f"the branch sendspec-state was not begun: {branch.refusal}", hint=_REFUSED)
        return True

    def begin(self, branch: Branch) -> str:
        """Look at the branch for the first time; raises LedgerMissing where the remote has none."""
        tip = branch.look()
        if tip is None:
            raise missing(
                f"the remote '{self.repository.remote}' has no branch sendspec-state", self.empty.target
            )
        return tip

    def _follow(self) -> Branch:
        return Branch(self.repository, self.pauses)

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

    def __init__(self, ledger: GitLedger, branch: Branch) -> None:
        self._ledger = ledger
        self._branch = branch
        self.run = branch.run
        self.state, self._files = ledger.read_at(ledger.begin(branch))
        self._known = self.state
        self._expected = self.state

    def append(self, entries: Sequence[Entry]) -> None:
        """Push `entries` as one commit; see `LedgerSession.append`.

        Raises:
            LedgerRaced: another run wrote about one of these requests first; outcomes among `entries`
                were recorded, but for those that it made doubtful, intents were not.
            LedgerError: as for `LedgerSession.append`.
        """
        entries = named_after(entries, self.run)
        with self._ledger.repository.within(PUSH_SECONDS_MAX - sum(self._ledger.pauses)):
            left = self._push_undisputed(entries)
        self._expected = fold(self._expected, left)
        if len(left) < len(entries):
            raise LedgerConflict(
                "another run wrote first about a request of this one",
                hint="run it again",
                left_out=[entry for entry in entries if entry not in left],
            )

    def _push_undisputed(self, entries: Sequence[Entry]) -> list[Entry]:
        """Push the entries that no other run disputes, and return them."""
        left = list(entries)
        for _ in range(PUSHES_MAX):
            left = self._undisputed(left)
            if not left or self._push(left):
                return left
        raise LedgerError(
            f"the branch sendspec-state refused {PUSHES_MAX} pushes: {self._branch.refusal}", hint=_REFUSED
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
        ledger, branch = self._ledger, self._branch
        grown = self._grown(entries)
        line = encode_line(codec.journal_value(ledger.empty, entries))
        files = {**self._files, ledger.journal: self._files.get(ledger.journal, b"") + line}
        commit = self._commit(files, f"Record {len(entries)} entries for {self._folder}")
        arrived = branch.swap(commit)
        if branch.tip == commit:
            self._known, self._files = grown, files
        else:
            self._read_again()
        if arrived:
            branch.remember()
        return arrived

    def _read_again(self) -> None:
        now, files = self._ledger.read_at(self._tip)
        lost = next(_taken_back(self._known, now), None)
        if lost is not None:
            raise self._edited(f"{lost} is not what it was")
        self._known, self._files = now, files

    def _grown(self, entries: Sequence[Entry]) -> LedgerState:
        """Give what the branch will say with `entries`: a line that cannot be folded would be its end."""
        try:
            return fold(self._known, entries)
        except Unfoldable as error:
            raise self._edited(str(error)) from error

    def _edited(self, what: str) -> LedgerError:
        self._branch.lost = True
        return LedgerError(
            f"the branch sendspec-state at {self._tip} says no more what this run knows: {what}",
            hint="stop all runs, find out with `git log` who edited the ledger, put its files back, and "
            "bring in what runs logged since with `sendspec resolve --from-log`",
        )

    def _commit(self, files: Mapping[str, bytes], subject: str) -> str:
        # Without the run's name, two runs that want the same request in the same second would make
        # the very same commit, and both pushes of it would succeed.
        message = f"{subject}\n\nRun: {self.run}\n"
        return self._ledger.repository.commit(self._tip, self._folder, files, message)

    @property
    def _tip(self) -> str:
        assert self._branch.tip is not None  # noqa: S101 - a session begins on a tip
        return self._branch.tip

    @property
    def _folder(self) -> str:
        return self._ledger.empty.target

    def _fold(self) -> None:
        if self._branch.lost:
            return
        state, before = self._ledger.read_at(self._tip)
        if self._ledger.journal not in before:
            return
        files = {self._ledger.lockfile: codec.lockfile_bytes(state)}
        # Only tidying: whatever keeps it from happening, the next run does it.
        with suppress(GitFailed):
            self._branch.swap(self._commit(files, f"Fold the journal of {self._folder}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._fold()
        finally:
            self._branch.close()


def _taken_back(before: LedgerState, now: LedgerState) -> Iterator[RequestKey]:
    """Give the requests that are gone or not sent any more: no run of sendspec does that."""
    for address, latest in before.sends.items():
        for record in latest.revisions:
            for request in record.requests:
                key = RequestKey(address, record.revision, request.batch)
                left = now.request(key)
                sent = request.state is RequestState.SENT
                if left is None or (sent and left.state is not RequestState.SENT):
                    yield key


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
