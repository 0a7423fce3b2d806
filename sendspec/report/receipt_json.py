"""The receipt of a run as JSON, in the versioned format of `schemas/receipt.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.errors import ListAbsent, SpecError
from sendspec.record_phrases import outcome_text
from sendspec.redact import Redactor
from sendspec.report.escape.json_text import json_document

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.errors import SendspecError
    from sendspec.protocol import Result


def receipt_json(
    target: str,
    receipt: Receipt | None,
    error: SendspecError | None,
    exit_code: int,
    *,
    plan_digest: str | None = None,
) -> str:
    """Return the receipt that `apply --receipt` writes: results of requests, and errors.

    Without a receipt nothing was sent, and `plan_digest` is that of the plan that was shown, if one was.
    """
    own = (*receipt.errors, *receipt.left_out) if receipt else ()
    errors = [*own, *([error] if error else [])]
    return json_document(
        {
            "version": 1,
            "target": target,
            "exitCode": exit_code,
            "planDigest": receipt.plan.digest if receipt else plan_digest,
            "interrupted": receipt.interrupted if receipt else False,
            "requests": [_result_value(result) for result in receipt.results] if receipt else [],
            "notStarted": [str(key) for key in receipt.held_back] if receipt else [],
            "notStartedReasons": {str(key): reason.value for key, reason in receipt.held_back.items()}
            if receipt
            else {},
            "changedLists": list(receipt.changed_lists) if receipt else [],
            "errors": [error_value(failure) for failure in errors],
        }
    )


def _result_value(result: Result) -> dict[str, Any]:
    return {
        "address": result.key.address,
        "revision": result.key.revision,
        "batch": result.key.batch,
        "endpoint": result.endpoint.value,
        "state": result.state.value,
        "reason": result.reason.value,
        "text": outcome_text(result.reason, result.evidence),
        "evidence": result.evidence,
        "attempts": result.attempts,
        "jobId": result.job_id,
        "transactionId": result.transaction_id,
        "recorded": result.recorded,
    }


def error_value(error: SendspecError) -> dict[str, Any]:
    """Return an error as a JSON value, masked, with the location of each problem of the specs."""
    redact = Redactor()

    def masked(message: str, hint: str | None) -> dict[str, Any]:
        return {"message": redact(message), "hint": hint and redact(hint)}

    value = {"reason": error.code, **masked(str(error), error.hint)}
    if isinstance(error, ListAbsent):
        value["address"] = error.address
    if isinstance(error, SpecError):
        value["problems"] = [
            {**problem.location._asdict(), **masked(problem.message, problem.hint)}
            for problem in error.problems
        ]
    return value
