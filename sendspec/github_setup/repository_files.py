"""What `init --github` changes in a repository: callers, settings page, and lines of other files."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sendspec.github_setup.callers import (
    CALLERS,
    caller_path,
    caller_text,
    is_called_for,
    read_caller,
    uses_of,
)
from sendspec.github_setup.checksums import is_unedited
from sendspec.github_setup.settings_page import SETTINGS_PATH, settings_page
from sendspec.github_setup.shared_files import (
    DEPENDABOT_PATHS,
    OWNERS_PATHS,
    dependabot_text,
    has_actions_updates,
    ignore_lines,
    owner_lines,
    with_ignore_lines,
    with_owner_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.github_setup.called_workflows import Call, Pin

    Read = Callable[[str], str | None]


class ChangeKind(StrEnum):
    """What happens to one file."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EDITED = "edited"
    """A person edited it and it differs from what is needed, so sendspec leaves it as it is."""


class Missing(StrEnum):
    """What an edited caller lacks."""

    TARGET = "target"
    COMMIT = "commit"


class Change(NamedTuple):
    """A file by its path from the root of the repository, and its text after the change."""

    path: str
    kind: ChangeKind
    text: str
    missing: frozenset[Missing] = frozenset()


def repository_changes(read: Read, pin: Pin, branch: str, call: Call | None) -> tuple[Change, ...]:
    """Return the files that a call needs, None: those that the existing calls need, with no further job.

    `read` returns the text of a path, None if it does not exist.
    """
    return tuple(_changes(read, pin, branch, () if call is None else (call,)))


def _changes(read: Read, pin: Pin, branch: str, added: tuple[Call, ...]) -> Iterator[Change]:
    for name in CALLERS:
        existing = read(caller_path(name))
        calls = tuple(call for call in added if is_called_for(name, call.target))
        if existing is not None or calls:
            yield _caller_change(name, existing, pin, branch, calls)
    known = known_calls(read)
    page = settings_page(pin, branch, _unique(*known, *added))
    yield _generated(SETTINGS_PATH, read(SETTINGS_PATH), page)
    owners = _existing(read, OWNERS_PATHS)
    owned, ignored = read(owners) or "", read(".gitignore") or ""
    for directory in dict.fromkeys(call.directory for call in added or known):
        owned = with_owner_lines(owned, owner_lines(directory, owners))
        ignored = with_ignore_lines(ignored, ignore_lines(directory))
    yield _shared(read, owners, owned)
    yield _shared(read, ".gitignore", ignored)
    yield _dependabot(read)


def _caller_change(name: str, existing: str | None, pin: Pin, branch: str, calls: tuple[Call, ...]) -> Change:
    path = caller_path(name)
    if existing is None:
        return Change(path, ChangeKind.NEW, caller_text(name, pin, branch, calls))
    if is_unedited(existing):
        text = caller_text(name, pin, branch, _unique(*read_caller(existing), *calls))
        return Change(path, ChangeKind.UNCHANGED if text == existing else ChangeKind.UPDATED, text)
    uses = {call: used for call, used in uses_of(existing).items() if used.name == name}
    missing = set[Missing]()
    if not uses.keys() >= {*calls}:
        missing.add(Missing.TARGET)
    if any((used.repository, used.ref) != (pin.repository, pin.commit) for used in uses.values()):
        missing.add(Missing.COMMIT)
    kind = ChangeKind.EDITED if missing else ChangeKind.UNCHANGED
    return Change(path, kind, existing, frozenset(missing))


def known_calls(read: Read) -> tuple[Call, ...]:
    """Return the calls of all callers, each once, in the order of the files."""
    texts = (read(caller_path(name)) for name in CALLERS)
    return _unique(*(call for text in texts if text is not None for call in read_caller(text)))


def _unique(*calls: Call) -> tuple[Call, ...]:
    return tuple(dict.fromkeys(calls))


def _generated(path: str, existing: str | None, text: str) -> Change:
    if existing is None:
        return Change(path, ChangeKind.NEW, text)
    if existing == text:
        return Change(path, ChangeKind.UNCHANGED, text)
    return Change(path, ChangeKind.UPDATED if is_unedited(existing) else ChangeKind.EDITED, text)


def _shared(read: Read, path: str, text: str) -> Change:
    existing = read(path)
    if existing is None:
        return Change(path, ChangeKind.NEW, text)
    return Change(path, ChangeKind.UNCHANGED if text == existing else ChangeKind.UPDATED, text)


def _dependabot(read: Read) -> Change:
    path = _existing(read, DEPENDABOT_PATHS)
    existing = read(path)
    if existing is None:
        return Change(path, ChangeKind.NEW, dependabot_text())
    return Change(
        path, ChangeKind.UNCHANGED if has_actions_updates(existing) else ChangeKind.EDITED, existing
    )


def _existing(read: Read, paths: tuple[str, ...]) -> str:
    """Return the first path that exists, else the first one."""
    return next((path for path in paths if read(path) is not None), paths[0])
