"""Other ledgers of the same account: they may have sent what the ledger of a target does not have.

A target gets a second ledger if its `ledger` changes between files and a branch, or if it is renamed. A
run with the new, empty ledger would send everything again.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from sendspec.errors import LedgerError
from sendspec.formatting import pluralize
from sendspec.ledger import codec
from sendspec.ledger.file_damage import FileNames, merge_command
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_process import GitFailed
from sendspec.ledger.merge import Version, requests_of
from sendspec.ledger.merge_inputs import read_copy
from sendspec.ledger.other_projects import other_targets
from sendspec.ledger.rewind_guard import RewindGuard
from sendspec.model import LedgerState, RequestState
from sendspec.protocol_limits import PUSH_PAUSES_SECONDS
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from sendspec.ledger.interface import Ledger
    from sendspec.model import Project, RequestKey, RequestRecord, Target

_PREFIX, _SUFFIX = "sendspec.", ".lock"


class OtherLedger(NamedTuple):
    """Another ledger of the same account, and the name of the target that it belongs to."""

    target: str
    version: Version
    project: str | None = None
    """The sendspec.yaml of another project directory that has the target."""


def local_ledgers(project: Project, target: Target, *, is_shared: bool) -> Iterator[OtherLedger]:
    """Yield the other ledgers that this machine has, without access to the network.

    These are the other form of the target's own ledger, and ledgers of targets that sendspec.yaml no
    longer has. `is_shared` is the form of the target's own ledger.

    Raises:
        LedgerError: one of them is damaged, so that its requests are not known.
    """
    yield from _lockfiles(project.directory, target, project.targets, is_shared=is_shared)
    if not is_shared and target.is_real:
        clone = GitClone(project.directory, target.ledger_remote)
        for tip in _local_tips(clone):
            yield from _folders(clone, tip, target, project.targets, is_shared=is_shared)


def fetched_ledgers(project: Project, target: Target, *, is_shared: bool) -> list[OtherLedger]:
    """Return the other ledgers on the branch of the remote, after a fetch.

    Raises:
        LedgerError: the remote cannot be read, or a ledger is damaged.
    """
    clone = GitClone(project.directory, target.ledger_remote)
    if not is_shared and not _has_remote(clone):
        return []
    with RewindGuard(clone, PUSH_PAUSES_SECONDS) as branch:
        tip = branch.fetch_tip()
        folders = [] if tip is None else _folders(clone, tip, target, project.targets, is_shared=is_shared)
        return list(folders)


def refuse_unknown_requests(project: Project, target: Target, ledger: Ledger, state: LedgerState) -> None:
    """Check that no other ledger of this machine has a request that the ledger of the target lacks.

    Raises:
        LedgerError: another ledger has such a request, or is damaged.
    """
    for other, version, elsewhere in local_ledgers(project, target, is_shared=ledger.is_shared):
        missing = missing_requests(version.state, state)
        if not missing or elsewhere is not None:
            continue
        command = shlex.join(
            ("sendspec", "init", "--ledger", str(project.directory), "--target", target.name)
        )
        foreign = "" if other == target.name else "; if they are another organisation's, move the file away"
        raise LedgerError(
            f"the ledger {ledger.location} lacks {pluralize(len(missing), 'request')} of {version.name}, "
            f"such as {missing[0]}",
            hint=f"add them with `{command}`{foreign}",
        )


def missing_requests(other: LedgerState, state: LedgerState) -> tuple[RequestKey, ...]:
    """Return the requests that another ledger may have sent, and that `state` would send again.

    An acceptance under another address is known by its id, because a renamed send has moved.
    """
    ids = {name for _, request in requests_of(state.sends) for name in _ids(request)}
    return tuple(
        key
        for key, request in requests_of(other.sends)
        if _would_be_sent_again(request, state.request(key)) and not ids.intersection(_ids(request))
    )


def _would_be_sent_again(request: RequestRecord, known: RequestRecord | None) -> bool:
    if known is None:
        return request.state is not RequestState.NOT_SENT
    # A person may have resolved here what is still open there.
    return known.state is RequestState.NOT_SENT and request.state is RequestState.SENT


def _ids(request: RequestRecord) -> set[str]:
    return {name for name in (request.vendor_id, *request.also_accepted) if name is not None}


def _lockfiles(
    directory: Path, target: Target, targets: Container[str], *, is_shared: bool
) -> Iterator[OtherLedger]:
    merge = merge_command(directory, target.name)
    for path in _list_lockfiles(directory):
        name = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        if name in targets if name != target.name else not is_shared:
            continue
        names = FileNames(str(path), str(path.with_suffix(".journal")), merge)
        if _account(path, names) == target.account:
            yield OtherLedger(name, read_copy(path, LedgerState(target.name, target.account), merge))


def _list_lockfiles(directory: Path) -> list[Path]:
    try:
        return sorted(directory.glob(f"{_PREFIX}*{_SUFFIX}"))
    except OSError as error:
        raise LedgerError(
            f"{directory}: cannot list this directory: {error.strerror or error}",
            hint="make it readable, or repair the disk",
        ) from error


def _account(path: Path, names: FileNames) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LedgerError(
            f"{path}:1: cannot read this file: {error.strerror or error}",
            hint="make it a readable, regular file again, or remove it if it is not a lockfile",
        ) from error
    return codec.lockfile_owner(content, names)[1]


def _local_tips(clone: GitClone) -> tuple[str, ...]:
    try:
        return clone.local_tips()
    except LedgerError:  # The project is not in a usable clone, so this machine has no branch.
        return ()


def _has_remote(clone: GitClone) -> bool:
    try:
        return clone.remote_url() is not None
    except LedgerError:
        return False


def _folders(
    clone: GitClone, tip: str, target: Target, targets: Container[str], *, is_shared: bool
) -> Iterator[OtherLedger]:
    elsewhere: dict[str, str] | None = None
    for folder in clone.list_folders(tip):
        if folder in targets if folder != target.name else is_shared:
            continue
        ledger = GitLedger(clone.directory, folder, target.account, clone=clone)
        try:
            lockfile = clone.read_files(tip, folder).get(ledger.lockfile)
        except GitFailed:  # A partial clone is offline.
            continue
        if lockfile is None or codec.lockfile_owner(lockfile, ledger.names)[1] != target.account:
            continue
        state = replace(ledger.read_commit(tip)[0], target=target.name)
        place = f"the folder {folder} of the branch sendspec-state"
        if elsewhere is None:
            elsewhere = {
                other.name: other.file
                for other in other_targets(clone.directory)
                if other.remote == clone.remote
            }
        is_own = folder == target.name
        yield OtherLedger(folder, Version(place, state), None if is_own else elsewhere.get(folder))
