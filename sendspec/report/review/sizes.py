"""Sizes of sends as a reviewer says them: people, segments and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.formatting import format_money, pluralize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Plan
    from sendspec.report.totals import Size


def people_text(size: Size, people: int | None = None) -> str:
    """Return the people of sends as a reader says it, with those that only the vendor knows.

    `people` counts the different ones; without it, each recipient of each send counts.
    """
    count = size.recipients if people is None else people
    parts = [pluralize(count, "person", "people")] if count or not size.jobs else []
    if size.jobs:
        sources = "a contact source" if size.jobs == 1 else f"{size.jobs:,} contact sources"
        parts.append(f"{sources} of {size.jobs_size}")
    return " and ".join(parts)


def cost_text(plan: Plan, size: Size) -> Iterator[str]:
    """Yield the segments of sends and their price, as far as they are known."""
    if size.requests:
        unknown = (
            f", without {pluralize(size.published, 'text')} that the vendor keeps" if size.published else ""
        )
        yield f"{pluralize(size.segments, 'segment')}{unknown}"
    if plan.pricing is not None and (price := size.price(plan.pricing)) is not None and size.segments:
        yield f"about {format_money(price, plan.pricing.currency)}"
