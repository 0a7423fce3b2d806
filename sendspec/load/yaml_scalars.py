"""Scalar resolution by the core schema of YAML 1.2.

`2026-01-01`, `1_000`, `0b1`, `yes`, `off` and `12:30` are text, unlike in YAML 1.1.
"""

from __future__ import annotations

import math
from typing import Final

from sendspec.lazy_pattern import lazy_pattern

Value = str | int | float | bool | None

_FIXED: Final[dict[str, Value]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STARTS_NUMBER: Final = frozenset("+-.0123456789")
_INTEGERS: Final = (
    (lazy_pattern(r"[-+]?[0-9]+"), 10, ""),
    (lazy_pattern(r"0o[0-7]+"), 8, "0o"),
    (lazy_pattern(r"0x[0-9a-fA-F]+"), 16, "0x"),
)
_FLOAT: Final = lazy_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = lazy_pattern(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DIGITS_MAX: Final = 40
_INTEGER_MAX: Final = 2**63 - 1


class UnsupportedNumber(ValueError):
    """A number that does not fit JSON or the API's 64 bits; the message completes "the number …"."""


def resolve_scalar(text: str) -> Value:
    """Return the value of a plain scalar.

    Raises:
        UnsupportedNumber: for infinities, NaN, and integers beyond 64 bits.
    """
    if text in _FIXED:
        return _FIXED[text]
    return _number(text) if text[0] in _STARTS_NUMBER else text


def _number(text: str) -> str | int | float:
    """Return `text` as a number, or unchanged if it is not one."""
    for form, base, prefix in _INTEGERS:
        if form.fullmatch(text):
            return _integer(text.removeprefix(prefix), base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        raise UnsupportedNumber("is too large")
    if _NOT_FINITE.fullmatch(text):
        raise UnsupportedNumber("cannot be written in JSON")
    return text


def _integer(digits: str, base: int) -> int:
    # Check the length first, because the time of a conversion grows with its square.
    number = int(digits, base) if len(digits) <= _DIGITS_MAX else _INTEGER_MAX + 1
    if not -_INTEGER_MAX <= number <= _INTEGER_MAX:
        raise UnsupportedNumber("does not fit 64 bits")
    return number
