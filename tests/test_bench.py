"""The benchmark of tests/bench: its rows run, and its table has figures; no time is asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.bench.__main__ import main
from tests.bench.comparison import PRODUCT, Bench, Comparison, Outcome, Reading, Row, run_row
from tests.bench.lines import faster_than, within_seconds
from tests.bench.processes import Cost, Failed, NotAvailable
from tests.bench.rows import ROWS
from tests.bench.table import END, HEADER, START, markdown_table, text_table
from tests.bench.yardsticks import Yardsticks

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
CHEAP = ("million", "parquet", "apply-100", "formats", "page", "lockfile", "example")


def table_of(page: str) -> list[list[str]]:
    """Return the cells of the table between the marks of a page."""
    table = page.partition(START)[2].partition(END)[0]
    return [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]


def test_a_tiny_run_fills_the_table_of_a_page(tmp_path):
    """Each row of a tiny run has its figures, or the yardstick that is not installed; no row crashes."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "tests.bench",
        "compare",
        "--runs",
        "1",
        "--scale",
        "0.001",
        "--no-install",
    ]
    command += ["--cache", tmp_path / "cache", "--markdown", page, "--only", *CHEAP]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    header, _, *every = table_of(page.read_text(encoding="utf-8"))
    assert header == list(HEADER)
    names = [line[0].strip("`") for line in table_of(PAGE)[2:]]
    assert list(dict.fromkeys(line[0].strip("`") for line in every)) == list(dict.fromkeys([*names, *CHEAP]))
    lines = [line for line in every if line[0].strip("`") in CHEAP]
    assert [line for line in every if line not in lines] == [
        line for line in table_of(PAGE)[2:] if line[0].strip("`") not in CHEAP
    ]
    assert {line[0].strip("`") for line in lines} == set(CHEAP)
    results = {line[-1].partition(":")[0] for line in lines}
    assert results <= {"reached", "missed", "measured", "not available"}
    assert all(line[2] for line in lines if line[-1] in ("reached", "missed"))
    measured = [line[0].strip("`") for line in lines if not line[-1].startswith("not available")]
    assert set(measured) >= set(CHEAP) - {"page"}, "only the page needs a program that may be missing"
    assert page.read_text(encoding="utf-8").partition(START)[0] == PAGE.partition(START)[0]


def test_rows_that_are_not_measured_keep_their_figures_and_conditions():
    """A run replaces its own rows, each row has the conditions of its run, and a new row is the last."""
    reading = Reading("1 s", "", "1 ×", reached=True)
    first = markdown_table([Outcome(name, name, "", reading) for name in ("a", "b", "c")], "load 1, runs 5")
    assert "\nload 1, runs 5.\n" in first
    again = Outcome("b", "B", "", reading)
    second = markdown_table([again, Outcome("d", "D", "", reading)], "load 2, runs 3", first)
    assert "\n`a`, `c`: load 1, runs 5.\n\n`b`, `d`: load 2, runs 3.\n" in second
    assert [line[:2] for line in table_of(second)[2:]] == [
        ["`a`", "a"],
        ["`b`", "B"],
        ["`c`", "c"],
        ["`d`", "D"],
    ]
    whole = markdown_table([Outcome(name, name, "", reading) for name in "abcd"], "load 3, runs 5", second)
    assert "\nload 3, runs 5.\n" in whole
    assert "load 1" not in whole


def test_the_page_explains_every_row(capsys):
    """The list of the rows and the page name the same rows."""
    assert main([]) == 0
    listed = re.findall(r"^(\S+) ", capsys.readouterr().out, re.MULTILINE)
    assert listed == [row.name for row in ROWS]
    rows = PAGE.partition("## Rows")[2].partition("## Results")[0]
    explained = [
        name
        for line in rows.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`([\w-]+)`", line.split(" | ")[0])
    ]
    assert explained == listed


def test_a_page_without_a_table_is_refused_before_anything_is_measured(tmp_path, capsys):
    """`--markdown` needs the marks of the table."""
    page = tmp_path / "page.md"
    page.write_text("# A page\n", encoding="utf-8")
    assert main(["compare", "--markdown", str(page), "--only", "example"]) == 64
    assert "does not have the marks" in capsys.readouterr().err


def test_a_contestant_that_fails_costs_only_the_lines_that_need_it(tmp_path):
    """The other lines have their figures, and the row counts as crashed; a missing yardstick does not."""

    def crash() -> Cost:
        raise Failed("other ended with 1: cause")

    def miss() -> Cost:
        raise NotAvailable("absent")

    contestants = {
        PRODUCT: lambda: Cost(0.5, 0.4),
        "slow": lambda: Cost(1.5, 1.4),
        "other": crash,
        "absent": miss,
    }
    lines = (
        faster_than("a", "slow", at_least=2),
        faster_than("b", "slow", at_least=4),
        faster_than("c", "other"),
        faster_than("d", "absent"),
        within_seconds("e", 1),
    )
    row = Row("row", "a row", lambda _: Comparison(contestants, lines))
    yardsticks = Yardsticks(tmp_path / "none", may_install=False)
    outcomes = run_row(row, Bench(tmp_path, tmp_path, yardsticks, ExitStack(), runs=3, scale=1))
    results = [outcome.result for outcome in outcomes]
    failed, missing = "failed: other ended with 1: cause", "not available: absent"
    assert results == ["reached", "missed", failed, missing, "reached"]
    assert [outcome.crashed for outcome in outcomes] == [False, False, True, False, False]
    assert "500 ms (best 500 ms)  slow: 1.50 s (best 1.50 s)  3.00 × as fast (CPU: 3.50 ×)" in text_table(
        outcomes
    )
