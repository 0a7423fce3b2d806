"""Conversion of a located tree to JSON values, guided by the schema.

If the schema allows text, an unquoted scalar keeps its text: `PIN: 0123` stays `0123` and
`channelQualifier: 148372` becomes `"148372"`. All other scalars follow the core schema of YAML 1.2.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from sendspec.load.yaml_scalars import UnsupportedNumber, resolve_scalar
from sendspec.load.yaml_tree import MappingNode, ScalarNode, location_of
from sendspec.model import Problem
from sendspec.schema import expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.load.yaml_tree import Node

_VALUE_LENGTH_MAX: Final = 24


class SchemaTypes:
    """The types that a schema allows at one place and below it, as if all its conditions were true.

    A property has the same types at every endpoint, so the conditions do not matter. Children are
    created on first use and cached.
    """

    def __init__(self, schemas: tuple[Mapping[str, Any], ...]) -> None:
        self._schemas = tuple(_flattened(schemas))
        named = [schema["type"] for schema in self._schemas if "type" in schema]
        self.types = frozenset(
            name for types in named for name in ([types] if isinstance(types, str) else types)
        )
        self.allows_text = "string" in self.types
        self._properties: dict[str, SchemaTypes] = {}
        self._others: SchemaTypes | None = None
        self._items: SchemaTypes | None = None

    def of_key(self, key: str) -> SchemaTypes:
        """Return the types of the value of a key."""
        types = self._properties.get(key)
        if types is None:
            own = tuple(
                schema["properties"][key] for schema in self._schemas if key in schema.get("properties", ())
            )
            if not own:
                return self._other()
            types = self._properties[key] = SchemaTypes(own)
        return types

    @cached_property
    def key_order(self) -> tuple[str, ...]:
        """The keys in the order of the schema, empty if people choose the keys."""
        if any("propertyNames" in schema for schema in self._schemas):
            return ()
        order: list[str] = []
        for schema in self._schemas:
            at = 0
            for key in schema.get("properties", ()):
                if key in order:
                    at = order.index(key) + 1
                else:
                    order.insert(at, key)
                    at += 1
        return tuple(order)

    @cached_property
    def enumerated(self) -> frozenset[str]:
        """The texts that the schema lists as values."""
        values = ((*schema.get("enum", ()), schema.get("const")) for schema in self._schemas)
        return frozenset(value for listed in values for value in listed if isinstance(value, str))

    @cached_property
    def is_name(self) -> bool:
        """Whether the value is a text of a fixed pattern, such as a name or an id."""
        patterns = [schema.get("pattern", "") for schema in self._schemas]
        return self.types == {"string"} and all(each[:1] == "^" and each[-1:] == "$" for each in patterns)

    def _other(self) -> SchemaTypes:
        if self._others is None:
            others = (schema.get("additionalProperties") for schema in self._schemas)
            self._others = SchemaTypes(tuple(other for other in others if isinstance(other, dict)))
        return self._others

    def of_items(self) -> SchemaTypes:
        """Return the types of the items of a list."""
        if self._items is None:
            self._items = SchemaTypes(tuple(schema["items"] for schema in self._schemas if "items" in schema))
        return self._items


def _flattened(schemas: tuple[Mapping[str, Any], ...]) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        yield schema
        inner = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
        inner += [schema[key] for key in ("then", "else") if key in schema]
        yield from _flattened(tuple(inner))


@cache
def schema_types(name: str) -> SchemaTypes:
    """Return the types of the schema `name`."""
    return SchemaTypes((expanded(name),))


class Converter:
    """Converts the tree of one file and collects the problems of its scalars."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file

    def convert(self, node: Node, types: SchemaTypes) -> Any:
        """Return `node` as a JSON value."""
        if isinstance(node, ScalarNode):
            return self._scalar(node, types) if node.plain else node.text
        if isinstance(node, MappingNode):
            return {key: self.convert(value, types.of_key(key)) for key, value in node.values.items()}
        item_types = types.of_items()
        return [self.convert(item, item_types) for item in node.items]

    def _scalar(self, node: ScalarNode, types: SchemaTypes) -> Any:
        try:
            value = resolve_scalar(node.text)
        except UnsupportedNumber as error:
            if types.allows_text:
                return node.text
            self._problem(
                node,
                f"the number {node.text[:_VALUE_LENGTH_MAX]} {error}",
                "put quotes around it if it is text",
            )
            return None
        if isinstance(value, str) or value is None or not types.allows_text:
            # An empty value or null stays null, so that the schema reports `content:` as a mistake.
            return value
        if not _types_of(value) & types.types:
            return node.text
        if not isinstance(value, bool) and "number" in types.types and str(value) != node.text:
            message = f"a template would print {node.text} as {value}"
            self._problem(node, message, f'put quotes around it if it is text: "{node.text}"')
        return value

    def _problem(self, node: ScalarNode, message: str, hint: str) -> None:
        self.problems.append(Problem(location_of(node.start, self._file), message, hint))


def _types_of(value: float | bool) -> frozenset[str]:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        return frozenset({"boolean"})
    return frozenset({"integer", "number"} if isinstance(value, int) else {"number"})
