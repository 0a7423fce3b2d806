"""What a plain scalar is in the core schema of YAML 1.2: nothing more becomes anything but text.

`2026-01-01`, `1_000`, `0b1`, `yes`, `off` and `12:30` are text, which they are not to YAML 1.1.
"""

from __future__ import annotations

import math
import re
from typing import Final

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
    (re.compile(r"[-+]?[0-9]+"), 10, ""),
    (re.compile(r"0o[0-7]+"), 8, "0o"),
    (re.compile(r"0x[0-9a-fA-F]+"), 16, "0x"),
)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST: Final = 40
_LARGEST: Final = 2**63 - 1


class NotJson(ValueError):
    """A number that JSON, or the API's 64 bits, cannot hold; the message completes "the number …"."""


def resolve(text: str) -> Value:
    """Give the value of a plain scalar.

    Raises:
        NotJson: for infinities, NaN, and integers beyond 64 bits.
    """
    if text in _FIXED:
        return _FIXED[text]
    return _number(text) if text[0] in _STARTS_NUMBER else text


def _number(text: str) -> str | int | float:
    """Give the number that `text` is, or `text` itself where it is none."""
    for form, base, prefix in _INTEGERS:
        if form.fullmatch(text):
            return _integer(text.removeprefix(prefix), base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        raise NotJson("is beyond what a number can hold")
    if _NOT_FINITE.fullmatch(text):
        raise NotJson("is not a number that JSON can hold")
    return text


def _integer(digits: str, base: int) -> int:
    # Looked at before it is converted: the time that takes grows with the square of the length.
    number = int(digits, base) if len(digits) <= _LONGEST else _LARGEST + 1
    if not -_LARGEST <= number <= _LARGEST:
        raise NotJson("is beyond 64 bits")
    return number
