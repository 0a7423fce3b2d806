"""The review of one send: its reason, start, size, recipients, messages and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.formatting import format_timestamp
from sendspec.local_times import local_times_of
from sendspec.model import PlanReason, Sign
from sendspec.report.phrases import contacts_text, countries_text, excluded_text, query_text
from sendspec.report.reasons import reason_text
from sendspec.report.review.local import local_rows
from sendspec.report.review.messages import messages_of, text_note
from sendspec.report.review.model import Property, SendReview
from sendspec.report.review.sizes import cost_text, people_text
from sendspec.report.review.starts import NEVER, is_plan_blocked, start_of, when_text
from sendspec.report.totals import countries_in, open_requests, sends_again, sends_rest, size_of
from sendspec.report.vendor_names import name_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sendspec.model import Action, Finding, Plan, PlannedSend
    from sendspec.report.review.model import Start
    from sendspec.report.totals import Size

_GOING = (Sign.SEND, Sign.RESUME, Sign.WAITING)

_OTHERS_MAX = 3


def goes_out(planned: PlannedSend) -> bool:
    """Return whether requests of a send remain that apply posts now, later, or when nothing blocks them."""
    is_blocked = planned.reason is PlanReason.BLOCKED
    return bool(planned.pending) and (planned.sign in _GOING or is_blocked)


def is_settled(action: Action) -> bool:
    """Return whether a person has nothing to decide about an action."""
    if action.sign in (Sign.DONE, Sign.EXPIRED):
        return True
    return action.sign is Sign.REMOVED and not action.at_vendor and not open_requests(action)


def review_send(
    plan: Plan, planned: PlannedSend, findings: Sequence[Finding], *, show_values: bool = False
) -> SendReview:
    """Return what a reviewer decides about one send."""
    is_pending = goes_out(planned)
    countries = countries_in(planned, planned.pending)
    start = start_of(planned, plan.planned_at) if is_pending else None
    if start is not None:
        is_blocked = planned.reason is PlanReason.BLOCKED or is_plan_blocked(plan)
        start = start._replace(is_blocked=is_blocked)
    when = "" if not is_pending else NEVER if start is None else when_text(start)
    size = size_of([(planned, planned.pending)])
    times = None if start is None else local_times_of(planned, plan.planned_at)
    return SendReview(
        planned=planned,
        headline=_headline(plan, planned, when, size),
        summary=reason_text(planned),
        is_pending=is_pending,
        start=start,
        when=when,
        size=size,
        people=people_text(size),
        cost=", ".join(cost_text(plan, size)),
        local=local_rows(times) if start is not None and not start.is_immediate else (),
        local_times=times,
        price=plan.pricing.price(countries) if plan.pricing and countries else None,
        who=tuple(_who(planned)),
        also=tuple(_also(planned, start)),
        messages=messages_of(planned, show_values=show_values),
        text_note=text_note(planned),
        findings=tuple(finding for finding in findings if finding.address == planned.address),
        properties=tuple(
            Property(name, value, name_text(planned, name))
            for name, value in sorted(planned.send.payload.items())
        ),
    )


def _headline(plan: Plan, planned: PlannedSend, when: str, size: Size) -> str:
    """Return who gets a send, when, and at what cost; the reason of its sign if it does not go out."""
    reason = reason_text(planned)
    if not when:
        return reason
    people = people_text(size)
    if sends_again(planned):
        people = f"SENDS AGAIN to {people}"
    elif sends_rest(planned):
        people = f"the rest: {people}"
    parts = ", ".join([people, when, *cost_text(plan, size)])
    return f"{reason}; {parts}" if planned.reason is PlanReason.BLOCKED else parts


def _also(planned: PlannedSend, start: Start | None) -> Iterator[str]:
    """Yield which other sends recipients of a send get before it or with it, the first ones by name."""
    for other in planned.also_get[:_OTHERS_MAX]:
        verb = ("gets" if other.people == 1 else "get") if other.is_planned else "got"
        yield f"{other.people:,} of them {verb} {other.address} {_time_before(other.at, start)}"
    if (more := len(planned.also_get) - _OTHERS_MAX) > 0:
        yield f"and {more:,} more"


def _time_before(at: datetime, start: Start | None) -> str:
    """Return when recipients get another send, on the clock of this one."""
    if start is None:
        return f"before it, at {format_timestamp(at)}"
    if at == start.at:
        return "at the same time"
    clock = start._replace(at=at.astimezone(start.at.tzinfo), is_immediate=False, is_blocked=False)
    return f"before it, {when_text(clock)}"


def _who(planned: PlannedSend) -> Iterator[str]:
    """Yield sentences about the recipients, the exact counts first."""
    for label, text in (
        ("from", contacts_text(planned)),
        ("query", query_text(planned)),
        ("countries", countries_text(planned)),
        ("excluded", excluded_text(planned)),
    ):
        if text:
            yield f"{label}: {text}"
