"""Deadlines on the two clocks of a machine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sendspec.clocks import Deadline
from tests.clocks import MovedClock


@pytest.mark.parametrize(
    ("wall", "elapsed", "passed"),
    [(0, 0, False), (30, 30, False), (61, 0, True), (0, 61, True), (61, 61, True)],
    ids=["now", "before", "clock set forward", "clock set back since", "after"],
)
def test_a_deadline_is_over_by_either_clock(wall, elapsed, passed, tmp_path) -> None:
    """A deadline in a minute is over when one of the clocks has passed it."""
    clock = MovedClock(tmp_path / "clock")
    deadline = Deadline(clock.wall() + timedelta(seconds=60), clock.elapsed() + 60)
    clock.move(wall, elapsed)
    assert deadline.has_passed(clock) is passed
