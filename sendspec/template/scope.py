"""Scopes of templates: the visible names, and `loop` inside a for loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes
from msgspec import Struct

from sendspec.template.errors import TemplateError, quote_name
from sendspec.template.values import Undefined, describe_type, lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LOOP_FIELDS: Final[dict[str, Callable[[Loop], Any]]] = {
    "index": lambda loop: loop.position + 1,
    "index0": lambda loop: loop.position,
    "revindex": lambda loop: len(loop.items) - loop.position,
    "revindex0": lambda loop: len(loop.items) - loop.position - 1,
    "first": lambda loop: loop.position == 0,
    "last": lambda loop: loop.position == len(loop.items) - 1,
    "length": lambda loop: len(loop.items),
    "previtem": lambda loop: (
        loop.items[loop.position - 1] if loop.position else Undefined("the first item has no previous item")
    ),
    "nextitem": lambda loop: lookup(loop.items, loop.position + 1),
}


class Loop(Struct, frozen=True, eq=False):
    """The value of `loop`: the items, and the position of the current one from 0.

    Two loops are never equal, because comparing their items would not be charged to the budget.
    """

    position: int
    items: Sequence[Any]


class Scope(Struct, frozen=True):
    """The visible names; a name that is set inside a loop ends with that iteration."""

    names: dict[str, Any]
    outer: Scope | None = None

    def find(self, name: str) -> Any:
        """Return the value of `name`, or Undefined with the known names."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return Undefined(f"{quote_name(name)} is undefined", name, self, "known names")

    def __iter__(self) -> Iterator[str]:
        """Yield every visible name."""
        yield from {*self.names, *(self.outer or ())}


def assign(target: nodes.Node, value: Any, scope: Scope) -> None:
    """Assign a value to a name, or its items to the names of `a, b`."""
    if isinstance(target, nodes.Name):
        scope.names[target.name] = value
        return
    names = [child.name for child in target.iter_child_nodes() if isinstance(child, nodes.Name)]
    parts = value if isinstance(value, (list, tuple)) else None
    if parts is None or len(parts) != len(names):
        given = describe_type(value) if parts is None else f"a list of {len(parts)}"
        raise TemplateError(f"cannot unpack {given} into {len(names)} names", line=target.lineno)
    scope.names.update(zip(names, parts, strict=True))


def loop_field(loop: Loop, name: object) -> Any:
    """Return `loop.name`, or Undefined."""
    read = _LOOP_FIELDS.get(name) if isinstance(name, str) else None
    if read is None:
        return Undefined("'loop' does not have this field", str(name), _LOOP_FIELDS, "known fields")
    return read(loop)
