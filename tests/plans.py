"""Plans of projects on disk against ledgers in memory, at a fixed time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendspec import schema
from sendspec.apply import job_of
from sendspec.formatting import parse_timestamp
from sendspec.load import load_project
from sendspec.model import (
    Endpoint,
    LedgerState,
    Location,
    Locations,
    OutcomeReason,
    RequestRecord,
    RequestState,
)
from sendspec.plan import plan_project
from sendspec.report.plan_json import plan_json
from sendspec.report.terminal import plan_text
from sendspec.structs import replace

if TYPE_CHECKING:
    from sendspec.audience import ContactStore
    from sendspec.model import Plan, SendRecord

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
AT = datetime(2030, 1, 14, 9, 30, tzinfo=UTC)
RECENTLY = datetime(2030, 1, 15, 9, 30, tzinfo=UTC)
"""The time of a job of unknown outcome, which apply may still repeat."""
SENT, UNSENT, UNKNOWN = RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN
RUN = "3f2a9c01d5e84b7fa6c0e1b2d3f4a596"
EMPTY: dict[str, SendRecord] = {}


def plan_specs(
    ledger: dict[str, SendRecord] = EMPTY,
    directory: str = "specs",
    *,
    store: ContactStore | None = None,
    now: datetime = NOW,
) -> Plan:
    """Plan a project for the sandbox at `now`."""
    project = load_project(Path(directory))
    state = LedgerState("sandbox", "sandbox", ledger)
    return plan_project(project, project.targets["sandbox"], state, now, store=store)


def record_of(plan: Plan, address: str, *states: RequestState) -> SendRecord:
    """Return a record of a send of `plan` whose first requests have these states."""
    [action] = [action for action in plan.actions if action.address == address]
    header = job_of(action).header
    return replace(
        header, requests=tuple(_request(header, batch, state) for batch, state in enumerate(states, start=1))
    )


def _request(header: SendRecord, batch: int, state: RequestState) -> RequestRecord:
    sent = state is SENT
    job = header.endpoint is Endpoint.CONTACT_SOURCE
    return RequestRecord(
        batch=batch,
        state=state,
        at=RECENTLY if job and state is UNKNOWN else AT,
        job_id=1400 + batch if sent and job else None,
        transaction_id=f"1a2b-18d0{batch:03}-4d5e" if sent and not job else None,
        reason=None if sent else OutcomeReason.NO_ANSWER,
        evidence=None if sent else "no answer within 30 s",
    )


def with_times(record: SendRecord, *instants: str) -> SendRecord:
    """Return the record with other times, one for each request."""
    requests = zip(record.requests, instants, strict=True)
    return replace(
        record, requests=tuple(replace(request, at=parse_timestamp(instant)) for request, instant in requests)
    )


def mark_in_progress(record: SendRecord, minutes: float = 1, run: str | None = RUN) -> SendRecord:
    """Return the record with an open intent, `minutes` before `NOW`, as its first request."""
    first, *others = record.requests
    started = NOW - timedelta(minutes=minutes)
    intent = replace(first, state=RequestState.INTENT, at=started, reason=None, evidence=None, run=run)
    return replace(record, requests=(intent, *others))


def footer(plan: Plan) -> str:
    """Return the footer of the plan as text."""
    [line] = [line for line in plan_text(plan).splitlines() if line.startswith("Plan: ")]
    return line


def action_lines(plan: Plan, address: str) -> list[str]:
    """Return the lines about one action in the full plan, without indentation."""
    blocks = re.split(r"\n+(?! )", plan_text(plan, full=True))
    [block] = [block.splitlines() for block in blocks if block[2:].startswith(f"{address}  ")]
    return [line.strip() for line in block]


def plan_value(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON, after a check against its schema."""
    value: dict[str, Any] = json.loads(plan_json(plan))
    assert schema.check("plan", value, Locations(Location("plan"))) == []
    return value


def action_value(plan: Plan, address: str) -> dict[str, Any]:
    """Return one action of the plan as JSON."""
    [action] = [action for action in plan_value(plan)["actions"] if action["address"] == address]
    return dict(action)
