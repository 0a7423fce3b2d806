"""Formats of counts and timestamps, the same wherever they are printed or stored."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_CENTS: Final = Decimal("0.01")
_SMALL: Final = Decimal("0.0001")
_TIMESTAMP: Final = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 request`, `2 requests`, `12,430 recipients`; `plural` is for irregular nouns."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def first_names(names: Sequence[object], most: int) -> str:
    """Return at most so many names, and how many more there are: `a, b and 1,234 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(map(str, names[:most]))}{more}"


def capitalize_first(text: str) -> str:
    """Return a text with an upper-case first letter; unlike `str.capitalize` it keeps the others."""
    return text[:1].upper() + text[1:]


def format_money(amount: Decimal, currency: str) -> str:
    """Return `1,234.57 USD`; an amount below 1 has up to four decimals, because segments cost little."""
    if amount >= 1:
        return f"{amount.quantize(_CENTS, ROUND_HALF_UP):,} {currency}"
    text = f"{amount.quantize(_SMALL, ROUND_HALF_UP):f}"
    return f"{text[:-2]}{text[-2:].rstrip('0')} {currency}"


def format_timestamp(moment: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC, with seconds, as in ledgers and logs."""
    return _format_utc(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


# A lockfile has thousands of equal times. Only times in UTC are equal exactly if their texts are: in another
# zone, the two passes through an hour that is repeated are equal.
@lru_cache(maxsize=1024)
def _format_utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def whole_seconds(moment: datetime) -> datetime:
    """Return an aware datetime in UTC without microseconds, as ledgers store it."""
    return moment.astimezone(UTC).replace(microsecond=0)


@lru_cache(maxsize=1024)
def parse_timestamp(text: str) -> datetime:
    """Return the datetime of a text from `format_timestamp`.

    Raises:
        ValueError: if the text has another format.
    """
    # A ledger has one timestamp per request, many of the same second; `strptime` takes ten times as long.
    if _TIMESTAMP.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a timestamp such as 2026-12-01T12:00:00Z")
    return datetime.fromisoformat(text)


def short_digest(digest: str) -> str:
    """Return the first twelve hexadecimal digits of a SHA-256, enough to compare two by eye."""
    return f"{digest[:12]}…"
