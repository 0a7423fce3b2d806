"""Formats of counts and timestamps, the same wherever they are printed or stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_TIMESTAMP: Final = "%Y-%m-%dT%H:%M:%SZ"


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 request`, `2 requests`, `12,430 recipients`; `plural` is for irregular nouns."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def format_timestamp(moment: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC, with seconds, as in ledgers and logs."""
    return moment.astimezone(UTC).strftime(_TIMESTAMP)


def whole_seconds(moment: datetime) -> datetime:
    """Return an aware datetime in UTC without microseconds, as ledgers store it."""
    return moment.astimezone(UTC).replace(microsecond=0)


def parse_timestamp(text: str) -> datetime:
    """Return the datetime of a text from `format_timestamp`.

    Raises:
        ValueError: if the text has another format.
    """
    return datetime.strptime(text, _TIMESTAMP).replace(tzinfo=UTC)
