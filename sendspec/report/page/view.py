"""The view of a page: everything that its templates show of a review."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.plan import blocking_findings
from sendspec.report.action_text import action_text, source_text
from sendspec.report.page.cards import send_view
from sendspec.report.page.changes import changes_view, chips
from sendspec.report.page.findings import finding_views, group_findings
from sendspec.report.page.model import Event, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Action
    from sendspec.report.page.model import SendView
    from sendspec.report.review import Review, SendReview, Start

_OPEN_MAX: Final = 12
"""Sends that a page shows unfolded; of more, only those with errors and warnings are."""


def page_view(review: Review) -> PageView:
    """Return what a page shows of a review."""
    plan, verdict = review.plan, review.verdict
    anchors = {send.address: f"send-{number}" for number, send in enumerate(review.sends, start=1)}
    views = finding_views(plan, anchors)
    is_short = len(review.sends) <= _OPEN_MAX
    words = chips(plan.difference)
    sends = tuple(
        send_view(
            review,
            send,
            anchors[send.address],
            views,
            change=words.get(send.address, ""),
            is_open=is_short,
        )
        for send in review.sends
    )
    deciding = {id(finding) for finding in (*verdict.errors, *verdict.warnings)}
    notes = [views[id(finding)] for finding in plan.findings if id(finding) not in deciding]
    return PageView(
        title=f"SMS plan for {plan.target}: {verdict.headline}",
        verdict=verdict,
        planned_at=f"{plan.planned_at:%a} {plan.planned_at.day} {plan.planned_at:%b %Y, %H:%M} UTC",
        digest=plan.digest,
        notices=review.notices,
        shows_values=review.shows_values,
        findings=group_findings([views[id(finding)] for finding in (*verdict.errors, *verdict.warnings)]),
        notes=group_findings(notes),
        notes_text=f"{pluralize(len(notes), 'finding')} to know, without a decision",
        sends=sends,
        is_long=not is_short,
        schedule=tuple(_schedule(review.sends, sends)),
        changes=changes_view(plan.difference, anchors, is_blocked=bool(blocking_findings(plan))),
        removed=tuple(_line(action) for action in review.removed),
        settled=tuple(_line(action) for action in review.settled),
    )


def _line(action: Action) -> str:
    return f"{action.sign.value} {action.address} ({source_text(action)}): {action_text(action)}"


def _schedule(
    reviews: Sequence[SendReview], views: Sequence[SendView]
) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """Yield the days on which sends start, each with its sends."""
    going = [(send.start, send, view) for send, view in zip(reviews, views, strict=True) if send.is_pending]
    most = max((send.size.recipients for _, send, _ in going), default=0) or 1
    for day, group in groupby(going, key=lambda item: _day(item[0])):
        yield (
            day,
            tuple(
                Event(_clock(start), view, send.size.recipients, send.size.recipients / most)
                for start, send, view in group
            ),
        )


def _day(start: Start | None) -> str:
    if start is None:
        return "Never, without a legal hour for all recipients"
    if start.is_immediate:
        return "Immediately once the errors are fixed" if start.is_blocked else "Immediately"
    return f"{start.at:%A} {start.at.day} {start.at:%B %Y}"


def _clock(start: Start | None) -> str:
    if start is None:
        return ""
    if start.is_immediate:
        return "" if start.is_blocked else "now"
    return f"{start.at:%H:%M} {start.zone}"
