"""The plan as JSON, in the versioned format of `schemas/plan.schema.json`."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sendspec.audience import stretched_digest
from sendspec.compare import accepted, recipients_of, sent_before
from sendspec.formatting import format_timestamp
from sendspec.model import ContactFile, ContactQuery, PlannedSend, PlanReason, Sign
from sendspec.parallel import parallel_map
from sendspec.report.campaign_notes import noted_campaigns
from sendspec.report.difference_json import difference_value
from sendspec.report.escape.json_text import json_document
from sendspec.report.findings_json import finding_value
from sendspec.report.phrases import scheduled_date
from sendspec.report.reasons import reason_text
from sendspec.report.totals import count_totals, countries_in, segments_in, tried_requests
from sendspec.report.vendor_names import message_value, program_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sendspec.model import (
        Action,
        AlsoGet,
        ExpectedRecipients,
        People,
        Plan,
        Pricing,
        RemovedSend,
        RequestRecord,
        SendRecord,
        VendorJob,
    )
    from sendspec.report.totals import Size


def plan_json(plan: Plan) -> str:
    """Return a plan as a JSON document."""
    return json_document(plan_value(plan))


def plan_value(plan: Plan, *, recipients: bool = False) -> dict[str, Any]:
    """Return a plan as a JSON value; `recipients` adds digests, which take 40 ms per send."""
    digests = parallel_map(_recipients_digest, plan.actions if recipients else ())
    return {
        "version": 1,
        "target": plan.target,
        "account": plan.account,
        "selection": list(plan.selection) or None,
        "unselected": plan.unselected,
        "online": plan.online,
        "digest": plan.digest,
        "plannedAt": format_timestamp(plan.planned_at),
        "summary": _summary(plan),
        "campaigns": [
            {"campaign": name, "owner": notes.owner, "description": notes.description, "ticket": notes.ticket}
            for name, notes in noted_campaigns(planned.send for planned in plan.sends)
        ],
        "actions": [
            {**_action(action, plan.pricing), **(_digests(action, digest) if recipients else {})}
            for action, digest in zip_longest(plan.actions, digests)
        ],
        "findings": [finding_value(finding) for finding in plan.findings],
        "against": plan.difference and difference_value(plan.difference),
    }


def _summary(plan: Plan) -> dict[str, Any]:
    totals = count_totals(plan)
    return {
        "send": totals.now.sends,
        **_size(totals.now),
        "again": totals.again,
        "blocked": totals.blocked,
        "sent": totals.already_sent,
        "unknown": totals.unknown,
        "inProgress": totals.in_progress,
        "withVendor": totals.with_vendor,
        "waiting": totals.later.sends,
        "later": _size(totals.later),
        "expired": totals.expired,
        "stopped": totals.stopped,
        "people": _people(plan.people),
        "price": plan.pricing
        and {
            "currency": plan.pricing.currency,
            "now": _amount(totals.now.price(plan.pricing)),
            "later": _amount(totals.later.price(plan.pricing)),
        },
    }


def _people(people: People) -> dict[str, int | None]:
    return {
        "now": people.now,
        "later": people.later,
        "together": people.together,
        "blockedSends": people.blocked_sends,
        "unknownSources": people.unknown_sources,
        "declared": people.declared,
    }


def _amount(amount: Decimal | None) -> str | None:
    """Return an exact decimal number without an exponent."""
    return None if amount is None else f"{amount:f}"


def _size(size: Size) -> dict[str, int | None]:
    return {
        "recipients": size.recipients,
        "requests": size.requests + size.jobs,
        "segments": size.known_segments,
        "jobs": size.jobs,
    }


def _recipients_digest(action: Action) -> str | None:
    if not isinstance(action, PlannedSend) or action.facts is None:
        return None
    if not _is_intended(action):
        return None
    return stretched_digest(action.address, action.facts.digest)


def _digests(action: Action, recipients: str | None) -> dict[str, str]:
    """Return the digests of a send that only a saved plan has."""
    hours = action.limits_digest if isinstance(action, PlannedSend) and _is_intended(action) else None
    digests = {"recipientsDigest": recipients, "legalHoursDigest": hours}
    return {name: digest for name, digest in digests.items() if digest}


def _is_intended(planned: PlannedSend) -> bool:
    """Return whether apply would post a send now or later."""
    return bool(planned.batches) or planned.sign is Sign.WAITING


def _action(action: Action, pricing: Pricing | None) -> dict[str, Any]:
    specifics = _planned(action, pricing) if isinstance(action, PlannedSend) else _removed(action)
    return {
        "sign": action.sign.value,
        "reason": action.reason.value,
        "text": reason_text(action),
        "address": action.address,
        **specifics,
        "open": _open_requests(action),
        "atVendor": [_vendor_job(job) for job in action.at_vendor],
    }


def _planned(planned: PlannedSend, pricing: Pricing | None) -> dict[str, Any]:
    send, facts, absent = planned.send, planned.facts, _absent_lists(planned)
    counted = planned.pending if planned.sign is Sign.WAITING else planned.batches
    return {
        "endpoint": send.endpoint.value,
        "revision": send.revision,
        "recipients": facts and facts.count,
        "expected": _expected(send.expected),
        "contacts": _contacts(planned),
        "countries": _countries(planned),
        "absentLists": [_outside_list(file) for file in absent],
        "requests": _requests(planned),
        "batches": list(planned.batches),
        "pending": [] if absent else list(planned.pending),
        "segments": segments_in(planned, counted) if counted else None,
        "price": _price(planned, counted, pricing),
        "scheduledDate": scheduled_date(send),
        "notBefore": send.not_before and send.not_before.isoformat(),
        "notAfter": send.not_after and send.not_after.isoformat(),
        "program": program_value(planned.program),
        "publishedMessage": message_value(planned.message),
        "legalFrom": planned.legal_from and planned.legal_from.isoformat(timespec="seconds"),
        "legalUntil": planned.legal_until and planned.legal_until.isoformat(timespec="seconds"),
        "alsoGet": [_other_send(other) for other in planned.also_get],
        "payload": dict(send.payload),
        "payloadDigest": send.payload_digest,
        "blockingRules": list(planned.blocking_rules),
        "obstacle": planned.obstacle and planned.obstacle.value,
        "repeatFrom": planned.repeat_from and planned.repeat_from.isoformat(timespec="seconds"),
        "sentBefore": [_sent_revision(record) for record in sent_before(send, planned.record)],
        "movedFrom": list(planned.moved_from),
        "baseRevision": planned.base_revision,
        "changes": [
            {"field": change.field, "sent": change.sent, "now": change.now} for change in planned.changes
        ],
        "tried": [_attempted(request) for request in tried_requests(planned)],
    }


def _other_send(other: AlsoGet) -> dict[str, Any]:
    return {
        "address": other.address,
        "people": other.people,
        "at": format_timestamp(other.at),
        "planned": other.is_planned,
    }


def _expected(expected: ExpectedRecipients | None) -> dict[str, int] | None:
    if expected is None:
        return None
    return {"recipients": expected.recipients, "differenceMax": expected.difference_max}


def _price(planned: PlannedSend, batches: Sequence[int], pricing: Pricing | None) -> str | None:
    countries = countries_in(planned, batches) if batches and pricing is not None else None
    return None if countries is None or pricing is None else _amount(pricing.price(countries))


def _removed(removed: RemovedSend) -> dict[str, Any]:
    record = removed.record
    return {
        "endpoint": record.endpoint.value,
        "revision": record.revision,
        "recipients": record.recipients and record.recipients.count,
        "expected": None,
        "contacts": None,
        "countries": None,
        "absentLists": [],
        "requests": record.expected_requests,
        "batches": [],
        "pending": [],
        "segments": None,
        "price": None,
        "scheduledDate": None,
        "notBefore": None,
        "notAfter": None,
        "program": None,
        "publishedMessage": None,
        "legalFrom": None,
        "legalUntil": None,
        "alsoGet": [],
        "payload": None,
        "payloadDigest": None,
        "blockingRules": [],
        "obstacle": None,
        "repeatFrom": None,
        "sentBefore": [],
        "movedFrom": [],
        "baseRevision": None,
        "changes": [],
        "tried": [],
    }


def _requests(planned: PlannedSend) -> int | None:
    if planned.facts is not None:
        return len(planned.facts.batch_digests)
    if planned.record is None and planned.send.absent_lists:
        return None
    return 1 if planned.record is None else planned.record.expected_requests


def _vendor_job(job: VendorJob) -> dict[str, Any]:
    return {
        "revision": job.revision,
        "batch": job.request.batch,
        "jobId": job.request.job_id,
        "due": job.due.isoformat(),
    }


def _open_requests(action: Action) -> list[dict[str, Any]]:
    revisions: Sequence[SendRecord] = action.record.revisions if action.record else ()
    return [
        {
            "revision": revision.revision,
            **_attempted(request),
            "run": request.run,
            "inProgress": request in action.in_progress,
        }
        for revision in revisions
        for request in revision.requests
        if request.state.is_open
    ]


def _contacts(planned: PlannedSend) -> dict[str, Any] | None:
    if planned.facts is None:
        return None
    contacts, facts = planned.send.contacts, planned.facts
    return {
        "file": contacts.shown if isinstance(contacts, ContactFile) else None,
        "sha256": _digest(contacts) if isinstance(contacts, ContactFile) else None,
        "query": _query(contacts) if isinstance(contacts, ContactQuery) else None,
        "rows": facts.rows,
        "duplicates": facts.duplicates,
        "refused": facts.refused,
        "excluded": [
            {
                "file": excluded.file.shown,
                "sha256": _digest(excluded.file),
                "contacts": excluded.removed,
            }
            for excluded in facts.excluded
        ],
    }


def _absent_lists(planned: PlannedSend) -> Sequence[ContactFile]:
    """Return the lists without which the send is blocked on this machine."""
    return planned.send.absent_lists if planned.reason is PlanReason.LIST_ABSENT else ()


def _outside_list(file: ContactFile) -> dict[str, str | None]:
    return {"file": file.name, "sha256": _digest(file)}


def _digest(file: ContactFile) -> str | None:
    return None if file.outside is None else file.outside.sha256


def _query(query: ContactQuery) -> dict[str, str]:
    return {"connection": query.connection, "sql": query.sql}


def _countries(planned: PlannedSend) -> dict[str, int] | None:
    if planned.facts is None:
        return None
    return {code: found.count for code, found in planned.facts.numbers.countries.items()}


def _sent_revision(record: SendRecord) -> dict[str, Any]:
    sent, recipients = accepted(record), record.recipients
    batches = [request.batch for request in sent]
    return {
        "revision": record.revision,
        "requests": len(sent),
        "ofRequests": record.expected_requests,
        "recipients": recipients_of(recipients.count, batches) if recipients else None,
        "ofRecipients": recipients.count if recipients else None,
        "first": format_timestamp(min(request.at for request in sent)),
        "last": format_timestamp(max(request.at for request in sent)),
    }


def _attempted(request: RequestRecord) -> dict[str, Any]:
    return {
        "batch": request.batch,
        "at": format_timestamp(request.at),
        "attempts": request.attempts,
        "reason": request.reason and request.reason.value,
        "evidence": request.evidence,
    }
