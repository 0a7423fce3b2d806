"""The located tree: what a YAML document says and where, before anything is made of it.

Scalars are still text here; `convert` decides what they are once it knows what the schema wants.
Lines and columns count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sendspec.model import Location, Locations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import NodePath


Position = tuple[int, int]
"""Line and column."""


class Scalar(NamedTuple):
    """One value as written; `plain` where no quotes or block style say that it is text."""

    at: Position
    text: str
    plain: bool


class Sequence(NamedTuple):
    """A list."""

    at: Position
    items: list[Node]


class Mapped(NamedTuple):
    """A mapping: its values, and the positions of its keys."""

    at: Position
    values: dict[str, Node]
    keys: dict[str, Position]


Node = Scalar | Sequence | Mapped


@dataclass(frozen=True, slots=True)
class _Located(Mapping[tuple[str | int, ...], Location]):
    """The places below a node, found by walking when one is asked for: most never are.

    `of_keys` gives the places of the keys that name the values, not of the values.
    """

    root: Node = field(repr=False)
    file: str
    of_keys: bool

    def __getitem__(self, path: NodePath) -> Location:
        parent = self._walk(path[:-1])
        if not path:
            at = parent.at
        elif self.of_keys:
            at = parent.keys[str(path[-1])] if isinstance(parent, Mapped) else self._walk(path).at
        else:
            at = self._walk(path).at
        return Location(self.file, *at)

    def _walk(self, path: NodePath) -> Node:
        node = self.root
        for step in path:
            if isinstance(node, Mapped) and isinstance(step, str):
                node = node.values[step]
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
            else:
                raise KeyError(path)
        return node

    def __iter__(self) -> Iterator[NodePath]:
        waiting: list[tuple[NodePath, Node]] = [((), self.root)]
        while waiting:
            path, node = waiting.pop()
            yield path
            if isinstance(node, Mapped):
                waiting += [((*path, key), value) for key, value in node.values.items()]
            elif isinstance(node, Sequence):
                waiting += [((*path, index), value) for index, value in enumerate(node.items)]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True  # there is always a root, and counting takes a walk


def locations(root: Node, file: str) -> Locations:
    """Give the places of everything below `root`, which is in the file that a person calls `file`."""
    return Locations(
        Location(file, *root.at),
        by_path=_Located(root, file, of_keys=False),
        keys=_Located(root, file, of_keys=True),
    )
