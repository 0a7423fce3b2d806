"""Located tree: the nodes of a YAML document with their positions.

Scalars are text here, because their types depend on the schema; `yaml_values` converts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import Location, Locations, WrittenText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import NodePath


class Mark(Protocol):
    """A place in the document as the parser counts: its offset, line and column, all from 0."""

    index: int
    line: int
    column: int


class ScalarNode(Struct, frozen=True):
    """One value as written; `plain` means without quotes or block style.

    `end` is the offset in the document after the value, with its quotes.
    """

    start: Mark
    text: str
    plain: bool
    end: int = 0


class SequenceNode(Struct, frozen=True):
    """A list."""

    start: Mark
    items: list[Node]


class MappingNode(Struct, frozen=True):
    """A mapping: its values, and the places of its keys."""

    start: Mark
    values: dict[str, Node]
    keys: dict[str, Mark]


Node = ScalarNode | SequenceNode | MappingNode

_COMMENT: Final = lazy_pattern("[ \t]+#")


def location_of(mark: Mark, file: str) -> Location:
    """Return a place as a location in `file`."""
    return Location(file, mark.line + 1, mark.column + 1)


@dataclass(frozen=True, slots=True)
class _LazyLocations(Mapping[tuple[str | int, ...], Location]):
    """The locations below a node, computed on access because most are never used.

    `of_keys` selects the locations of the keys instead of the values.
    """

    root: Node = field(repr=False)
    file: str
    of_keys: bool

    def __getitem__(self, path: NodePath) -> Location:
        if path and self.of_keys:
            parent = _walk(self.root, path[:-1])
            if isinstance(parent, MappingNode):
                return location_of(parent.keys[str(path[-1])], self.file)
        return location_of(_walk(self.root, path).start, self.file)

    def __iter__(self) -> Iterator[NodePath]:
        return (path for path, _ in _nodes(self.root))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True  # A root always exists, and len() would walk the whole tree.


@dataclass(frozen=True, slots=True)
class _LazyTexts(Mapping[tuple[str | int, ...], WrittenText]):
    """The texts below a node as the document `text` has them, cut out on access."""

    root: Node = field(repr=False)
    file: str
    text: str = field(repr=False)

    def __getitem__(self, path: NodePath) -> WrittenText:
        node = _walk(self.root, path)
        if not isinstance(node, ScalarNode):
            raise KeyError(path)
        return WrittenText(self.text[node.start.index : node.end], location_of(node.start, self.file))

    def __iter__(self) -> Iterator[NodePath]:
        return (path for path, node in _nodes(self.root) if isinstance(node, ScalarNode))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _walk(root: Node, path: NodePath) -> Node:
    node = root
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str):
            node = node.values[step]
        elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            raise KeyError(path)
    return node


def _nodes(root: Node) -> Iterator[tuple[NodePath, Node]]:
    pending: list[tuple[NodePath, Node]] = [((), root)]
    while pending:
        path, node = pending.pop()
        yield path, node
        if isinstance(node, MappingNode):
            pending += [((*path, key), value) for key, value in node.values.items()]
        elif isinstance(node, SequenceNode):
            pending += [((*path, index), value) for index, value in enumerate(node.items)]


def commented_paths(root: Node, text: str, path: NodePath = ()) -> Iterator[NodePath]:
    """Yield the path of each value below `root` that is plain and has a comment on its last line.

    `text` is the document that was parsed.
    """
    if isinstance(root, MappingNode):
        for key, value in root.values.items():
            yield from commented_paths(value, text, (*path, key))
    elif isinstance(root, SequenceNode):
        for index, item in enumerate(root.items):
            yield from commented_paths(item, text, (*path, index))
    elif root.plain and _COMMENT.match(text, root.end):
        yield path


def locations(root: Node, file: str, text: str = "") -> Locations:
    """Return the locations of all nodes below `root`; `file` is the path for messages.

    With `text`, the document that was parsed, they include the locations of parts of its texts.
    """
    return Locations(
        location_of(root.start, file),
        by_path=_LazyLocations(root, file, of_keys=False),
        keys=_LazyLocations(root, file, of_keys=True),
        written=_LazyTexts(root, file, text) if text else {},
    )
