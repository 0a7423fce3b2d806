"""Trial of changed texts: the project is rendered with them for every target, and compared.

Only the texts of reported sends may differ, and only by plain twins. So a variable that is also in a name
or in a condition stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from sendspec.errors import SpecError
from sendspec.load import load_project
from sendspec.load.project_files import ProjectReader
from sendspec.model import Location, Locations
from sendspec.render import render
from sendspec.text_defects import plain_twins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sendspec.model import NodePath, Project, Send

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DERIVED: Final = frozenset({"payload", "payload_digest", "compact_content", "locations"})
_TEXTS: Final = frozenset({"content", "personalizationDefaults"})


class Replacement(NamedTuple):
    """A text with other characters: `after` replaces `before` from the offset `start` of a file."""

    file: str
    start: int
    before: str
    after: str
    replaced: int


def typographic_offsets(text: str) -> Iterator[int]:
    """Yield the offsets of the characters of a text that have a typographic twin."""
    twins = plain_twins()
    return (at for at, character in enumerate(text) if character in twins and not twins[character].is_letter)


class Trial:
    """Renders a project with some replacements, and compares the sends of all targets."""

    def __init__(
        self,
        project: Project,
        addresses: Collection[str],
        contents: Mapping[str, bytes],
        environ: Mapping[str, str],
    ) -> None:
        self._project = project
        self._addresses = addresses
        self._contents = contents
        self._environ = environ
        self._before = self._sends(project)

    def accepted(self, sure: list[Replacement], others: list[Replacement]) -> list[Replacement]:
        """Return `sure` and those of the other replacements that change nothing else, found by bisection."""
        if not others or self._changes_texts_only([*sure, *others]):
            return [*sure, *others]
        if len(others) == 1:
            return sure
        middle = len(others) // 2
        return self.accepted(self.accepted(sure, others[:middle]), others[middle:])

    def contents_with(self, replacements: Iterable[Replacement]) -> dict[str, bytes]:
        """Return the contents of the files that have replacements."""
        by_file: dict[str, list[Replacement]] = {}
        for replacement in replacements:
            by_file.setdefault(replacement.file, []).append(replacement)
        return {file: _replaced(self._contents[file], changes) for file, changes in by_file.items()}

    def load(self, replacements: Sequence[Replacement]) -> Project:
        """Load the project with the replacements; raise SpecError if a file cannot be read any more."""
        directory = self._project.directory
        files = _ChangedFiles(directory, self.contents_with(replacements))
        return load_project(directory, self._environ, files=files)

    def _changes_texts_only(self, replacements: Sequence[Replacement]) -> bool:
        try:
            after = self._sends(self.load(replacements))
        except SpecError:
            return False
        return after.keys() == self._before.keys() and all(
            _same_sends(self._before[name], after[name], self._addresses) for name in after
        )

    @staticmethod
    def _sends(project: Project) -> dict[str, tuple[Send, ...] | None]:
        """Return the sends by target, None if they cannot be rendered for it."""
        sends: dict[str, tuple[Send, ...] | None] = {}
        for name, target in project.targets.items():
            try:
                sends[name] = render(project, target, require_files=False)
            except SpecError:
                sends[name] = None
        return sends


class _ChangedFiles(ProjectReader):
    """The files of a project directory, some with other contents."""

    def __init__(self, directory: Path, contents: Mapping[str, bytes]) -> None:
        super().__init__(directory)
        self._contents = contents

    def read(self, path: Path, limit: int, **options: str) -> bytes:
        """Return the other content of a file, else that on disk."""
        content = self._contents.get(path.as_posix())
        return super().read(path, limit, **options) if content is None else content


def _replaced(content: bytes, replacements: Iterable[Replacement]) -> bytes:
    text = content.decode("utf-8-sig")
    for each in sorted(replacements, key=lambda each: -each.start):
        text = text[: each.start] + each.after + text[each.start + len(each.before) :]
    mark = _BYTE_ORDER_MARK if content.startswith(_BYTE_ORDER_MARK) else b""
    return mark + text.encode()


def _same_sends(
    before: Sequence[Send] | None, after: Sequence[Send] | None, addresses: Collection[str]
) -> bool:
    """Return whether sends differ at most in the texts of those at the addresses."""
    if before is None or after is None:
        return before is after
    return len(before) == len(after) and all(
        _same_but_for_twins(old, new, may_differ=old.address in addresses)
        for old, new in zip(before, after, strict=True)
    )


def _same_but_for_twins(old: Send, new: Send, *, may_differ: bool) -> bool:
    names = [name for name in old.__struct_fields__ if name not in _DERIVED]
    if any(
        _without_locations(getattr(old, name)) != _without_locations(getattr(new, name)) for name in names
    ):
        return False
    if not may_differ:
        return old.payload == new.payload
    texts, new_texts = dict(_texts(old)), dict(_texts(new))
    rest = [{key: value for key, value in send.payload.items() if key not in _TEXTS} for send in (old, new)]
    return (
        rest[0] == rest[1]
        and texts.keys() == new_texts.keys()
        and all(_may_become(text, new_texts[path]) for path, text in texts.items())
    )


def _texts(send: Send) -> Iterator[tuple[NodePath, str]]:
    yield ("content",), str(send.payload.get("content"))
    for tag, text in send.payload.get("personalizationDefaults", {}).items():
        yield ("personalizationDefaults", tag), str(text)


def _may_become(old: str, new: str) -> bool:
    """Return whether `new` is `old` with twins instead of some typographic characters."""
    if old == new:
        return True
    twins, replaceable = plain_twins(), set(typographic_offsets(old))
    pattern = "".join(
        f"(?:{re.escape(character)}|{re.escape(twins[character].twin)})"
        if at in replaceable
        else re.escape(character)
        for at, character in enumerate(old)
    )
    return re.fullmatch(pattern, new) is not None


def _without_locations(value: Any) -> Any:
    """Return a value without its locations, which differ after a twin of several characters."""
    if isinstance(value, Location | Locations):
        return None
    if isinstance(value, Struct):
        return [_without_locations(getattr(value, name)) for name in value.__struct_fields__]
    if is_dataclass(value) and not isinstance(value, type):
        return [_without_locations(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, list | tuple):
        return [_without_locations(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_locations(item) for key, item in value.items()}
    return value
