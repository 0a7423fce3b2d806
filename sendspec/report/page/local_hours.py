"""Local times of a page: where in a day of 24 hours a text arrives, and whether that is legal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.local_times import Legality
from sendspec.report.page.model import LocalTimeView, Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.local_times import LocalTime, LocalTimes

_ZONES_MAX: Final = 3
_MINUTES_PER_HOUR: Final = 60
_VERDICTS: Final = {
    Legality.LEGAL: "",
    Legality.ILLEGAL: "not legal",
    Legality.PARTLY: "not legal for some",
    Legality.NOT_LIMITED: "",
}


def local_time_views(times: LocalTimes | None) -> Iterator[LocalTimeView]:
    """Yield the rows of the table of local times, the earliest first."""
    for row in times.rows if times is not None else ():
        yield _view(row)


def _view(row: LocalTime) -> LocalTimeView:
    first, last = _hour(row.start), _hour(row.end)
    is_bad = bool(_VERDICTS[row.legality])
    legal_from = row.next_legal.astimezone(row.start.tzinfo) if is_bad and row.next_legal else None
    return LocalTimeView(
        zones=_zones_text(row),
        people="" if row.people is None else f"{row.people:,}",
        time=_time_range(row),
        verdict=_VERDICTS[row.legality],
        legal_from="" if legal_from is None else f"legal from {legal_from:%a %H:%M}",
        windows=tuple(
            Window(window.opens / _MINUTES_PER_HOUR, (window.closes - window.opens) / _MINUTES_PER_HOUR)
            for window in row.windows
        ),
        marker=Window(first, max(0.0, (last if last >= first else 24.0) - first)),
    )


def _zones_text(row: LocalTime) -> str:
    if not row.names:
        return "Zones of few people"
    more = len(row.names) - _ZONES_MAX
    return ", ".join(row.names[:_ZONES_MAX]) + (f" and {more} more" if more > 0 else "")


def _time_range(row: LocalTime) -> str:
    start, end = f"{row.start:%a %H:%M}", f"{row.end:%a %H:%M}"
    return start if start == end else f"{start} to {end}"


def _hour(at: datetime) -> float:
    return at.hour + at.minute / _MINUTES_PER_HOUR
