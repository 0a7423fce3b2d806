"""The scan by columns has the facts, problems and lines of the scan row by row, for 300 dirty lists."""

from __future__ import annotations

import pytest

from sendspec.audience import batches, scan_together
from sendspec.errors import SpecError
from tests.audiences import from_text, us
from tests.dirty_lists import dirty_sends
from tests.row_scan import result_of, scan, scan_rows


class Lines:
    """A sink that stores the lines of each request."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def add(self, number, lines):
        self.lines.append(lines)
        assert number == len(self.lines)


@pytest.mark.parametrize("first_seed", range(0, 300, 30))
def test_both_scans_agree_on_dirty_lists(first_seed, tmp_path):
    """Every field of the facts, every problem in its order, and the lines of every request are equal."""
    readable = 0
    for seed in range(first_seed, first_seed + 30):
        sends, sink, expected_lines = dirty_sends(tmp_path, seed), Lines(), []
        facts, problems = result_of(lambda sends=sends, sink=sink: scan_together(sends, None, sink))
        expected, expected_problems = result_of(
            lambda sends=sends, lines=expected_lines: scan_rows(sends, (), lines)
        )
        assert problems == expected_problems, seed
        if problems:
            continue
        readable += 1
        for field in facts[0].__struct_fields__:
            found = [getattr(each, field) for each in facts]
            assert found == [getattr(each, field) for each in expected], (seed, field)
        assert sink.lines == expected_lines, seed
        if seed % 3 == 0:
            assert [batch.lines for batch in batches(sends[0])] == expected_lines, seed
    assert readable >= 10


def test_a_line_end_of_another_kind_ends_a_line(tmp_path):
    """LF between lines that end with CRLF starts a row, also if all cells would have the right number."""
    text = f"contactId,A\r\n{us(1)},x\r\n{us(2)},y\nz\r\n"
    with pytest.raises(SpecError) as raised:
        scan(from_text(tmp_path, text))
    problems = [(problem.location.line, problem.message) for problem in raised.value.problems]
    assert problems == [(4, "the row has 1 field, but the header has 2")]


def test_duplicates_are_found_across_blocks(tmp_path):
    """A number of the first block is a duplicate in the last one; so is one of the block before."""
    rows = [f"1212{row:07},Name {row}" for row in range(5000)]
    text = "\n".join(["contactId,A", *rows, rows[7], *rows[4990:]])
    facts = scan(from_text(tmp_path, text))
    assert (facts.count, facts.duplicates) == (5000, 11)
    assert facts.repeated.original.line == 9
