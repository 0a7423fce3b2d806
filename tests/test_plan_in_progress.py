"""Plans with requests that another run may be sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.report.text import plan_text
from tests.plans import NOW, RUN, UNKNOWN, action_of, begun, footer_of, planned, young
from tests.projects import CONTACTS, GATE, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """Return the path of a project called `specs` below the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


@pytest.mark.parametrize(("run", "by"), [(RUN, " by run 3f2a9c01"), (None, "")])
def test_a_recent_intent_is_in_progress_not_unknown(specs, run, by):
    """The plan shows the start, the run and how long to wait; `resolve` then requires --run-is-gone."""
    project(specs, GATE)
    plan = planned({"gate/change": young(begun(planned(), "gate/change", UNKNOWN), run=run)})
    text = plan_text(plan)
    assert (
        f"? gate/change  external-consent  started 11:59:00 UTC{by}; still running, or lost; wait until "
        "12:15 UTC, then plan again"
    ) in text
    assert f"started 11:59:00 UTC{by}; still running, or lost (gate/change)" in text
    assert "`sendspec resolve 'gate/change#1' --not-sent --run-is-gone --reason TEXT`" in text
    assert footer_of(plan).endswith("1 unknown (1 may be in progress).")
    assert [
        (request["run"], request["inProgress"]) for request in action_of(plan, "gate/change")["open"]
    ] == [(run, True)]


def test_an_intent_is_unknown_after_fifteen_minutes(specs):
    """The plan compares with its own clock, so one second makes the difference."""
    project(specs, GATE)
    record = begun(planned(), "gate/change", UNKNOWN)
    before = planned({"gate/change": young(record, 15 - 1 / 60)})
    after = planned({"gate/change": young(record, 15)})
    assert "still running, or lost; wait until" in plan_text(before)
    assert "still running" not in plan_text(after)
    assert "--run-is-gone" not in plan_text(after)
    assert "outcome of 1 request unknown; settle it with `sendspec resolve`" in plan_text(after)


def test_recent_and_unknown_requests_are_counted_together(specs):
    """If one request is unknown, the line asks a person to settle the requests."""
    project(specs, CONTACTS, count=2500)
    record = young(begun(planned(), SALE, UNKNOWN, UNKNOWN, UNKNOWN))
    text = plan_text(planned({SALE: record}))
    assert "outcome of 3 requests unknown (1 may be in progress); settle them with `sendspec resolve`" in text
    assert "1 unknown." in text
    first = record.requests[0]
    both = replace(record, requests=(first, replace(first, batch=2, at=NOW - timedelta(seconds=30))))
    assert "2 requests started 11:59:30 UTC" in plan_text(planned({SALE: both}))
