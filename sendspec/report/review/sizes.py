"""Sizes of sends as a reviewer says them: people, segments and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import format_money, pluralize
from sendspec.report.review.model import Fact, FactName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Plan
    from sendspec.report.totals import Size

_COUNTRIES_MAX: Final = 3


def people_text(size: Size, people: int | None = None) -> str:
    """Return the people of sends as a reader says it, with those that only the vendor knows.

    `people` counts the different ones; without it, each recipient of each send counts.
    """
    count = size.recipients if people is None else people
    parts = [pluralize(count, "person", "people")] if count or not size.jobs else []
    parts += [size.sources] if size.jobs else []
    return " and ".join(parts)


def cost_text(plan: Plan, size: Size) -> Iterator[str]:
    """Yield the segments of sends and their price, as far as they are known."""
    if size.requests:
        yield _segments(size)
    price = _price(plan, size)
    unpriced = _unpriced(plan, size) if price else ""
    if price:
        yield price
    if unpriced:
        yield unpriced


def cost_fact(plan: Plan, size: Size) -> Iterator[Fact]:
    """Yield the cost of a plan: the price if it is known, else the segments, and what they leave out."""
    segments = _segments(size) if size.requests else ""
    price, left_out = _price(plan, size), _unpriced(plan, size)
    counted = [segments] if price and segments else []
    counted += [left_out] if left_out else []
    counted += [f"without {_sources(size)}"] if size.jobs else []
    notes = [", ".join(counted)] if counted else []
    if plan.pricing is None and size.segments:
        notes.append("`pricing` in sendspec.yaml would show the price")
    if size.requests or size.jobs:
        yield Fact(FactName.COST, "Cost", price or segments or "not known", "; ".join(notes))


def _segments(size: Size) -> str:
    if not size.published:
        return pluralize(size.segments, "segment")
    unknown = pluralize(size.published_texts, "text")
    if not size.segments:
        return f"segments of {unknown} not known, because the vendor keeps the content"
    return f"{pluralize(size.segments, 'segment')}, without {unknown} whose content the vendor keeps"


def _price(plan: Plan, size: Size) -> str:
    """Return the price of the segments in countries that have one, '' if nothing has."""
    pricing = plan.pricing
    if pricing is None:
        return ""
    priced = tuple(pair for pair in size.countries if pair[1] and not pricing.unpriced(pair[:1]))
    return f"about {format_money(pricing.known_price(priced), pricing.currency)}" if priced else ""


def _unpriced(plan: Plan, size: Size) -> str:
    """Return the segments that the price leaves out, because `pricing` has none for their countries."""
    segments = {code: count for code, count in size.countries if count}
    codes = () if plan.pricing is None else plan.pricing.unpriced(segments)
    if not codes:
        return ""
    largest = sorted(codes, key=lambda code: (-segments[code], code))
    more = len(codes) - _COUNTRIES_MAX
    named = ", ".join(largest[:_COUNTRIES_MAX]) + (f" and {more:,} more" if more > 0 else "")
    unpriced = pluralize(sum(segments[code] for code in codes), "segment")
    return f"without {unpriced} to {named}, because `pricing` has no price there"


def _sources(size: Size) -> str:
    """Return the jobs whose recipients the cost leaves out, with the declared number of these."""
    sources = pluralize(size.jobs, "contact source")
    if size.unsized == size.jobs:
        return sources
    declared = f"{pluralize(size.declared, 'recipient')} as declared"
    return f"{sources} ({declared}{f', {size.unsized:,} of unknown size' if size.unsized else ''})"
