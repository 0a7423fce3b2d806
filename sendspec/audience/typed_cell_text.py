"""Texts of typed cells: what a number, a date or a boolean of a list becomes in a message."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TEXT_LENGTH_MAX: Final = 1 << 17
"""The limit of `csv.reader`; a message has at most 800 characters."""

_FLOAT_INTEGERS_MAX: Final = 2**53
"""Above it a float skips integers, so the digits of an id in it may not be those of its source."""


class CellError(Exception):
    """A value that has no exact text, with the message and the hint for its cell."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def cell_text(value: object) -> str:
    """Return the exact text of a value, '' for null.

    Integers and decimals have all their digits, a decimal also its zeros. A float has the fewest digits
    that identify it, without exponent and without `.0`. Booleans are `true` and `false`; dates and times
    have the form of ISO 8601.

    Raises:
        CellError: the value is a list, a mapping or bytes, or its digits are not exact; or the value is
            such an error of the reader.
    """
    convert = _TEXTS.get(type(value))
    if convert is None:
        raise CellError("a value is a list, an object or bytes, not text", "write text or a number instead")
    text = convert(value)
    if "\0" in text:
        raise CellError("a value has a NUL character", "remove it from the source of the list")
    if len(text) > TEXT_LENGTH_MAX:
        raise CellError("a value is too long for a contact", "check the source of the list")
    return text


def number_text(value: object) -> str:
    """Return the text of a phone number, as `cell_text`.

    Raises:
        CellError: also for a float, because its digits may already be lost.
    """
    if isinstance(value, float):
        message = "a phone number is a floating-point number, so its digits may be lost"
        raise CellError(message, "export phone numbers as text or as integers")
    return cell_text(value)


def column_texts(
    values: Sequence[object],
    convert: Callable[[object], str],
    on_error: Callable[[int, CellError], None],
) -> list[str]:
    """Return the texts of one column; `on_error` receives the offset of each value without one."""
    if set(map(type, values)) <= {str}:
        texts = cast("list[str]", list(values))
        joined = "".join(texts)
        if "\0" not in joined and (len(joined) <= TEXT_LENGTH_MAX or max(map(len, texts)) <= TEXT_LENGTH_MAX):
            return texts
    texts = []
    for offset, value in enumerate(values):
        try:
            texts.append(convert(value))
        except CellError as error:
            on_error(offset, error)
            texts.append("")
    return texts


def _raise(error: CellError) -> NoReturn:
    raise error


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        raise CellError("a value is not a finite number", "write a number or text")
    if abs(value) >= _FLOAT_INTEGERS_MAX:
        message = "a floating-point number has more digits than it can store exactly"
        raise CellError(message, "export the value as text or as an integer")
    text = f"{Decimal(repr(value)):f}".removesuffix(".0")
    return "0" if text == "-0" else text


_TEXTS: Final[Mapping[type, Callable[..., str]]] = {
    str: str,
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float_text,
    Decimal: lambda value: f"{value:f}",
    date: date.isoformat,
    datetime: datetime.isoformat,
    time: time.isoformat,
    CellError: _raise,
}
