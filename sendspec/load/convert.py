"""Located tree → plain values, with the schema beside it.

Where the schema wants text, an unquoted scalar keeps its text: `PIN: 0123` stays `0123` and
`channelQualifier: 148372` is `"148372"`. Everything else is what the core schema of YAML 1.2 says.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sendspec.load.yaml_scalars import NotJson, resolve
from sendspec.load.yaml_tree import Mapped, Scalar
from sendspec.model import Location, Problem
from sendspec.schema import expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.load.yaml_tree import Node

_LONGEST_SHOWN: Final = 24


class Shape:
    """What a schema says of types at one place and below it, its conditions taken for all true.

    A property of several endpoints has the same types in each, so it need not be known which of the
    `if`s of a schema holds. Shapes of what is below are made when first asked for, and kept.
    """

    def __init__(self, schemas: tuple[Mapping[str, Any], ...]) -> None:
        self._schemas = tuple(_flattened(schemas))
        named = [schema["type"] for schema in self._schemas if "type" in schema]
        self.types = frozenset(
            one for types in named for one in ([types] if isinstance(types, str) else types)
        )
        self.wants_text = "string" in self.types
        self._properties: dict[str, Shape] = {}
        self._others: Shape | None = None
        self._items: Shape | None = None

    def under(self, key: str) -> Shape:
        """Give the shape of the value of a key."""
        shape = self._properties.get(key)
        if shape is None:
            own = tuple(
                schema["properties"][key] for schema in self._schemas if key in schema.get("properties", ())
            )
            if not own:
                return self._other()
            shape = self._properties[key] = Shape(own)
        return shape

    def _other(self) -> Shape:
        if self._others is None:
            others = (schema.get("additionalProperties") for schema in self._schemas)
            self._others = Shape(tuple(other for other in others if isinstance(other, dict)))
        return self._others

    def entries(self) -> Shape:
        """Give the shape of the entries of a list."""
        if self._items is None:
            self._items = Shape(tuple(schema["items"] for schema in self._schemas if "items" in schema))
        return self._items


def _flattened(schemas: tuple[Mapping[str, Any], ...]) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        yield schema
        inner = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
        inner += [schema[key] for key in ("then", "else") if key in schema]
        yield from _flattened(tuple(inner))


@cache
def shape_of(name: str) -> Shape:
    """Give the shape of the schema `name`."""
    return Shape((expanded(name),))


class Converter:
    """Converts the tree of one file, and collects the scalars that cannot be taken as they stand."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file

    def convert(self, node: Node, shape: Shape) -> Any:
        """Give `node` as what JSON can hold."""
        if isinstance(node, Scalar):
            return self._scalar(node, shape) if node.plain else node.text
        if isinstance(node, Mapped):
            return {key: self.convert(value, shape.under(key)) for key, value in node.values.items()}
        items = shape.entries()
        return [self.convert(item, items) for item in node.items]

    def _scalar(self, node: Scalar, shape: Shape) -> Any:
        try:
            value = resolve(node.text)
        except NotJson as error:
            if shape.wants_text:
                return node.text
            self._problem(
                node, f"the number {node.text[:_LONGEST_SHOWN]} {error}", "put quotes around it if it is text"
            )
            return None
        if isinstance(value, str) or value is None or not shape.wants_text:
            # Nothing, or the word null, is never taken for text: `content:` is a mistake to be told.
            return value
        if not _natural(value) & shape.types:
            return node.text
        if not isinstance(value, bool) and "number" in shape.types and str(value) != node.text:
            message = f"{node.text} would come out of a template as {value}"
            self._problem(node, message, f'put quotes around it if it is text: "{node.text}"')
        return value

    def _problem(self, node: Scalar, message: str, hint: str) -> None:
        self.problems.append(Problem(Location(self._file, *node.at), message, hint))


def _natural(value: float | bool) -> frozenset[str]:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        return frozenset({"boolean"})
    return frozenset({"integer", "number"} if isinstance(value, int) else {"number"})
