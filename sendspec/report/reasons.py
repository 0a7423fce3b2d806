"""The sentence of each plan reason: why apply would, or would not, send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.compare import accepted, recipients_of
from sendspec.formatting import pluralize
from sendspec.model import PlannedSend, PlanReason
from sendspec.record_phrases import expired_text, progress_text, wait_text

if TYPE_CHECKING:
    from sendspec.model import Action


def reason_text(action: Action) -> str:
    """Return why an action has its sign, in one sentence."""
    if not isinstance(action, PlannedSend):
        return "in the ledger, not in the specs"
    if action.reason in (PlanReason.OUTCOME_UNKNOWN, PlanReason.IN_PROGRESS):
        return _unknown_text(action)
    return _text(action.reason, action)


def _text(reason: PlanReason, planned: PlannedSend) -> str:  # noqa: PLR0911 - one return a reason
    match reason:
        case PlanReason.EDITED:
            return f"edited after {_extent(planned)} was sent; nothing more is sent"
        case PlanReason.RECIPIENTS_CHANGED:
            return f"recipients changed after {_extent(planned)} was sent; nothing more is sent"
        case PlanReason.REVISION_LOWERED:
            return "revision is lower than in the ledger; nothing is sent"
        case PlanReason.EXPIRED:
            expired = planned.send.not_after and planned.send.not_after.isoformat()
            return f"expired at {expired}; {expired_text(planned.send, planned.record)}"
        case PlanReason.BLOCKED:
            return f"blocked by {', '.join(planned.blocking_rules)}"
        case PlanReason.TOO_EARLY:
            return f"waits until {planned.send.not_before and planned.send.not_before.isoformat()}"
        case PlanReason.ALREADY_SENT:
            return "already sent"
        case PlanReason.RESUMED:
            return "resumes after an earlier run"
        case PlanReason.NEW_REVISION:
            return "will be sent again"
        case _:
            return "will be sent"


def _extent(planned: PlannedSend) -> str:
    record = planned.record
    if record is None or record.recipients is None or len(accepted(record)) == record.expected_requests:
        return "it"
    count = record.recipients.count
    reached = recipients_of(count, [request.batch for request in accepted(record)])
    return f"a part ({reached:,} of {pluralize(count, 'recipient')})"


def _unknown_text(planned: PlannedSend) -> str:
    unknown = planned.unknown
    young = [request for request in unknown if request in planned.in_progress]
    obstacle = "" if planned.obstacle is None else f", {_text(planned.obstacle, planned).split(';')[0]}"
    if planned.reason is PlanReason.IN_PROGRESS:
        several = f"{pluralize(len(young), 'request')} " if len(young) > 1 else ""
        latest = max(young, key=lambda request: request.at)
        return f"{several}{progress_text(latest)}{obstacle}; wait until {wait_text(latest)}, then plan again"
    part = f" ({len(young):,} may be in progress)" if young else ""
    requests = pluralize(len(unknown), "request")
    pronoun = "it" if len(unknown) == 1 else "them"
    return f"outcome of {requests} unknown{part}{obstacle}; settle {pronoun} with `sendspec resolve`"
