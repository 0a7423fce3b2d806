"""Versions of a ledger for a merge: both sides of a conflict, and copies in other files."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sendspec.errors import LedgerError
from sendspec.ledger import codec
from sendspec.ledger.conflict_sides import git_sides
from sendspec.ledger.file_damage import FileNames, has_conflict, split_conflict
from sendspec.ledger.merge import MergeResult, Version, merge_versions
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sendspec.model import LedgerState

_NAMES = ("ours", "theirs")


class Content(NamedTuple):
    """One version of the two files of a ledger."""

    lockfile: bytes | None
    journal: bytes | None


class _OwnVersions(Struct, frozen=True):
    """The versions in the files of a ledger: one, or two after a merge with conflicts."""

    versions: tuple[Version, ...]
    base: LedgerState | None = None
    checked: bool = True
    """Whether the digests of the lockfiles were valid."""


def merge_content(  # noqa: PLR0913 - the parts of a ledger, named
    content: Content,
    copies: Sequence[Path],
    names: FileNames,
    empty: LedgerState,
    *,
    path: Path | None = None,
    accept_edits: bool,
    versions: Sequence[Version] = (),
) -> MergeResult:
    """Return the merge of the versions in the files of a ledger, of copies in files, and of `versions`.

    `path` is the lockfile if it is in a work tree, whose index may have both sides of a conflict.

    Raises:
        LedgerError: a version cannot be read, or two versions contradict each other.
    """
    others = [read_copy(copy, empty, names.merge, accept_edits=accept_edits) for copy in copies]
    others += versions
    try:
        own = _own_versions(content, names, empty, path=path, accept_edits=accept_edits)
    except LedgerError:
        own_or_none = _own_lockfile(content, names, empty, len(others), accept_edits=accept_edits)
        if own_or_none is None:
            raise
        own = own_or_none
        merged = codec.lockfile_bytes(merge_versions((*own.versions, *others)))
        state, _ = codec.decode_ledger(merged, content.journal, names, empty)
        return MergeResult(state, (*own.versions, *others), written=True, checked=own.checked)
    merging = (*own.versions, *others)
    state = merge_versions(merging, own.base if not others else None)
    first = merging[0].state
    differs = (state.sends, state.moved) != (first.sends, first.moved)
    changed = len(own.versions) > 1 or not own.checked or differs
    return MergeResult(state, merging, written=changed, checked=own.checked)


def _own_lockfile(
    content: Content, names: FileNames, empty: LedgerState, copies: int, *, accept_edits: bool
) -> _OwnVersions | None:
    """Return the version of a lockfile without its journal, None if copies cannot complete it.

    The journal may continue one of the copies. Conflict markers without two readable sides count only
    together with two copies.
    """
    if content.lockfile is not None and has_conflict(content.lockfile):
        return _OwnVersions(()) if copies > 1 else None
    if content.journal is None or not copies:
        return None
    state, _ = codec.decode_ledger(content.lockfile, None, names, empty, accept_edits=accept_edits)
    return _OwnVersions((Version("this ledger", state),))


def _own_versions(
    content: Content, names: FileNames, empty: LedgerState, *, path: Path | None, accept_edits: bool
) -> _OwnVersions:
    lockfile, journal = content
    if not any(part is not None and has_conflict(part) for part in content):
        state, _ = codec.decode_ledger(lockfile, journal, names, empty, accept_edits=accept_edits)
        edited = lockfile is not None and codec.is_edited(lockfile, names)
        return _OwnVersions((Version("this ledger", state),), checked=not edited)
    is_lockfile_split = lockfile is not None and has_conflict(lockfile)
    sides = git_sides(path) if path is not None and is_lockfile_split else None
    base = None
    if sides is None:
        lockfiles = _split(lockfile, names.lockfile, names)
    else:
        lockfiles = [sides.ours, sides.theirs]
        if sides.base is not None:
            base = codec.lockfile_state(sides.base, names, empty, accept_edits=True)
    checked = sides is not None or not is_lockfile_split
    journals = _split(journal, names.journal, names)
    contents = [Content(*pair) for pair in zip(lockfiles, journals, strict=True)]
    states = _decode(contents, names, empty, accept_edits=accept_edits or not checked)
    versions = tuple(Version(name, state) for name, state in zip(_NAMES, states, strict=True))
    return _OwnVersions(versions, base, checked)


def _split(content: bytes | None, shown: str, names: FileNames) -> list[bytes | None]:
    if content is None:
        return [None, None]
    sides = split_conflict(content)
    if sides is None:
        raise LedgerError(
            f"{shown}:1: the conflict markers of this file are incomplete",
            hint=f"save both versions from version control, and merge them with `{names.merge} --with FILE`",
        )
    return list(sides)


def _decode(
    contents: Sequence[Content], names: FileNames, empty: LedgerState, *, accept_edits: bool
) -> list[LedgerState]:
    """Return the state of each version.

    A journal without conflict is that of a lost run of this machine. It continues only one of two
    lockfiles, and the entries that the other one lacks arrive with the merge.
    """
    errors: list[LedgerError] = []
    states: list[LedgerState] = []
    for content in contents:
        try:
            state, _ = codec.decode_ledger(*content, names, empty, accept_edits=accept_edits)
        except LedgerError as error:
            errors.append(error)
            state, _ = codec.decode_ledger(content.lockfile, None, names, empty, accept_edits=accept_edits)
        states.append(state)
    if len(errors) == len(contents):
        raise errors[0]
    return states


def read_copy(path: Path, expected: LedgerState, merge: str, *, accept_edits: bool = False) -> Version:
    """Return a copy of a ledger in another file, with the journal beside it.

    The copy may have the name of another target of the same account, as after a renamed target.

    Raises:
        LedgerError: the file cannot be read, is damaged, or belongs to another account.
    """
    names = FileNames(str(path), str(path.with_suffix(".journal")), merge)
    content = Content(_read(path), None)
    if path.suffix == ".lock":
        with suppress(FileNotFoundError):
            content = content._replace(journal=path.with_suffix(".journal").read_bytes())
    assert content.lockfile is not None  # noqa: S101 - `_read` returns bytes
    target, account = codec.lockfile_owner(content.lockfile, names)
    owner = replace(expected, target=target) if account == expected.account else expected
    state, _ = codec.decode_ledger(*content, names, owner, accept_edits=accept_edits)
    return Version(str(path), replace(state, target=expected.target))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LedgerError(
            f"{path}:1: cannot read this file: {reason}",
            hint="name a lockfile that you may read",
        ) from error
