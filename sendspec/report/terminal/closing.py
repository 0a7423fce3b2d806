"""The last lines of a plan: what waits, what is not shown, what apply does not send, and the digest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import PlanReason, Sign
from sendspec.report.action_text import is_unfolded
from sendspec.report.escape.plain import escape_text
from sendspec.report.phrases import footer
from sendspec.report.review import when_text
from sendspec.report.review.starts import NO_LEGAL_HOUR
from sendspec.report.terminal.lines import Line, Span, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.review import Review

_SETTLED: Final = {
    PlanReason.ALREADY_SENT: "already sent",
    PlanReason.WITH_VENDOR: "with the vendor until the scheduled date",
    PlanReason.EXPIRED: "expired",
    PlanReason.STOPPED: "stopped at the vendor",
    PlanReason.REMOVED: "in the ledger, no longer in the specs",
}


def waiting_line(review: Review) -> Iterator[Line]:
    """Yield how many sends wait, and for how long."""
    waiting = [send for send in review.sends if send.planned.sign is Sign.WAITING]
    starts = [send.start for send in waiting if send.start is not None]
    if waiting:
        first = f"; the first is due {escape_text(when_text(min(starts)))}" if starts else ""
        never = len(waiting) - len(starts)
        hours = f"; {pluralize(never, 'send')} never, because {NO_LEGAL_HOUR} recipients" if never else ""
        yield Line(f"Waiting: {pluralize(len(starts), 'send')}{first}{hours}.")


def folded_lines(review: Review) -> Iterator[Line]:
    """Yield how many settled sends the plan does not show, by reason."""
    folded = [action for action in review.settled if not is_unfolded(action)]
    if folded:
        counts = Counter(action.reason for action in folded)
        parts = ", ".join(f"{counts[reason]:,} {text}" for reason, text in _SETTLED.items() if counts[reason])
        sends = pluralize(len(folded), "settled send")
        yield Line((Span(f"Not shown: {sends} ({parts}). `plan --full` shows them.", Style.DIM),))


def closing_lines(review: Review) -> Iterator[Line]:
    """Yield the footer, what apply does not send, and the digest."""
    yield Line((Span(footer(review.plan), Style.STRONG),))
    yield from (Line(escape_text(notice)) for notice in review.notices)
    yield Line(f"Digest: {review.plan.digest}")
