"""A yes-or-no check of documents by jsonschema-rs, which is fifty times as fast as jsonschema.

Yes is final. No is only a reason to let jsonschema look: its errors carry what messages are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STRICT_INTEGER: Final = "strictInteger"


class _StrictInteger:
    """A keyword of our own that refuses `1.0`, which JSON Schema takes for an integer."""

    def __init__(self, _parent: object, _value: object, _path: object) -> None:
        pass

    def validate(self, instance: object) -> None:
        if isinstance(instance, float):
            raise ValueError("not an integer")  # noqa: TRY004 - only this becomes a validation error


def compile_check(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Return a function that reports whether a document satisfies `schema`, which has no references."""
    validator = Draft202012Validator(_strict(schema), keywords={_STRICT_INTEGER: _StrictInteger})

    def is_valid(document: Any) -> bool:
        try:
            return validator.is_valid(document)
        except ValueError:  # half a surrogate pair, or a type that JSON does not have
            return False

    return is_valid


def _strict(node: Any) -> Any:
    """Return a schema with `strictInteger` beside every type that includes integers but not numbers."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _strict(value) for key, value in node.items()}
    types = schema.get("type")
    if types == "integer" or (isinstance(types, list) and "integer" in types and "number" not in types):
        schema[_STRICT_INTEGER] = True
    return schema
