"""Plans of projects on disk against ledgers that say what a test wants, at an instant it chooses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.apply import job_of
from sendspec.load import load_project
from sendspec.model import Endpoint, LedgerState, RequestRecord, RequestState
from sendspec.plan import plan_project

if TYPE_CHECKING:
    from sendspec.model import Plan, SendRecord

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
AT = "2030-01-14T09:30:00Z"
SENT, UNSENT, UNKNOWN = RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN
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
        evidence=None if sent else "no answer within 30 s",
    )
