"""The sentences that every report uses alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.compare import accepted, recipients_of
from sendspec.formatting import format_timestamp, pluralize
from sendspec.model import ContactFile, Endpoint, OutcomeReason, RequestState, SettledBy
from sendspec.report.summary import recipients_in, segments_in, summarise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Action, Plan, RequestRecord, Send, SendRecord
    from sendspec.report.summary import Summary


def when_of(send: Send) -> str | None:
    """Give the instant a send is scheduled for, None for at once."""
    if send.endpoint is Endpoint.CONTACT_SOURCE:
        scheduled = send.payload.get("scheduledDate")
        return None if scheduled is None else str(scheduled)
    return None


def size_of(action: Action) -> str:
    """Say to how many, in how many requests and SMS parts, and when what is to go out of an action goes."""
    when = when_of(action.send) if action.send else None
    moment = f", at {when}" if when else ", at once" if action.batches else ""
    recipients, segments = recipients_in(action, action.pending), segments_in(action, action.pending)
    if recipients is None:
        return f"to a contact source of unknown size in 1 job{moment}"
    parts = "" if segments is None else f", {pluralize(segments, 'segment')}"
    requests = pluralize(len(action.pending), "request")
    return f"to {pluralize(recipients, 'recipient')} in {requests}{parts}{moment}"


def contacts_of(action: Action) -> str | None:
    """Say where the recipients are read from, and what was left out; None where the vendor has them."""
    if action.facts is None or action.send is None:
        return None
    contacts, facts = action.send.contacts, action.facts
    dropped = facts.rows - facts.count
    left_out = f", {pluralize(dropped, 'duplicate')} left out" if dropped else ""
    if isinstance(contacts, ContactFile):
        return f"{contacts.shown}, {pluralize(facts.rows, 'row')}{left_out}"
    return f"{facts.rows:,} in the campaign file{left_out}"


def sent_words(record: SendRecord) -> str:
    """Say of one revision in the ledger how much of it was sent, and when."""
    name, sent = f"revision {record.revision}", accepted(record)
    if not sent:
        tried = tried_words(record.requests)
        return f"nothing of {name} was sent{f' ({tried})' if tried else ''}"
    if record.endpoint is Endpoint.CONTACT_SOURCE:
        job = f" as job {sent[0].job_id}" if sent[0].job_id is not None else ""
        scheduled = record.payload.get("scheduledDate")
        due = f"at {scheduled}" if scheduled else "at once"
        return f"{name} was accepted {_days(sent)}{job}, due {due}"
    whole = len(sent) == record.expected_requests
    return f"{name} was sent{'' if whole else ' in part'} {_days(sent)} {_extent(record, sent, whole=whole)}"


def tried_words(requests: Sequence[RequestRecord]) -> str | None:
    """Say how often requests were tried that are not sent, and how that ended; None if none was."""
    tried = [one for one in requests if one.state is RequestState.NOT_SENT]
    if not tried:
        return None
    last = max(tried, key=lambda one: one.at)
    several = f"{pluralize(len(tried), 'request')}, " if len(tried) > 1 else ""
    total = sum(one.attempts for one in tried)
    attempts = pluralize(total, "attempt") if total else "never posted"
    why = f": {outcome_text(last.reason, last.evidence)}" if last.reason or last.evidence else ""
    return f"{several}{attempts}, the last time at {format_timestamp(last.at)}{why}"


_OUTCOMES: Final = {
    OutcomeReason.ACCEPTED: "{}",
    OutcomeReason.ACCEPTED_OTHER_STATUS: "{}, not the documented status",
    OutcomeReason.ACCEPTED_EARLIER: "{}; an earlier attempt was accepted, unless the name was in use before",
    OutcomeReason.REFUSED: "{}",
    OutcomeReason.REFUSED_AFTER_UNCLEAR: "{}; this does not settle the earlier attempt",
    OutcomeReason.NOT_CONNECTED: "{}",
    OutcomeReason.TOKEN_UNAVAILABLE: "{}",
    OutcomeReason.TOKEN_REFUSED: "{}",
    OutcomeReason.CREDENTIALS_REFUSED: "{}",
    OutcomeReason.BUSY: "{}",
    OutcomeReason.NO_ANSWER: "{}",
    OutcomeReason.UNUSABLE_ANSWER: "{}",
    OutcomeReason.MISSING_ID: "{}, without a usable id",
    OutcomeReason.CONTRADICTORY_ANSWER: "{}, although it has an id",
    OutcomeReason.CONTACTS_CHANGED: "{}",
    OutcomeReason.INTERNAL_ERROR: "unexpected {}",
    OutcomeReason.RUN_STOPPED: "the run was stopped before it posted this request",
    OutcomeReason.EARLIER_REQUEST_FAILED: "an earlier request of this send was refused or is unknown",
    OutcomeReason.EXPIRED: "its window expired before it was posted",
    OutcomeReason.INTENT_TOO_OLD: "it waited so long that another run may consider this run lost",
    OutcomeReason.TAKEN_OVER: "another run considered this run lost and repeated the request",
    OutcomeReason.RUN_LOST: "the run that started it ended without recording an outcome",
    OutcomeReason.RUN_ENDED: "the run ended before the answer came",
    OutcomeReason.NOT_POSTED: "it was never posted",
    OutcomeReason.STATED: "resolved by hand: {}",
}


def outcome_text(reason: OutcomeReason | None, evidence: str | None) -> str:
    """Return why a request has its state, in one sentence."""
    sentence = "{}" if reason is None else _OUTCOMES[reason]
    return sentence.replace("{}", evidence or "no answer is recorded")


def _extent(record: SendRecord, sent: Sequence[RequestRecord], *, whole: bool) -> str:
    requests = pluralize(record.expected_requests, "request")
    if record.recipients is None:
        return f"in {requests}"
    count = record.recipients.count
    people = pluralize(count, "recipient")
    if whole:
        return f"to {people} in {requests}"
    reached = recipients_of(count, [one.batch for one in sent])
    return f"to {reached:,} of {people} in {len(sent):,} of {requests}"


def _days(sent: Sequence[RequestRecord]) -> str:
    """Give the days, in UTC, on which requests were accepted, as far as the ledger knows them."""
    first, last = (f"{end(one.at for one in sent):%Y-%m-%d}" for end in (min, max))
    if not all(_has_its_day(one) for one in sent):
        return f"by {last} (UTC) at the latest"
    return f"on {last} (UTC)" if first == last else f"from {first} to {last} (UTC)"


def _has_its_day(request: RequestRecord) -> bool:
    """Whether `at` is when it was accepted: not when a person settled it, or a repetition told."""
    return request.vendor_id is not None and request.settled_by is not SettledBy.PERSON


def footer(plan: Plan) -> str:
    """Give the plan in one sentence."""
    total = summarise(plan)
    parts = [
        f"{total.to_send:,} to send{_sizes(total)}",
        f"{total.blocked:,} blocked",
        f"{total.already_sent:,} already sent",
        f"{total.unknown:,} unknown{_unknown(total)}",
    ]
    if total.waiting:
        parts.append(f"{total.waiting:,} waiting")
    if total.passed:
        parts.append(f"{total.passed:,} passed")
    return f"Plan: {', '.join(parts)}."


def _sizes(total: Summary) -> str:
    parts = []
    if total.requests:
        recipients, requests = pluralize(total.recipients, "recipient"), pluralize(total.requests, "request")
        parts.append(f"{recipients} in {requests}, {_segments(total)}")
    if total.jobs:
        sources = "a contact source" if total.jobs == 1 else "contact sources"
        parts.append(f"{pluralize(total.jobs, 'job')} for {sources} of unknown size")
    return f" ({'; '.join(parts)})" if parts else ""


def _segments(total: Summary) -> str:
    if not total.published:
        return pluralize(total.segments, "segment")
    texts = pluralize(total.published, "published message")
    if total.published == total.to_send - total.jobs:
        return f"segments of {texts} not known"
    return f"{pluralize(total.segments, 'segment')} and those of {texts}"


def _unknown(total: Summary) -> str:
    return f" ({', '.join(_unknown_parts(total))})" if any(_unknown_parts(total)) else ""


def _unknown_parts(total: Summary) -> Iterator[str]:
    if total.in_progress:
        yield f"{total.in_progress:,} may be in progress"
    if total.repeated:
        yield f"{total.repeated:,} to be repeated"
    if total.gone:
        yield f"{total.gone:,} no longer in the specs"
