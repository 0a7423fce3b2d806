"""How counts and instants are written, alike wherever they are printed or stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """Give `1 request`, `2 requests`, `12,430 recipients`; `plural` where an s does not make it."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def format_timestamp(instant: datetime) -> str:
    """Give an aware instant as ledger and logs keep it: RFC 3339 in UTC, to the second."""
    return instant.astimezone(UTC).strftime(_STAMP)


def whole_seconds(instant: datetime) -> datetime:
    """Return an aware instant in UTC without its fraction of a second, as ledgers store it."""
    return instant.astimezone(UTC).replace(microsecond=0)


def parse_timestamp(stamped: str) -> datetime:
    """Read what `format_timestamp` wrote.

    Raises:
        ValueError: it is no such text.
    """
    return datetime.strptime(stamped, _STAMP).replace(tzinfo=UTC)
