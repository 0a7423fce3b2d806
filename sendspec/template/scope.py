"""The names a template sees, and `loop` inside a for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from sendspec.template.values import TemplateError, Undefined, kind, lookup, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LOOP_FIELDS: Final[dict[str, Callable[[Loop], Any]]] = {
    "index": lambda loop: loop.at + 1,
    "index0": lambda loop: loop.at,
    "revindex": lambda loop: len(loop.over) - loop.at,
    "revindex0": lambda loop: len(loop.over) - loop.at - 1,
    "first": lambda loop: loop.at == 0,
    "last": lambda loop: loop.at == len(loop.over) - 1,
    "length": lambda loop: len(loop.over),
    "previtem": lambda loop: loop.over[loop.at - 1] if loop.at else Undefined("there is no previous item"),
    "nextitem": lambda loop: lookup(loop.over, loop.at + 1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """What `loop` is inside a for: where it stands, and what it walks over.

    Two loops are never equal: comparing what they walk over would be work nobody paid for.
    """

    at: int
    over: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a template can see; what is set inside a for stays inside that turn of it."""

    names: dict[str, Any]
    outer: Scope | None = None

    def find(self, name: str) -> Any:
        """Give what `name` stands for, or Undefined with the names there are."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return Undefined(f"{short(name)} is undefined", name, self, "known names")

    def __iter__(self) -> Iterator[str]:
        """Give every name that can be seen from here."""
        yield from {*self.names, *(self.outer or ())}


def assign(target: nodes.Node, value: Any, scope: Scope) -> None:
    """Set the name, or the names of `a, b`, that stand before `=` or `in`."""
    if isinstance(target, nodes.Name):
        scope.names[target.name] = value
        return
    names = [each.name for each in target.iter_child_nodes() if isinstance(each, nodes.Name)]
    parts = value if isinstance(value, (list, tuple)) else None
    if parts is None or len(parts) != len(names):
        given = kind(value) if parts is None else f"a list of {len(parts)}"
        raise TemplateError(f"{given} cannot be shared out to {len(names)} names", line=target.lineno)
    scope.names.update(zip(names, parts, strict=True))


def loop_field(loop: Loop, name: object) -> Any:
    """Give what `loop.name` stands for, or Undefined."""
    read = _LOOP_FIELDS.get(name) if isinstance(name, str) else None
    if read is None:
        return Undefined("there is no such field in a loop", str(name), _LOOP_FIELDS, "it has")
    return read(loop)
