"""The sentences that every report uses alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Endpoint
from sendspec.plan import recipients_in, segments_in, summarise
from sendspec.words import counted

if TYPE_CHECKING:
    from sendspec.model import Action, Plan, Send


def when_of(send: Send) -> str | None:
    """Give the instant a send is scheduled for, None for at once."""
    if send.endpoint is Endpoint.CONTACT_SOURCE:
        scheduled = send.payload.get("scheduledDate")
        return None if scheduled is None else str(scheduled)
    return None


def size_of(action: Action) -> str:
    """Say to how many, in how many requests and SMS parts, and when the requests of an action go."""
    send = action.send
    when = when_of(send) if send else None
    moment = f"at {when}" if when else "at once"
    recipients, segments = recipients_in(action), segments_in(action)
    if recipients is None:
        return f"to a contact source in 1 request, {moment}"
    parts = "" if segments is None else f", {counted(segments, 'segment')}"
    return (
        f"to {counted(recipients, 'recipient')} in {counted(len(action.batches), 'request')}{parts}, {moment}"
    )


def footer(plan: Plan) -> str:
    """Give the plan in one sentence."""
    total = summarise(plan)
    unsized = f"; {total.unsized:,} to a contact source" if total.unsized else ""
    sizes = (
        f" ({counted(total.recipients, 'recipient')} in {counted(total.requests, 'request')}, "
        f"{counted(total.segments, 'segment')}{unsized})"
        if total.to_send
        else ""
    )
    parts = [
        f"{total.to_send:,} to send{sizes}",
        f"{total.blocked:,} blocked",
        f"{total.already_sent:,} already sent",
        f"{total.unknown:,} unknown",
    ]
    if total.waiting:
        parts.append(f"{total.waiting:,} waiting")
    if total.passed:
        parts.append(f"{total.passed:,} passed")
    return f"Plan: {', '.join(parts)}."
