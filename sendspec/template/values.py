"""Values of templates: their types, their text, and access to their parts.

Values are JSON's: text, integers, decimal numbers, true and false, null, lists, mappings; and `Loop`.
No function here reads a Python attribute of a value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.template.budget import STEPS_MAX
from sendspec.template.errors import TemplateError, quote_name, suggest_names

if TYPE_CHECKING:
    from collections.abc import Iterable

INTEGER_MAX: Final = 2**63 - 1
"""The largest absolute value of an integer, because the API's numbers have 64 bits."""

_DECIMAL_DIGITS_MAX: Final = 15
_DEPTH_MAX: Final = 32


class Undefined(Struct, frozen=True):
    """A missing value: allowed for `default` and `is defined`, an error for everything else.

    `known` are the names that exist; they are only compared with `name` if the value is used.
    """

    message: str
    name: str = ""
    known: Iterable[str] = ()
    heading: str = ""

    def error(self) -> TemplateError:
        """Return the error of using the value."""
        return TemplateError(self.message, hint=suggest_names(self.name, self.known, self.heading))


def is_number(value: object) -> bool:
    """Return whether `value` is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def describe_type(value: object) -> str:
    """Return the type of `value` for a message."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "true or false"
    if is_number(value):
        return "a number"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else "a loop"


def to_text(value: object, subject: str) -> str:
    """Return `value` as printed; raise TemplateError about `subject` if its text is ambiguous."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return _number_text(require_number(value, subject), subject)
    raise TemplateError(f"cannot print {subject}: it is {describe_type(value)}", hint=_printing_hint(value))


def _printing_hint(value: object) -> str:
    if value is None:
        return "give it a value, or test it: {% if x is not none %}"
    if isinstance(value, Mapping):
        return "print one of its values, as in {{ mapping.key }}"
    if not isinstance(value, (list, tuple)):
        return "print one of its fields, as in {{ loop.index }}"
    return "print one of its items, or all of them: {{ list|join(', ') }}"


def _number_text(value: float, subject: str) -> str:
    text = repr(value)
    if isinstance(value, int):
        return text
    if "e" in text or sum(character.isdigit() for character in text) > _DECIMAL_DIGITS_MAX:
        hint = "set the number of decimals: {{ price|fixed(2) }}"
        raise TemplateError(f"cannot print {subject}: its decimals are not exact ({text})", hint=hint)
    return text


def require_number(value: Any, subject: str, *, hint: str | None = None) -> Any:
    """Return `value` if it is a number of limited size, else raise TemplateError."""
    if not is_number(value):
        message = f"{subject} must be a number, not {describe_type(value)}"
        raise TemplateError(message, hint=hint or _number_hint(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TemplateError(f"{subject} is not a finite number")
    elif not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise TemplateError(f"{subject} does not fit the 64 bits of the API's numbers")
    return value


def _number_hint(value: object) -> str | None:
    return "convert it: {{ x|int }} or {{ x|float }}" if isinstance(value, str) else None


def require_integer(
    value: Any, subject: str, *, minimum: int = -INTEGER_MAX, maximum: int = INTEGER_MAX
) -> int:
    """Return `value` if it is an integer from `minimum` to `maximum`, else raise TemplateError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TemplateError(f"{subject} must be an integer, not {describe_type(value)}")
    if not minimum <= value <= maximum:
        raise TemplateError(f"{subject} must be from {minimum} to {maximum}")
    return value


def require_items(value: Any, subject: str) -> list[Any]:
    """Return the items of a list or the sorted keys of a mapping, else raise TemplateError.

    Keys are sorted so that a formatter that reorders a file never changes what is sent.
    """
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, Mapping):
        return sorted(value, key=str)
    hint = "convert it to a list of characters: {{ text|list }}" if isinstance(value, str) else None
    raise TemplateError(f"{subject} must be a list, not {describe_type(value)}", hint=hint)


def lookup(value: Any, key: Any) -> Any:
    """Return the part at `key` of a mapping, list or text, or Undefined; attributes do not exist."""
    message = f"{_describe_key(key)} not found in {describe_type(value)}"
    if isinstance(value, Mapping):
        if isinstance(key, str) and key in value:
            return value[key]
        return Undefined(message, str(key), value, "known keys")
    if not isinstance(value, (list, tuple, str)) or not isinstance(key, int) or isinstance(key, bool):
        return Undefined(message)
    if not -len(value) <= key < len(value):
        return Undefined(f"{message} of length {len(value)}")
    return value[key]


def _describe_key(key: object) -> str:
    if isinstance(key, str):
        return quote_name(key)
    return f"item {key}" if isinstance(key, int) and -INTEGER_MAX <= key <= INTEGER_MAX else "item"


def total_size(value: Any) -> int:
    """Return the number of items and characters in `value`, stopping just above `STEPS_MAX`.

    A list that contains one list many times is small in memory but takes long to compare, so this is
    charged before any function that reads a whole value. Raises TemplateError above 32 levels.
    """
    total = 0
    pending = [(value, 1)]
    while pending and total <= STEPS_MAX:
        part, depth = pending.pop()
        total += 1
        if isinstance(part, str):
            total += len(part)
        elif isinstance(part, (list, tuple, Mapping)):
            if depth > _DEPTH_MAX:
                raise TemplateError(f"lists and mappings are nested deeper than {_DEPTH_MAX} levels")
            children = [*part, *part.values()] if isinstance(part, Mapping) else part
            total += len(children)
            if total <= STEPS_MAX:
                pending.extend((child, depth + 1) for child in children)
    return total
