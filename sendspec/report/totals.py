"""Counts over a plan, for its footer and its JSON summary."""

from __future__ import annotations

from collections import Counter
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.compare import accepted, is_sent_in_part, recipients_of, sent_before
from sendspec.formatting import pluralize
from sendspec.model import PlannedSend, PlanReason, RequestState, Sign, total_by_country

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sendspec.model import Action, CountrySegments, Plan, Pricing, RequestRecord


def recipients_in(planned: PlannedSend, batches: Sequence[int]) -> int | None:
    """Return how many recipients these requests have, None if only the vendor knows."""
    return None if planned.facts is None else recipients_of(planned.facts.count, batches)


def segments_in(planned: PlannedSend, batches: Sequence[int]) -> int | None:
    """Return how many SMS segments these requests have, None if the vendor keeps the text."""
    if planned.facts is None or planned.facts.batch_segments is None:
        return None
    return sum(planned.facts.batch_segments[batch - 1] for batch in batches)


def countries_in(planned: PlannedSend, batches: Sequence[int]) -> CountrySegments | None:
    """Return the segments of these requests by country, None if the vendor keeps the text."""
    if planned.facts is None or planned.facts.text is None:
        return None
    return planned.facts.text.countries(batches)


def sends_again(planned: PlannedSend) -> bool:
    """Return whether pending requests reach recipients of an earlier revision."""
    return bool(planned.pending and sent_before(planned.send, planned.record))


def sends_rest(planned: PlannedSend) -> bool:
    """Return whether a part of this revision was sent before, and apply sends the rest, now or later."""
    return planned.sign in (Sign.RESUME, Sign.WAITING) and is_sent_in_part(planned)


def sent_part(planned: PlannedSend) -> int:
    """Return how many recipients of the list got this revision before, 0 unless others of them remain."""
    record = planned.record
    if not planned.pending or record is None or record.revision != planned.send.revision:
        return 0
    sent = [request.batch for request in accepted(record)]
    return recipients_in(planned, sent) or 0


def tried_requests(planned: PlannedSend) -> tuple[RequestRecord, ...]:
    """Return the pending requests that an earlier run tried and did not send."""
    if planned.record is None or planned.record.revision != planned.send.revision:
        return ()
    return tuple(
        request
        for request in planned.record.requests
        if request.state is RequestState.NOT_SENT and request.batch in planned.pending
    )


def open_requests(action: Action) -> tuple[RequestRecord, ...]:
    """Return the requests of all revisions whose outcome is unknown."""
    requests = action.record.all_requests if action.record else ()
    return tuple(request for request in requests if request.state.is_open)


def declared_size(declared: int | None) -> str:
    """Return the declared number of recipients that only the vendor knows."""
    return "unknown size" if declared is None else f"{pluralize(declared, 'recipient')} as declared"


class Size(Struct, frozen=True):
    """The size of several sends together.

    `recipients`, `requests` and `segments` cover the sends with known recipients, `jobs` the requests
    to contact sources, whose recipients only the vendor knows. `published` counts sends whose text the
    vendor keeps, and `published_texts` their recipients; `segments` excludes them. `countries` has the
    segments by country. `declared` is the declared number of the recipients of jobs; `unsized` counts the
    jobs that declare none.
    """

    sends: int
    recipients: int
    requests: int
    segments: int
    jobs: int
    published: int
    published_texts: int = 0
    countries: CountrySegments = ()
    declared: int = 0
    unsized: int = 0

    @property
    def jobs_size(self) -> str:
        """What is known about the recipients of the jobs, such as `12,000 recipients as declared`."""
        if self.unsized in (0, self.jobs):
            return declared_size(None if self.unsized else self.declared)
        return f"{declared_size(self.declared)}, {self.unsized:,} of unknown size"

    @property
    def sources(self) -> str:
        """The contact sources of the jobs, such as `2 contact sources of 12,000 recipients as declared`."""
        sized = self.jobs - self.unsized
        count = sized or self.jobs
        sources = "a contact source" if count == 1 else f"{count:,} contact sources"
        return f"{sources} of {self.jobs_size}"

    def price(self, pricing: Pricing | None) -> Decimal | None:
        """Return the price of the segments, None if some of them or their prices are not known."""
        return None if pricing is None or self.published else pricing.price(self.countries)

    @property
    def known_segments(self) -> int | None:
        """The segments, None if the vendor keeps a text."""
        return None if self.published else self.segments


class Totals(Struct, frozen=True):
    """Counts over a plan.

    `now` is the size of what apply would post now, `later` of what waits for its `notBefore`.
    `in_progress`, `unknown_removed` and `repeated` are parts of `unknown`; a person must settle the
    rest. `with_vendor` counts the sends with a job that the vendor will start, also edited and removed ones.
    """

    now: Size
    later: Size
    again: int
    blocked: int
    already_sent: int
    unknown: int
    in_progress: int
    unknown_removed: int
    repeated: int
    with_vendor: int
    expired: int
    stopped: int


def count_totals(plan: Plan) -> Totals:
    """Count what the plan would send and what it would not."""
    to_send = plan.to_send
    unknown = [action for action in plan.actions if open_requests(action)]
    settlements = [_settlement(action) for action in unknown]
    reasons = Counter(action.reason for action in plan.actions)
    return Totals(
        now=size_of([(planned, planned.batches) for planned in to_send]),
        later=size_of([(planned, planned.pending) for planned in plan.waiting]),
        again=sum(sends_again(planned) for planned in to_send),
        blocked=sum(action.sign in (Sign.BLOCKED, Sign.EDITED) for action in plan.actions),
        already_sent=reasons[PlanReason.ALREADY_SENT],
        unknown=len(unknown),
        in_progress=settlements.count(_Settlement.IN_PROGRESS),
        unknown_removed=settlements.count(_Settlement.REMOVED),
        repeated=settlements.count(_Settlement.REPEATED),
        with_vendor=sum(bool(action.at_vendor) for action in plan.actions),
        expired=reasons[PlanReason.EXPIRED],
        stopped=reasons[PlanReason.STOPPED],
    )


def size_of(parts: Sequence[tuple[PlannedSend, Sequence[int]]]) -> Size:
    """Return the size of these requests of these sends."""
    recipients = requests = segments = jobs = published = published_texts = declared = unsized = 0
    countries: list[CountrySegments] = []
    for planned, batches in parts:
        people, own_segments = recipients_in(planned, batches), segments_in(planned, batches)
        if people is None:
            size = planned.send.audience.size
            jobs, declared, unsized = jobs + 1, declared + (size or 0), unsized + (size is None)
            continue
        recipients, requests = recipients + people, requests + len(batches)
        if own_segments is None:
            published, published_texts = published + 1, published_texts + people
        else:
            segments += own_segments
        countries.append(countries_in(planned, batches) or ())
    return Size(
        sends=len(parts),
        recipients=recipients,
        requests=requests,
        segments=segments,
        jobs=jobs,
        published=published,
        published_texts=published_texts,
        countries=countries[0] if len(countries) == 1 else total_by_country(countries),
        declared=declared,
        unsized=unsized,
    )


class _Settlement(Enum):
    """The way in which an unknown outcome may be settled."""

    IN_PROGRESS = auto()
    REMOVED = auto()
    REPEATED = auto()
    BY_PERSON = auto()


def _settlement(action: Action) -> _Settlement:
    if all(request in action.in_progress for request in open_requests(action)):
        return _Settlement.IN_PROGRESS
    if not isinstance(action, PlannedSend):
        return _Settlement.REMOVED
    return _Settlement.REPEATED if action.sign is Sign.RESUME else _Settlement.BY_PERSON
