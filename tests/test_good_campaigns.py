"""Believable campaigns in which no rule finds anything, apart from what a project announces."""

from __future__ import annotations

from pathlib import Path

import pytest

from sendspec.rules import run_rules
from tests.rule_cases import context_of

PROJECTS = Path(__file__).parent / "good"
"""Projects as six companies would write them; `announced.txt` has the expected findings, if any."""


@pytest.mark.parametrize("name", sorted(folder.name for folder in PROJECTS.iterdir() if folder.is_dir()))
def test_rules_find_only_what_is_announced(name):
    """A rule that reports a good campaign teaches people to ignore it."""
    folder = PROJECTS / name
    announced = folder / "announced.txt"
    expected = announced.read_text(encoding="utf-8").splitlines() if announced.exists() else []
    found = [
        f"{finding.level.value} {finding.rule} {finding.address}: {finding.message}".replace(f"{folder}/", "")
        for finding in run_rules(context_of(folder)).findings
    ]
    assert found == expected


def test_there_are_thirty_campaigns():
    """The campaigns of one project also show that its sends do not disturb each other."""
    assert len(list(PROJECTS.glob("*/campaigns/*.yaml"))) == 30
