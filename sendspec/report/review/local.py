"""Local times of a send as a reviewer reads them: people by zone, and hours that are not legal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.local_times import Legality

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.local_times import LocalTime, LocalTimes

_NAMES_MAX: Final = 3
_NOTES: Final = {
    Legality.ILLEGAL: "outside legal hours",
    Legality.PARTLY: "outside legal hours for some",
}


class LocalRow(Struct, frozen=True):
    """People with the same local time: `zone` and `when` are texts, `people` is None if it is not known.

    `note` says that the hour is not legal, and which one is next.
    """

    zone: str
    people: int | None
    when: str
    legality: Legality
    note: str


def local_rows(times: LocalTimes | None) -> tuple[LocalRow, ...]:
    """Return the local times at which people get a send as texts, the earliest first."""
    return () if times is None else tuple(_rows(times.rows, times.without_zone))


def _rows(rows: tuple[LocalTime, ...], without_zone: int) -> Iterator[LocalRow]:
    for row in rows:
        yield LocalRow(
            zone=_zone(row.names),
            people=row.people,
            when=_clock(row.start) + (f" to {_clock(row.end)}" if row.is_range else ""),
            legality=row.legality,
            note=_note(row),
        )
    if without_zone:
        yield LocalRow("time zone not known", without_zone, "not known", Legality.NOT_LIMITED, "")


def _note(row: LocalTime) -> str:
    note = _NOTES.get(row.legality, "")
    if not note or row.next_legal is None:
        return note
    return f"{note}, legal from {_clock(row.next_legal.astimezone(row.start.tzinfo))}"


def _zone(names: tuple[str, ...]) -> str:
    if not names:
        return "other zones"
    more = len(names) - _NAMES_MAX
    return " or ".join(names[:_NAMES_MAX]) + (f" or {more:,} more" if more > 0 else "")


def _clock(at: datetime) -> str:
    return f"{at:%a %H:%M}"
