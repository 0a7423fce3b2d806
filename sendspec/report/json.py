"""The plan and the receipt for machines: their own versioned form, not the inner objects."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sendspec.audience import parallel_map, stretched_digest
from sendspec.compare import accepted, recipients_of, sent_before
from sendspec.errors import SpecError
from sendspec.formatting import format_timestamp
from sendspec.model import ContactFile
from sendspec.redact import Redactor
from sendspec.report.escape import json_text
from sendspec.report.phrases import when_of
from sendspec.report.summary import segments_in, summarise, unsent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.apply import Receipt
    from sendspec.errors import SendspecError
    from sendspec.model import Action, Finding, Plan, RequestRecord, SendRecord
    from sendspec.protocol import Result


def plan_json(plan: Plan) -> str:
    """Give a plan as `schemas/plan.schema.json` describes it, with a final newline."""
    return json_text(plan_value(plan))


def saved_json(plan: Plan, directory: str) -> str:
    """Give a plan to be kept and applied later: with its project directory and who would get what."""
    return json_text({**plan_value(plan, recipients=True), "directory": directory})


def plan_value(plan: Plan, *, recipients: bool = False) -> dict[str, Any]:
    """Give a plan as a JSON value; `recipients` adds their digests, which take 40 ms a send to stretch."""
    digests = parallel_map(_recipients_digest, plan.actions if recipients else ())
    summary = summarise(plan)
    return {
        "version": 1,
        "target": plan.target,
        "account": plan.account,
        "digest": plan.digest,
        "summary": {
            "send": summary.to_send,
            "recipients": summary.recipients,
            "requests": summary.requests + summary.jobs,
            "segments": None if summary.published else summary.segments,
            "unsized": summary.jobs,
            "again": summary.again,
            "blocked": summary.blocked,
            "sent": summary.already_sent,
            "unknown": summary.unknown,
            "inProgress": summary.in_progress,
            "waiting": summary.waiting,
            "passed": summary.passed,
        },
        "actions": [
            {**_action(action), **({"recipientsDigest": digest} if digest else {})}
            for action, digest in zip_longest(plan.actions, digests)
        ],
        "findings": [finding_value(finding) for finding in plan.findings],
    }


def finding_value(finding: Finding) -> dict[str, Any]:
    """Give a finding as a JSON value."""
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        "file": finding.location.file,
        "line": finding.location.line,
        "column": finding.location.column,
        "address": finding.address,
        "hint": finding.hint,
        "allowed": finding.allowed,
    }


def findings_json(findings: Iterable[Finding]) -> str:
    """Give findings alone, as `validate --format json` prints them."""
    return json_text({"version": 1, "findings": [finding_value(finding) for finding in findings]})


def receipt_json(target: str, receipt: Receipt | None, error: SendspecError | None, exit_code: int) -> str:
    """Give what an apply did, or why it did nothing, as `apply --receipt` writes it."""
    errors = [*(receipt.errors if receipt else ()), *([error] if error else [])]
    return json_text(
        {
            "version": 1,
            "target": target,
            "exitCode": exit_code,
            "planDigest": receipt.plan.digest if receipt else None,
            "interrupted": receipt.interrupted if receipt else False,
            "requests": [result_value(result) for result in receipt.results] if receipt else [],
            "heldBack": [str(key) for key in receipt.held_back] if receipt else [],
            "errors": [error_value(each) for each in errors],
        }
    )


def error_value(error: SendspecError) -> dict[str, Any]:
    """Give an error as a JSON value, masked; one about the specs with every problem and its place."""
    redact = Redactor()

    def told(message: str, hint: str | None) -> dict[str, Any]:
        return {"message": redact(message), "hint": hint and redact(hint)}

    value = told(str(error), error.hint)
    if isinstance(error, SpecError):
        value["problems"] = [
            {**problem.location._asdict(), **told(problem.message, problem.hint)}
            for problem in error.problems
        ]
    return value


def result_value(result: Result) -> dict[str, Any]:
    """Give what became of one request as a JSON value."""
    return {
        "address": result.key.address,
        "revision": result.key.revision,
        "batch": result.key.batch,
        "endpoint": result.endpoint.value,
        "state": result.state.value,
        "attempts": result.attempts,
        "jobId": result.job_id,
        "transactionId": result.transaction_id,
        "reason": result.reason.value,
        "evidence": result.evidence,
        "recorded": result.recorded,
    }


def _recipients_digest(action: Action) -> str | None:
    if action.facts is None or not action.batches:
        return None
    return stretched_digest(action.address, action.facts.digest)


def _action(action: Action) -> dict[str, Any]:
    send, record = action.send, action.record
    source = send or record
    assert source is not None  # noqa: S101 - an action speaks of specs, ledger or both
    recorded = record.recipients if record else None
    whole = action.facts.count if action.facts else recorded.count if recorded and not send else None
    return {
        "sign": action.sign.value,
        "address": action.address,
        "endpoint": source.endpoint.value,
        "revision": source.revision,
        "recipients": whole,
        "contacts": _contacts(action),
        "requests": len(action.facts.batch_digests) if action.facts else 1,
        "batches": list(action.batches),
        "pending": list(action.pending),
        "segments": segments_in(action, action.batches) if action.batches else None,
        "when": when_of(send) if send else None,
        "payload": dict(send.payload) if send else None,
        "payloadDigest": send.payload_digest if send else None,
        "sentBefore": [_sending(one) for one in sent_before(send, record)] if send else [],
        "against": action.against,
        "changes": [{"field": c.field, "sent": c.sent, "now": c.now} for c in action.changes],
        "tried": [_tried(request) for request in unsent(action)],
        "open": [
            {
                "revision": revision.revision,
                **_tried(request),
                "run": request.run,
                "inProgress": request in action.in_progress,
            }
            for revision in (record.revisions if record else ())
            for request in revision.requests
            if request.state.is_open
        ],
        "why": action.why,
    }


def _contacts(action: Action) -> dict[str, Any] | None:
    if action.facts is None or action.send is None:
        return None
    contacts, facts = action.send.contacts, action.facts
    return {
        "file": contacts.shown if isinstance(contacts, ContactFile) else None,
        "rows": facts.rows,
        "duplicates": facts.rows - facts.count,
    }


def _sending(record: SendRecord) -> dict[str, Any]:
    sent, then = accepted(record), record.recipients
    return {
        "revision": record.revision,
        "requests": len(sent),
        "ofRequests": record.expected_requests,
        "recipients": recipients_of(then.count, [one.batch for one in sent]) if then else None,
        "ofRecipients": then.count if then else None,
        "first": format_timestamp(min(one.at for one in sent)),
        "last": format_timestamp(max(one.at for one in sent)),
    }


def _tried(request: RequestRecord) -> dict[str, Any]:
    return {
        "batch": request.batch,
        "at": format_timestamp(request.at),
        "attempts": request.attempts,
        "reason": request.reason and request.reason.value,
        "evidence": request.evidence,
    }
