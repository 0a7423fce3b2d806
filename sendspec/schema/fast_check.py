"""Yes-or-no check of documents by jsonschema-rs, which is fifty times as fast as jsonschema.

A document that it refuses is validated again by jsonschema, because messages need its errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STRICT_INTEGER: Final = "strictInteger"


class _StrictInteger:
    """Keyword `strictInteger`, which refuses `1.0`; JSON Schema accepts it as an integer."""

    def __init__(self, _parent: object, _value: object, _path: object) -> None:
        pass

    def validate(self, instance: object) -> None:
        if isinstance(instance, float):
            raise ValueError("not an integer")  # noqa: TRY004 - only this becomes a validation error


def compile_check(schema: Mapping[str, Any], *, has_decimals: bool = True) -> Callable[[Any], bool]:
    """Return a function that reports whether a document satisfies `schema`, which has no references.

    For documents without decimal numbers it is faster, because no integer can be one such as `1.0`.
    """
    validator = (
        Draft202012Validator(_strict(schema), keywords={_STRICT_INTEGER: _StrictInteger})
        if has_decimals
        else Draft202012Validator(dict(schema))
    )

    def is_valid(document: Any) -> bool:
        try:
            return validator.is_valid(document)
        except ValueError:  # The document is not JSON: half a surrogate pair, or another type.
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
