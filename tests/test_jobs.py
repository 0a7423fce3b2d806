"""Jobs: the input of the send protocol for one planned send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sendspec.apply import job_of
from tests.plans import NOW, plan_specs
from tests.projects import TEASER, project

SCHEDULED = NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("extra", "last"),
    [
        ("", SCHEDULED),
        (f'notAfter: "{(NOW + timedelta(days=1)).isoformat()}"', NOW + timedelta(days=1)),
        (f'notAfter: "{(NOW + timedelta(days=3)).isoformat()}"', SCHEDULED),
    ],
    ids=["no window", "a window that closes before", "a window that closes after"],
)
def test_a_job_is_not_posted_once_its_date_has_passed(extra, last, tmp_path, monkeypatch):
    """A job is not posted after its scheduled date, because the vendor would send immediately."""
    monkeypatch.chdir(tmp_path)
    spec = TEASER.replace("2099-12-01T14:00:00-05:00", SCHEDULED.isoformat())
    project(tmp_path / "specs", f"{spec}    {extra}\n")
    [action] = plan_specs().actions
    assert job_of(action).not_after == last
