"""Plans with requests that another run may be sending."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.report.terminal import plan_text
from sendspec.structs import replace
from tests.plans import (
    RUN,
    UNKNOWN,
    action_value,
    footer,
    mark_in_progress,
    plan_specs,
    record_of,
)
from tests.projects import CONTACTS, GATE, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


@pytest.mark.parametrize(("run", "by"), [(RUN, " by run 3f2a9c01"), (None, "")])
def test_a_run_that_may_be_alive_is_not_called_unknown(specs, run, by):
    """The plan shows since when, by which run, and how long to wait."""
    project(specs, GATE)
    plan = plan_specs(
        {"gate/change": mark_in_progress(record_of(plan_specs(), "gate/change", UNKNOWN), run=run)}
    )
    text = plan_text(plan)
    assert (
        f"? gate/change  external-consent  started 11:59:00 UTC{by}; still running, or lost; wait "
        "until 12:15 UTC, then plan again"
    ) in text
    assert f"gate/change#1: started 11:59:00 UTC{by}; still running, or lost (gate/change)" in text
    assert "`sendspec resolve 'gate/change#1' --not-sent --run-is-gone --reason TEXT`" in text
    assert footer(plan).endswith("1 unknown (1 may be in progress).")
    [request] = action_value(plan, "gate/change")["open"]
    assert (request["run"], request["inProgress"]) == (run, True)


def test_after_a_quarter_of_an_hour_it_is_unknown(specs):
    """A request counts as in progress until the clock of the plan is 15 minutes later."""
    project(specs, GATE)
    record = record_of(plan_specs(), "gate/change", UNKNOWN)
    before = plan_specs({"gate/change": mark_in_progress(record, 15 - 1 / 60)})
    after = plan_specs({"gate/change": mark_in_progress(record, 15)})
    assert "still running, or lost" in plan_text(before)
    assert "still running, or lost" not in plan_text(after)
    assert "--run-is-gone" not in plan_text(after)
    assert "the outcome of 1 request is unknown; settle it with `sendspec resolve`" in plan_text(after)


def test_requests_in_progress_beside_unknown_ones(specs):
    """The plan asks a person to settle the send if only some of its requests may be in progress."""
    project(specs, CONTACTS, count=2500)
    record = mark_in_progress(record_of(plan_specs(), SALE, UNKNOWN, UNKNOWN, UNKNOWN))
    text = plan_text(plan_specs({SALE: record}))
    assert (
        "the outcome of 3 requests (1 may be in progress) is unknown; settle them with `sendspec resolve`"
        in text
    )
    assert "1 unknown." in text
    first = record.requests[0]
    both = replace(record, requests=(first, replace(first, batch=2, at=first.at + timedelta(seconds=30))))
    assert "2 requests started 11:59:30 UTC" in plan_text(plan_specs({SALE: both}))
