"""The review of one send: its reason, start, size, recipients, messages and properties."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.formatting import format_timestamp
from sendspec.local_times import local_times_of
from sendspec.model import PlanReason, Sign
from sendspec.report.phrases import contacts_text, countries_text, excluded_text, query_text
from sendspec.report.reasons import reason_text
from sendspec.report.review.local import local_rows
from sendspec.report.review.messages import messages_of, text_note
from sendspec.report.review.model import Property
from sendspec.report.review.sizes import cost_text, people_text
from sendspec.report.review.starts import NEVER, start_of, when_text
from sendspec.report.totals import countries_in, open_requests, sends_again, sends_rest, size_of
from sendspec.report.vendor_names import name_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from decimal import Decimal

    from sendspec.local_times import LocalTimes
    from sendspec.model import Action, Finding, Plan, PlannedSend
    from sendspec.report.review.local import LocalRow
    from sendspec.report.review.model import Message, Start
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


class SendReview(Struct, frozen=True, dict=True):
    """What a reviewer decides about one send; a text is made when a medium first reads it.

    `is_pending` means that requests remain which apply posts now, later, or when nothing blocks them.
    `start` is their start; it is None if nothing is pending, or if no hour is legal for all recipients.
    `when` says it, '' if nothing is pending. `size` covers the requests that remain, blocked or not.
    `findings` are those about this send.
    """

    plan: Plan
    planned: PlannedSend
    is_pending: bool
    start: Start | None
    when: str
    size: Size
    findings: tuple[Finding, ...]
    shows_values: bool

    @property
    def address(self) -> str:
        """The address of the send."""
        return self.planned.address

    @cached_property
    def headline(self) -> str:
        """Who gets the send, when, and at what cost; the reason of its sign if it does not go out."""
        return _headline(self)

    @cached_property
    def summary(self) -> str:
        """The reason of its sign in a sentence."""
        return reason_text(self.planned)

    @property
    def people(self) -> str:
        """The people of `size`."""
        return people_text(self.size)

    @property
    def cost(self) -> str:
        """The segments of `size`, and their price if it is known."""
        return ", ".join(cost_text(self.plan, self.size))

    @property
    def price(self) -> Decimal | None:
        """The price of the segments, None if it is not known."""
        pricing, countries = self.plan.pricing, countries_in(self.planned, self.planned.pending)
        return pricing.price(countries) if pricing and countries else None

    @cached_property
    def local_times(self) -> LocalTimes | None:
        """The local times of its people, None without a start."""
        return None if self.start is None else local_times_of(self.planned, self.plan.planned_at)

    @cached_property
    def local(self) -> tuple[LocalRow, ...]:
        """The local times as texts; none of an immediate send, because they depend on the hour of apply."""
        is_later = self.start is not None and not self.start.is_immediate
        return local_rows(self.local_times) if is_later else ()

    @property
    def who(self) -> tuple[str, ...]:
        """Sentences about its recipients."""
        return tuple(_who(self.planned))

    @cached_property
    def also(self) -> tuple[str, ...]:
        """Which other sends its recipients get before it or with it."""
        return tuple(_also(self.planned, self.start))

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The texts that its recipients read; none if the vendor keeps the text."""
        return messages_of(self.planned, show_values=self.shows_values)

    @property
    def text_note(self) -> str:
        """Why it has no messages, '' if it has some."""
        return text_note(self.planned)

    @property
    def properties(self) -> tuple[Property, ...]:
        """The properties of its requests."""
        return tuple(
            Property(name, value, name_text(self.planned, name))
            for name, value in sorted(self.planned.send.payload.items())
        )


def review_send(
    plan: Plan, planned: PlannedSend, findings: Iterable[Finding], *, is_blocked: bool, show_values: bool
) -> SendReview:
    """Return what a reviewer decides about one send; `is_blocked` says whether errors block the plan."""
    is_pending = goes_out(planned)
    start = start_of(planned, plan.planned_at) if is_pending else None
    if start is not None:
        start = start._replace(is_blocked=is_blocked or planned.reason is PlanReason.BLOCKED)
    return SendReview(
        plan=plan,
        planned=planned,
        is_pending=is_pending,
        start=start,
        when="" if not is_pending else NEVER if start is None else when_text(start),
        size=size_of([(planned, planned.pending)]),
        findings=tuple(findings),
        shows_values=show_values,
    )


def _headline(send: SendReview) -> str:
    planned = send.planned
    if not send.when:
        return send.summary
    people = send.people
    if sends_again(planned):
        people = f"SENDS AGAIN to {people}"
    elif sends_rest(planned):
        people = f"the rest: {people}"
    parts = ", ".join([people, send.when, *cost_text(send.plan, send.size)])
    return f"{send.summary}; {parts}" if planned.reason is PlanReason.BLOCKED else parts


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
