"""docs/field-notes.md and docs/security.md: each row has tests that show it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "mark", "tests_min"), [("field-notes.md", "field_case", 3), ("security.md", "red_team", 1)]
)
def test_each_row_has_tests(page, mark, tests_min, request):
    """Each row of a page has its tests, and each test that is marked with a row names one of the page."""
    if {item.path for item in request.session.items} < set((ROOT / "tests").rglob("test_*.py")):
        pytest.skip("not all tests were collected")
    tests = Counter(marker.args[0] for item in request.session.items for marker in item.iter_markers(mark))
    rows = {int(row) for row in ROW.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))}
    assert rows
    assert tests.keys() <= rows
    assert {row: tests[row] for row in rows if tests[row] < tests_min} == {}
