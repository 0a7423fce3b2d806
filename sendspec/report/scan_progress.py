"""The line that shows the progress of a scan: bytes read, rate, and time left."""

from __future__ import annotations

from typing import Final

from sendspec.formatting import pluralize

_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_SECONDS_MIN: Final = 1
"""A rate over a shorter time is too uncertain to compute the time left."""


def scan_line(done: int, total: int, seconds: float, *, repeats: bool = False) -> str:
    """Return the line after `done` of `total` bytes in `seconds`.

    `repeats` means that the current list is read a second time, which `done` does not count.
    """
    percent = 100 * done // total if total else 0
    parts = [f"reading lists: {percent} %"]
    # The most important part is first, because a narrow terminal cuts the line.
    if repeats:
        parts.append("comparing duplicates")
    elif 0 < done < total and seconds >= _SECONDS_MIN:
        parts.append(f"{_duration(seconds * (total - done) / done)} left")
    parts.append(f"{_bytes(done)} of {_bytes(total)}")
    if not repeats and seconds >= _SECONDS_MIN:
        parts.append(f"{_bytes(round(done / seconds))}/s")
    return ", ".join(parts)


def rows_line(rows: int, seconds: float) -> str:
    """Return the line after `rows` rows of a query in `seconds`; the size of its result is not known."""
    line = f"reading lists: {pluralize(rows, 'row')} of a query"
    return f"{line}, {round(rows / seconds):,}/s" if seconds >= _SECONDS_MIN else line


def _bytes(count: int) -> str:
    """Return a number of bytes with at most three digits and a unit."""
    for size, unit in _UNITS:
        if count >= size:
            value = count / size
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"  # noqa: PLR2004
    return f"{count} B"


def _duration(seconds: float) -> str:
    """Return a duration as minutes and seconds, with hours if it has some."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
