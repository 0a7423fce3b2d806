"""The review of a plan: one frozen view that the text, the Markdown comment and the page read.

It answers a reviewer's questions in their order: is it ready, who gets it, when, at what cost, what do
people read, what changed, and what is unusual. Media add markup and fold; they decide nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import PlannedSend, RemovedSend
from sendspec.report.review.model import (
    CostlyCharacter,
    Fact,
    FactName,
    Message,
    Property,
    Readiness,
    Recipient,
    Review,
    Start,
    Verdict,
)
from sendspec.report.review.notices import VALUES_SHOWN, notices
from sendspec.report.review.send_review import SendReview, goes_out, is_settled, review_send
from sendspec.report.review.starts import is_plan_blocked, when_text
from sendspec.report.review.verdict import verdict_of
from sendspec.report.totals import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.model import Finding, Plan

__all__ = [
    "CostlyCharacter",
    "Fact",
    "FactName",
    "Message",
    "Property",
    "Readiness",
    "Recipient",
    "Review",
    "SendReview",
    "Start",
    "Verdict",
    "review_plan",
    "when_text",
]


def review_plan(plan: Plan, *, show_values: bool = False) -> Review:
    """Return the review of a plan, the same for each medium.

    Values of recipients are masked unless `show_values`, which needs a plan that has them.
    """
    is_blocked = is_plan_blocked(plan)
    findings = _by_address(plan.findings)
    open_sends = [
        review_send(
            plan, action, findings.get(action.address, ()), is_blocked=is_blocked, show_values=show_values
        )
        for action in plan.actions
        if isinstance(action, PlannedSend) and not is_settled(action)
    ]
    sends = tuple(sorted(open_sends, key=_order))
    size = size_of([(planned, planned.pending) for planned in plan.sends if goes_out(planned)])
    return Review(
        plan=plan,
        verdict=verdict_of(plan, sends, size),
        sends=sends,
        removed=tuple(
            action for action in plan.actions if isinstance(action, RemovedSend) and not is_settled(action)
        ),
        settled=tuple(action for action in plan.actions if is_settled(action)),
        notices=(*((VALUES_SHOWN,) if show_values else ()), *notices(plan)),
        shows_values=show_values,
    )


def _by_address(findings: Iterable[Finding]) -> Mapping[str, Sequence[Finding]]:
    """Return the findings about each send."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.address is not None:
            found.setdefault(finding.address, []).append(finding)
    return found


def _order(send: SendReview) -> tuple[bool, bool, float, str]:
    """Return the order of a send: those that go out first, by time, then the others by address."""
    start = send.start
    at = 0.0 if start is None else start.at.timestamp()
    return (not send.is_pending, start is None, at, send.address)
