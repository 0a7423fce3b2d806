"""Plans of projects on disk against ledgers that say what a test wants, at an instant it chooses."""

from __future__ import annotations

import json
from dataclasses import replace
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
from sendspec.report.json import plan_json
from sendspec.report.text import plan_text

if TYPE_CHECKING:
    from sendspec.model import Plan, SendRecord

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
AT = datetime(2030, 1, 14, 9, 30, tzinfo=UTC)
SENT, UNSENT, UNKNOWN = RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN
RUN = "3f2a9c01d5e84b7fa6c0e1b2d3f4a596"
EMPTY: dict[str, SendRecord] = {}


def planned(ledger: dict[str, SendRecord] = EMPTY, directory: str = "specs") -> Plan:
    """Plan a project for the sandbox at `NOW`."""
    project = load_project(Path(directory))
    return plan_project(project, project.targets["sandbox"], LedgerState("sandbox", "sandbox", ledger), NOW)


def begun(plan: Plan, address: str, *states: RequestState) -> SendRecord:
    """What the ledger would say of a send of `plan` whose first requests have these states."""
    [action] = [action for action in plan.actions if action.address == address]
    header = job_of(action).header
    return replace(header, requests=tuple(_request(header, *one) for one in enumerate(states, start=1)))


def _request(header: SendRecord, batch: int, state: RequestState) -> RequestRecord:
    sent = state is SENT
    job = header.endpoint is Endpoint.CONTACT_SOURCE
    return RequestRecord(
        batch=batch,
        state=state,
        at=AT,
        job_id=1400 + batch if sent and job else None,
        transaction_id=f"1a2b-18d0{batch:03}-4d5e" if sent and not job else None,
        reason=None if sent else OutcomeReason.NO_ANSWER,
        evidence=None if sent else "no answer within 30 s",
    )


def at(record: SendRecord, *instants: str) -> SendRecord:
    """The same record with other instants, one a request."""
    requests = zip(record.requests, instants, strict=True)
    return replace(
        record, requests=tuple(replace(request, at=parse_timestamp(instant)) for request, instant in requests)
    )


def young(record: SendRecord, minutes: float = 1, run: str | None = RUN) -> SendRecord:
    """The same record as a run left it that began its first request so many minutes before `NOW`."""
    first, *others = record.requests
    since = NOW - timedelta(minutes=minutes)
    intent = replace(first, state=RequestState.INTENT, at=since, reason=None, evidence=None, run=run)
    return replace(record, requests=(intent, *others))


def footer_of(plan: Plan) -> str:
    """The plan in one sentence."""
    [line] = [line for line in plan_text(plan).splitlines() if line.startswith("Plan: ")]
    return line


def shown(plan: Plan, address: str) -> list[str]:
    """What is said of one send, line by line."""
    blocks = [block.splitlines() for block in plan_text(plan).split("\n\n")]
    return next(
        [line.strip() for line in block] for block in blocks if block[0][2:].startswith(f"{address}  ")
    )


def value(plan: Plan) -> dict[str, Any]:
    """The plan as JSON, which its schema describes."""
    read: dict[str, Any] = json.loads(plan_json(plan))
    assert schema.check("plan", read, Locations(Location("plan"))) == []
    return read


def action_of(plan: Plan, address: str) -> dict[str, Any]:
    """One action of the plan as JSON."""
    action: dict[str, Any] = next(one for one in value(plan)["actions"] if one["address"] == address)
    return action
