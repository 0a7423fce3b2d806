"""Lines of the table: how often faster, how many seconds, how much memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.comparison import PRODUCT, Line, Reading

if TYPE_CHECKING:
    from tests.bench.comparison import Results, Samples


def faster_than(what: str, yardstick: str, *, at_least: float | None = None) -> Line:
    """Return a line that divides the time of a yardstick by that of sendspec; without a goal it informs."""

    def read(results: Results) -> Reading:
        ours, theirs = results[PRODUCT], results[yardstick]
        ratio = theirs.seconds / ours.seconds
        return Reading(
            time_of(ours),
            f"{yardstick}: {time_of(theirs)}",
            f"{ratio:.2f} × as fast (CPU: {theirs.cpu / ours.cpu:.2f} ×)",
            None if at_least is None else ratio >= at_least,
        )

    goal = "" if at_least is None else f"≥ {at_least:g} ×"
    return Line(what, goal, (PRODUCT, yardstick), read)


def slower_than(what: str, yardstick: str, *, at_most: float, product: str = PRODUCT) -> Line:
    """Return a line that divides the time of sendspec by that of a yardstick."""

    def read(results: Results) -> Reading:
        ours, theirs = results[product], results[yardstick]
        ratio = ours.seconds / theirs.seconds
        return Reading(
            time_of(ours),
            f"{yardstick}: {time_of(theirs)}",
            f"{ratio:.2f} × as long (CPU: {ours.cpu / theirs.cpu:.2f} ×)",
            ratio <= at_most,
        )

    return Line(what, f"≤ {at_most:g} ×", (product, yardstick), read)


def within_seconds(what: str, limit: float, *, product: str = PRODUCT, yardstick: str | None = None) -> Line:
    """Return a line that compares a time with a limit in seconds; `yardstick` is for information."""

    def read(results: Results) -> Reading:
        ours = results[product]
        shown = "" if yardstick is None else f"{yardstick}: {time_of(results[yardstick])}"
        return Reading(time_of(ours), shown, f"{ours.seconds / limit:.2f} × the limit", ours.seconds <= limit)

    needs = (product,) if yardstick is None else (product, yardstick)
    return Line(what, f"≤ {seconds(limit)}", needs, read)


def within_memory(
    what: str, limit: float | None, *, product: str = PRODUCT, yardstick: str | None = None
) -> Line:
    """Return a line that compares a peak with a limit in megabytes; without a limit it informs."""

    def read(results: Results) -> Reading:
        peak = results[product].peak
        shown, ratio = "", "" if limit is None else f"{peak / limit:.2f} × the limit"
        if yardstick is not None:
            theirs = results[yardstick].peak
            shown, ratio = f"{yardstick}: {theirs:,.0f} MB", f"{peak / theirs:.2f} × as much"
        return Reading(f"{peak:,.0f} MB", shown, ratio, None if limit is None else peak <= limit)

    needs = (product,) if yardstick is None else (product, yardstick)
    return Line(what, "" if limit is None else f"≤ {limit:g} MB", needs, read)


def time_of(samples: Samples) -> str:
    """Return the median and the best time of a contestant."""
    best = f" (best {seconds(samples.best)})" if len(samples.costs) > 1 else ""
    return f"{seconds(samples.seconds)}{best}"


def seconds(value: float) -> str:
    """Return a time in seconds, or in milliseconds below one second."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
