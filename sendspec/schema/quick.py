"""A first look at a document: whether it is plainly sound, decided by functions made from its schema.

A ledger of ten thousand sends is read several times a run, and `jsonschema` takes a tenth of a
millisecond a send to find that nothing is wrong with what sendspec itself wrote. True here means that
nothing is; False is no verdict: the validator then looks, and says what it finds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Test = Callable[[Any], bool]

_SAYS_NOTHING: Final = frozenset({"$schema", "title", "description", "default", "examples"})
_OF_OBJECT: Final = frozenset({"type", "required", "properties", "additionalProperties", "propertyNames"})
_OF_ARRAY: Final = frozenset({"type", "items"})
_OF_TEXT: Final = frozenset({"type", "minLength", "maxLength", "pattern", "enum"})
_OF_INTEGER: Final = frozenset({"type", "minimum", "maximum", "const"})


def plainly_sound(schema: Mapping[str, Any]) -> Test:
    """Give the test of a schema without references; where it says more than is known here, no verdict."""
    says = schema.keys() - _SAYS_NOTHING
    kind = schema.get("type")
    if kind == ["object", "null"]:
        inner = plainly_sound({**schema, "type": "object"})
        return lambda instance: instance is None or inner(instance)
    if kind == "object" and says <= _OF_OBJECT:
        return _object(schema)
    if kind == "array" and says <= _OF_ARRAY:
        return _array(plainly_sound(schema.get("items", {})))
    if (kind == "string" or "enum" in says) and says <= _OF_TEXT and not {"enum", "pattern"} <= says:
        return _text(schema)
    if (kind == "integer" or "const" in says) and says <= _OF_INTEGER:
        return _integer(schema)
    return (lambda _: True) if not says else (lambda _: False)


def _object(schema: Mapping[str, Any]) -> Test:
    required = frozenset(schema.get("required", ()))
    tests = {name: plainly_sound(inner) for name, inner in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties", {})
    other = None if others is False else plainly_sound({} if others is True else others)
    named = (
        plainly_sound({"type": "string", **schema["propertyNames"]}) if "propertyNames" in schema else None
    )

    def test(instance: Any) -> bool:
        if type(instance) is not dict or not required <= instance.keys():
            return False
        for name, value in instance.items():
            fitting = tests.get(name, other)
            if fitting is None or not fitting(value):
                return False
        return named is None or all(map(named, instance))

    return test


def _array(item: Test) -> Test:
    return lambda instance: type(instance) is list and all(map(item, instance))


def _text(schema: Mapping[str, Any]) -> Test:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    allowed = schema.get("enum")
    if allowed is not None:
        return lambda instance: (
            type(instance) is str and instance in allowed and least <= len(instance) <= most
        )
    if "pattern" not in schema:
        return lambda instance: type(instance) is str and least <= len(instance) <= most
    # As in ECMA-262, `$` is the end of the text, not also before a last line break.
    found = re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", schema["pattern"])).search

    def test(instance: Any) -> bool:
        return type(instance) is str and found(instance) is not None and least <= len(instance) <= most

    return test


def _integer(schema: Mapping[str, Any]) -> Test:
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    const = schema.get("const")
    return lambda found: type(found) is int and least <= found <= most and const in (None, found)
