"""Values that an option of a rule accepts, as a JSON Schema: sendspec and editors check the same."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.schema.fast_check import compile_check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOT_BLANK: Final = "[^\\s\\u001c-\\u001f\\u0085\\ufeff]"


class OptionValues(Struct, frozen=True, dict=True):
    """The valid values of an option.

    `requirement` completes "option 'limit' …". `schema` has no references, and is in the schema of
    sendspec.yaml too. `accepts` is a check that a schema cannot express, so editors do not have it.
    """

    requirement: str
    schema: Mapping[str, Any]
    accepts: Callable[[Any], bool] | None = None

    def problem(self, value: Any) -> str | None:
        """Return what the value must be, or None if it is valid."""
        valid = self._satisfies_schema(value) and (self.accepts is None or self.accepts(value))
        return None if valid else self.requirement

    @cached_property
    def _satisfies_schema(self) -> Callable[[Any], bool]:
        return compile_check(self.schema)


def one_of(descriptions: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the schema of a text that is one of the keys; editors show the description of each."""
    return {"enum": [*descriptions], "enumDescriptions": [*descriptions.values()]}


def list_of(descriptions: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the schema of a list of these keys."""
    return {"type": "array", "items": one_of(descriptions)}


POSITIVE_INTEGER: Final = OptionValues("must be an integer from 1", {"type": "integer", "minimum": 1})
POSITIVE_NUMBER: Final = OptionValues("must be a number above 0", {"type": "number", "exclusiveMinimum": 0})
_TEXT: Final = {"title": "text that is not blank", "type": "string", "pattern": _NOT_BLANK}
TEXTS: Final = OptionValues("must be a list of texts", {"type": "array", "items": _TEXT})
