"""Phrases that several reports use: sizes, times, earlier revisions, the footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.compare import accepted, is_stopped, recipients_of
from sendspec.formatting import format_money, format_timestamp, pluralize, short_digest
from sendspec.model import ContactFile, ContactQuery, IdKind, RequestState, SettledBy
from sendspec.phone import WITHOUT_COUNTRY
from sendspec.record_phrases import outcome_text
from sendspec.report.escape.plain import escape_value
from sendspec.report.totals import count_totals, declared_size, recipients_in, segments_in, sent_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Plan, PlannedSend, Pricing, RequestRecord, Send, SendRecord
    from sendspec.report.totals import Size, Totals


def scheduled_date(send: Send) -> str | None:
    """Return the date on which the vendor starts a job, None for a send without one."""
    if send.endpoint.traits.id_kind is not IdKind.JOB:
        return None
    scheduled = send.payload.get("scheduledDate")
    return None if scheduled is None else str(scheduled)


def size_text(planned: PlannedSend) -> str:
    """Return the pending recipients, requests and segments of a send, and when they are sent."""
    date = scheduled_date(planned.send)
    time = f", at {date}" if date else ", immediately" if planned.batches else ""
    recipients = recipients_in(planned, planned.pending)
    segments = segments_in(planned, planned.pending)
    if recipients is None:
        declared = planned.send.audience.size
        return f"to a contact source of {declared_size(declared)} in 1 job{time}"
    parts = "" if segments is None else f", {pluralize(segments, 'segment')}"
    requests = pluralize(len(planned.pending), "request")
    return f"to {pluralize(recipients, 'recipient')} in {requests}{parts}{time}"


def contacts_text(planned: PlannedSend) -> str | None:
    """Return the source of the contacts and the exact counts, None if the vendor keeps them."""
    if planned.facts is None:
        return None
    contacts, facts = planned.send.contacts, planned.facts
    counts = (
        f"{pluralize(facts.count, 'recipient')}, {pluralize(facts.duplicates, 'duplicate')}, "
        f"{facts.refused:,} refused"
    )
    if facts.excluded:
        counts += f", {facts.excluded_count:,} excluded"
    if isinstance(contacts, ContactFile):
        return f"{contacts.shown}{digest_text(contacts)}, {pluralize(facts.rows, 'row')}: {counts}"
    if isinstance(contacts, ContactQuery):
        return f"{contacts.shown}, {pluralize(facts.rows, 'row')}: {counts}"
    return f"{facts.rows:,} in the campaign file: {counts}"


def digest_text(file: ContactFile) -> str:
    """Return the digest of a list outside of the repository after its name, '' for any other list."""
    return "" if file.outside is None else f" (SHA-256 {short_digest(file.outside.sha256)})"


def query_text(planned: PlannedSend) -> str | None:
    """Return the query of the contacts as JSON text, None if they are not the rows of one."""
    contacts = planned.send.contacts
    return escape_value(contacts.sql) if isinstance(contacts, ContactQuery) else None


def list_note(planned: PlannedSend) -> str:
    """Return that counts are those of the whole list, '' unless a part of it was sent before."""
    sent = sent_part(planned)
    return f"of the whole list; {sent:,} of these were sent before" if sent else ""


def countries_text(planned: PlannedSend) -> str:
    """Return the countries of the numbers, the largest first, '' if no contact has a number.

    Only the whole list has counts by country, so the text says so if a part of it was sent before.
    """
    numbers = planned.facts and planned.facts.numbers
    if not numbers or not numbers.count:
        return ""
    parts = [f"{_country(code)} {found.count:,}" for code, found in numbers.countries.items()]
    unknown = numbers.count - sum(found.count for found in numbers.countries.values())
    note = list_note(planned)
    text = ", ".join([*parts, f"not known {unknown:,}"] if unknown else parts)
    return f"{text} ({note})" if note else text


def _country(code: str) -> str:
    return "without country" if code == WITHOUT_COUNTRY else code


def excluded_text(planned: PlannedSend) -> str | None:
    """Return how many contacts each exclude list removed, None if the send has no such list."""
    lists = planned.facts.excluded if planned.facts else ()
    counts = (f"{found.removed:,} by {found.file.shown}{digest_text(found.file)}" for found in lists)
    return ", ".join(counts) or None


def sent_text(record: SendRecord) -> str:
    """Return the extent of one revision that was sent, and the days."""
    name, sent = f"revision {record.revision}", accepted(record)
    if not sent:
        tried = tried_text(record.requests)
        return f"nothing of {name} was sent{f' ({tried})' if tried else ''}"
    if record.endpoint.traits.id_kind is IdKind.JOB:
        job = f" as job {sent[0].job_id}" if sent[0].job_id is not None else ""
        scheduled = record.payload.get("scheduledDate")
        start = f"scheduled for {scheduled}" if scheduled else "to start immediately"
        if is_stopped(record) and sent[0].stop is not None:
            start += f", and stopped at the vendor (stated at {format_timestamp(sent[0].stop.at)}: "
            start += f"{sent[0].stop.evidence})"
        return f"{name} was accepted {_days(sent)}{job}, {start}"
    whole = len(sent) == record.expected_requests
    return f"{name} was sent{'' if whole else ' in part'} {_days(sent)} {_extent(record, sent, whole=whole)}"


def tried_text(requests: Sequence[RequestRecord]) -> str | None:
    """Return how often unsent requests were tried, and why the last one failed; None if none was."""
    tried = [request for request in requests if request.state is RequestState.NOT_SENT]
    if not tried:
        return None
    last = max(tried, key=lambda request: request.at)
    several = f"{pluralize(len(tried), 'request')}, " if len(tried) > 1 else ""
    attempts = sum(request.attempts for request in tried)
    count = pluralize(attempts, "attempt") if attempts else "never posted"
    reason = f": {outcome_text(last.reason, last.evidence)}" if last.reason or last.evidence else ""
    return f"{several}{count}, last at {format_timestamp(last.at)}{reason}"


def footer(plan: Plan) -> str:
    """Return the plan in one sentence."""
    totals, people = count_totals(plan), plan.people
    # Counts with the people of blocked sends would not be those of the recipients beside them.
    now, later = (None, None) if people.blocked_sends else (people.now, people.later)
    parts = [
        f"{totals.now.sends:,} to send{_sizes(totals.now, plan.pricing, now)}",
        f"{totals.blocked:,} blocked",
        f"{totals.already_sent:,} already sent",
        f"{totals.unknown:,} unknown{_unknown(totals)}",
    ]
    if totals.with_vendor:
        parts.append(f"{totals.with_vendor:,} with the vendor")
    if totals.later.sends:
        parts.append(f"{totals.later.sends:,} later{_sizes(totals.later, plan.pricing, later)}")
    if totals.expired:
        parts.append(f"{totals.expired:,} expired")
    if totals.stopped:
        parts.append(f"{totals.stopped:,} stopped at the vendor")
    return f"Plan: {', '.join(parts)}."


def _extent(record: SendRecord, sent: Sequence[RequestRecord], *, whole: bool) -> str:
    requests = pluralize(record.expected_requests, "request")
    if record.recipients is None:
        return f"in {requests}"
    count = record.recipients.count
    recipients = pluralize(count, "recipient")
    if whole:
        return f"to {recipients} in {requests}"
    reached = recipients_of(count, [request.batch for request in sent])
    return f"to {reached:,} of {recipients} in {len(sent):,} of {requests}"


def _days(sent: Sequence[RequestRecord]) -> str:
    """Return the days, in UTC, on which requests were accepted, as exactly as the ledger has them."""
    first, last = (f"{end(request.at for request in sent):%Y-%m-%d}" for end in (min, max))
    if not all(map(_has_exact_time, sent)):
        return f"on or before {last} (UTC)"
    return f"on {last} (UTC)" if first == last else f"from {first} to {last} (UTC)"


def _has_exact_time(request: RequestRecord) -> bool:
    """Return whether `at` is the time of acceptance, not of a person's answer or a repetition."""
    return request.vendor_id is not None and request.settled_by is not SettledBy.PERSON


def _sizes(size: Size, pricing: Pricing | None, people: int | None) -> str:
    """Return a size with the different people among its recipients, if these are fewer."""
    parts = []
    if size.requests:
        recipients = pluralize(size.recipients, "recipient")
        if people is not None and people != size.recipients:
            recipients += f", {people_text(people)},"
        parts.append(f"{recipients} in {pluralize(size.requests, 'request')}, {_segments(size)}")
        if pricing is not None and (price := size.price(pricing)) is not None:
            parts[-1] += f", {format_money(price, pricing.currency)}"
    if size.jobs:
        sources = "a contact source" if size.jobs == 1 else "contact sources"
        parts.append(f"{pluralize(size.jobs, 'job')} for {sources} of {size.jobs_size}")
    return f" ({'; '.join(parts)})" if parts else ""


def people_text(count: int) -> str:
    """Return a number of different people, such as `1 person`."""
    return "1 person" if count == 1 else f"{count:,} people"


def _segments(size: Size) -> str:
    if not size.published:
        return pluralize(size.segments, "segment")
    sends = pluralize(size.published, "send")
    if size.published == size.sends - size.jobs:
        return f"segments of the content of {sends} not known"
    return f"{pluralize(size.segments, 'segment')} and those of the content of {sends}"


def _unknown(totals: Totals) -> str:
    return f" ({', '.join(_unknown_parts(totals))})" if any(_unknown_parts(totals)) else ""


def _unknown_parts(totals: Totals) -> Iterator[str]:
    if totals.in_progress:
        yield f"{totals.in_progress:,} may be in progress"
    if totals.repeated:
        yield f"{totals.repeated:,} to be repeated"
    if totals.unknown_removed:
        yield f"{totals.unknown_removed:,} not in the specs"
