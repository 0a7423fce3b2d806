"""What a plan says of requests that another run may be sending right now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sendspec.report.text import plan_text
from tests.plans import RUN, UNKNOWN, action_of, at, begun, footer_of, planned, young
from tests.projects import CONTACTS, GATE, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, as places name it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


@pytest.mark.parametrize(("run", "by"), [(RUN, " by run 3f2a9c01"), (None, "")])
def test_a_run_that_may_be_alive_is_not_called_unknown(specs, run, by):
    """Since when, whose it is, and how long to wait; `resolve` needs to be told that the run is gone."""
    project(specs, GATE)
    plan = planned({"gate/change": young(begun(planned(), "gate/change", UNKNOWN), run=run)})
    text = plan_text(plan)
    assert (
        f"? gate/change  external-consent  in progress since 11:59:00 UTC{by}, or that run is gone: wait "
        "until 12:15 UTC, then plan again"
    ) in text
    assert f"gate/change#1: in progress since 11:59:00 UTC{by}, or that run is gone (gate/change)" in text
    assert "`sendspec resolve 'gate/change#1' --not-sent --run-is-gone --reason TEXT`" in text
    assert footer_of(plan).endswith("1 unknown (1 may be in progress).")
    assert [(one["run"], one["inProgress"]) for one in action_of(plan, "gate/change")["open"]] == [
        (run, True)
    ]


def test_after_a_quarter_of_an_hour_it_is_unknown(specs):
    """The clock is the plan's own: one second makes the difference."""
    project(specs, GATE)
    record = begun(planned(), "gate/change", UNKNOWN)
    just = planned({"gate/change": young(record, 15 - 1 / 60)})
    over = planned({"gate/change": young(record, 15)})
    assert "in progress since" in plan_text(just)
    assert "in progress since" not in plan_text(over)
    assert "--run-is-gone" not in plan_text(over)
    assert "the outcome of 1 request is unknown: settle it with `sendspec resolve`" in plan_text(over)


def test_an_intent_of_an_instant_that_is_none_is_unknown(specs):
    """A lockfile edited by hand does not break the plan."""
    project(specs, GATE)
    record = young(begun(planned(), "gate/change", UNKNOWN))
    plan = planned({"gate/change": at(record, "2030-99-99T99:99:99Z")})
    assert "the outcome of 1 request is unknown" in plan_text(plan)


def test_what_is_in_progress_beside_what_is_unknown(specs):
    """A person is needed for some of it, so that is what the line says."""
    project(specs, CONTACTS, count=2500)
    record = young(begun(planned(), SALE, UNKNOWN, UNKNOWN, UNKNOWN))
    text = plan_text(planned({SALE: record}))
    assert (
        "the outcome of 3 requests is unknown (1 may be in progress): settle them with `sendspec resolve`"
        in text
    )
    assert "1 unknown." in text
    first = record.requests[0]
    both = replace(record, requests=(first, replace(first, batch=2, at="2030-01-15T11:59:30Z")))
    assert "2 requests in progress since 11:59:30 UTC" in plan_text(planned({SALE: both}))
