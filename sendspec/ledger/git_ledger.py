"""The ledger on a branch of the project's remote: a lockfile and a journal in one folder per target.

Every append is one commit, pushed with compare-and-swap on the fetched tip. If two runs start the same
request, one push wins, and the other run reads the branch again and decides again. After a push with an
unclear result, the run checks whether the branch contains its commit.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerError
from sendspec.ledger import codec
from sendspec.ledger.branch_identity import IDENTITY_FILE, Identity, decode_identity, encode_identity
from sendspec.ledger.corruption import missing_ledger
from sendspec.ledger.file_damage import adopt_command, merge_command
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_session import REJECTED, GitSession
from sendspec.ledger.intent_sightings import IntentSightings
from sendspec.ledger.interface import new_run_name
from sendspec.ledger.merge import Version, merge_versions
from sendspec.ledger.merge_inputs import Content, merge_content
from sendspec.ledger.rewind_guard import RewindGuard
from sendspec.model import LedgerState
from sendspec.protocol_limits import PUSH_PAUSES_SECONDS
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from sendspec.errors import LedgerMissing
    from sendspec.ledger.merge import MergeResult
    from sendspec.model import Target


class GitLedger:
    """The folder of one target on the branch `sendspec-state`; `directory` is inside the clone."""

    location: Final = "on the branch sendspec-state"
    is_shared: Final = True

    def __init__(  # noqa: PLR0913 - the settings of a target, and the clone
        self,
        directory: Path,
        target: str,
        account: str,
        *,
        clone: GitClone | None = None,
        since: str | None = None,
        pauses: Sequence[float] = PUSH_PAUSES_SECONDS,
        remembers: bool = True,
    ) -> None:
        """Use the clone of `directory`; with `remembers`, it stores when it first saw each intent."""
        self.clone = clone or GitClone(directory)
        self.new_run_name: Callable[[], str] = new_run_name
        self._since = since
        self.empty = LedgerState(target=target, account=account)
        self.lockfile = f"sendspec.{target}.lock"
        self.journal = f"sendspec.{target}.journal"
        self.pauses = pauses
        self._sightings = IntentSightings(self.clone.private_directory, target) if remembers else None
        self.names = codec.FileNames(
            f"sendspec-state:{target}/{self.lockfile}",
            f"sendspec-state:{target}/{self.journal}",
            merge_command(directory, target),
            "find the commit that changed it with `git log`, and undo it with a new commit",
        )

    @classmethod
    def for_target(cls, directory: Path, target: Target, _campaigns: Collection[str] | None = None) -> Self:
        """Return the ledger of a target; a branch needs no memory of this machine."""
        clone = GitClone(directory, target.ledger_remote)
        return cls(directory, target.name, target.account, clone=clone, since=target.ledger_from)

    def read(self) -> LedgerState:
        """Fetch the branch and return its state; see `Ledger.read`."""
        with self._guard() as branch:
            return self.mark_sightings(self.read_commit(self.fetch_first_tip(branch))[0])

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
            identity = None if tip is None else self._check_identity(tip)
            files = {} if tip is None else self.clone.read_files(tip, self.empty.target)
            if self.lockfile in files:
                return False
            state = self.empty
            if initial is not None:
                state = replace(state, sends=initial.sends, moved=initial.moved)
            files[self.lockfile] = codec.lockfile_bytes(state)
            message = f"Create the ledger of {self.empty.target}\n"
            root = self._new_identity_file() if identity is None else {}
            commit = self.clone.commit(tip, self.empty.target, files, message, root_files=root)
            if not branch.compare_and_swap(commit):
                raise LedgerError(
                    f"cannot create the ledger on the branch sendspec-state: {branch.rejection}",
                    hint=REJECTED,
                )
        return True

    def merge(
        self, copies: Sequence[Path], *, accept_edits: bool, versions: Sequence[Version] = ()
    ) -> MergeResult:
        """Merge both sides of a conflict in the folder, and copies; see `Ledger.merge`.

        If the branch was moved back, the records that this clone has read before are added again.
        """
        with self._guard() as branch:
            tip, lost = branch.fetch_both()
            if tip is not None:
                self._check_identity(tip)
            if lost is not None:
                tip = self._join(branch, tip, lost)
                if self.lockfile in self.clone.read_files(lost, self.empty.target):
                    versions = (*versions, Version(f"commit {lost}", self.read_commit(lost)[0]))
            if tip is None:
                raise self._missing_branch()
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
                        hint=REJECTED,
                    )
            return replace(result, written=result.written or lost is not None)

    def fetch_first_tip(self, branch: RewindGuard) -> str:
        """Return the tip at the first fetch; raise LedgerMissing if the remote does not have the branch."""
        tip = branch.fetch_tip()
        if tip is None:
            raise self._missing_branch()
        self._check_identity(tip)
        if self._since is not None and not self.clone.contains(tip, self._since):
            raise LedgerError(
                f"the branch sendspec-state at {tip} does not contain commit {self._since}, which `from` of "
                f"target '{self.empty.target}' requires",
                hint="stop all runs and find out who moved the branch back; change `from` only if that was "
                "intended",
            )
        return tip

    def adopt(self) -> bool:
        """Record the remote of this clone as the repository of the branch; return whether that is new.

        Raises:
            LedgerMissing: the remote does not have the branch.
            LedgerError: the remote cannot be read or written.
        """
        with self._guard() as branch:
            tip = branch.fetch_tip()
            if tip is None:
                raise self._missing_branch()
            content = self.clone.read_root_file(tip, IDENTITY_FILE)
            here = self.clone.normalized_url()
            if content is not None and decode_identity(content).remote == here:
                return False
            files = self.clone.read_files(tip, self.empty.target)
            message = f"Adopt the ledger for {here}\n\nRun: {branch.run}\n"
            root = self._new_identity_file()
            commit = self.clone.commit(tip, self.empty.target, files, message, root_files=root)
            if not branch.compare_and_swap(commit):
                raise self._rejected(branch)
            return True

    def _missing_branch(self) -> LedgerMissing:
        return missing_ledger(
            f"the remote '{self.clone.remote}' does not have the branch sendspec-state", self.empty.target
        )

    def _new_identity_file(self) -> dict[str, bytes]:
        identity = Identity(uuid.uuid4().hex, self.clone.normalized_url())
        return {IDENTITY_FILE: encode_identity(identity)}

    def _check_identity(self, tip: str) -> Identity | None:
        """Return the identity of the branch, None for a branch of the first versions.

        Raises:
            LedgerError: the branch belongs to another repository than the remote of this clone.
        """
        content = self.clone.read_root_file(tip, IDENTITY_FILE)
        if content is None:
            return None
        identity, here = decode_identity(content), self.clone.normalized_url()
        if identity.remote != here and not self.clone.accepts(identity.id):
            raise LedgerError(
                f"the branch sendspec-state is the ledger of {identity.remote}, but the remote "
                f"'{self.clone.remote}' is {here}",
                hint=f"if both are one repository, run `git config sendspec.ledger {identity.id}`; if the "
                f"ledger has moved, run `{adopt_command(self.clone.directory, self.empty.target)}`",
            )
        return identity

    def _rejected(self, branch: RewindGuard) -> LedgerError:
        return LedgerError(
            f"cannot write the ledger on the branch sendspec-state: {branch.rejection}", hint=REJECTED
        )

    def read_commit(self, tip: str) -> tuple[LedgerState, dict[str, bytes]]:
        """Return the state at a commit, and the valid part of each of its files by name."""
        files = self.clone.read_files(tip, self.empty.target)
        if self.lockfile not in files:
            raise missing_ledger(self.names.lockfile, self.empty.target)
        journal = files.get(self.journal)
        state, valid = codec.decode_ledger(files[self.lockfile], journal, self.names, self.empty)
        return state, files if journal is None else {**files, self.journal: journal[:valid]}

    def mark_sightings(self, state: LedgerState) -> LedgerState:
        """Return the state with the time at which this clone first saw each open intent."""
        return state if self._sightings is None else self._sightings.mark(state)

    def _guard(self) -> RewindGuard:
        return RewindGuard(self.clone, self.pauses, self.names.merge, self.new_run_name())

    def _join(self, branch: RewindGuard, tip: str | None, lost: str) -> str:
        """Add the records of a lost commit to the branch, for every target; return the new tip.

        The lost commit becomes a parent, so each clone that has read it accepts the branch again.
        """
        joined = lost
        if tip is not None:
            for folder in self.clone.list_folders(lost):
                files = self._joined_files(tip, lost, folder)
                tip = self.clone.commit(tip, folder, files, f"Add the records of {folder} at {lost}\n")
            joined = self.clone.join(tip, lost, f"Join the lost commit {lost}\n\nRun: {branch.run}\n")
        if not branch.compare_and_swap(joined):
            raise self._rejected(branch)
        return joined

    def _joined_files(self, tip: str, lost: str, folder: str) -> dict[str, bytes]:
        ledger = GitLedger(self.clone.directory, folder, "", clone=self.clone)
        files = self.clone.read_files(lost, folder)
        if ledger.lockfile not in files:
            return {**files, **self.clone.read_files(tip, folder)}
        ledger.empty = LedgerState(*codec.lockfile_owner(files[ledger.lockfile], ledger.names))
        versions = [Version(f"commit {lost}", ledger.read_commit(lost)[0])]
        if ledger.lockfile in self.clone.read_files(tip, folder):
            versions.append(Version(f"commit {tip}", ledger.read_commit(tip)[0]))
        return {ledger.lockfile: codec.lockfile_bytes(merge_versions(versions))}
