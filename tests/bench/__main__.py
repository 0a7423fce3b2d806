"""The benchmark: `python -m tests.bench` lists its rows, `python -m tests.bench compare` measures them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.comparison import Bench, run_row
from tests.bench.processes import ROOT, machine
from tests.bench.rows import ROWS
from tests.bench.table import has_table, markdown_table, replace_table, text_table
from tests.bench.yardsticks import Yardsticks

if TYPE_CHECKING:
    from tests.bench.comparison import Outcome


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    compare = verbs.add_parser("compare", help="measure the rows and print the table")
    compare.add_argument("--only", nargs="+", metavar="NAME", choices=[row.name for row in ROWS])
    compare.add_argument("--runs", type=int, default=5, help="runs of each contestant (default: 5)")
    compare.add_argument("--scale", type=float, default=1.0, help="factor of all sizes (default: 1)")
    compare.add_argument(
        "--cache",
        type=Path,
        default=ROOT / ".sendspec-bench",
        help="folder of the yardsticks' environment and of what is slow to make (default: .sendspec-bench)",
    )
    compare.add_argument("--no-install", action="store_true", help="leave out yardsticks that are missing")
    compare.add_argument(
        "--markdown",
        nargs="?",
        const="-",
        metavar="PAGE",
        help="print Markdown, or replace the rows in the table of PAGE, such as docs/benchmarks.md",
    )
    arguments = parser.parse_args(words)
    if arguments.verb and (arguments.runs < 1 or arguments.scale <= 0):
        parser.error("--runs and --scale must be positive")
    return arguments


def main(words: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if a row could not be measured, whatever the figures are."""
    arguments = _arguments(words)
    if arguments.verb is None:
        for row in ROWS:
            print(f"{row.name:12} {row.summary}")
        return 0
    page = None if arguments.markdown in (None, "-") else Path(arguments.markdown)
    # A page without the marks would be noticed only after everything was measured.
    text = None if page is None else page.read_text(encoding="utf-8")
    if text is not None and not has_table(text):
        print(f"{page} does not have the marks of the table", file=sys.stderr)
        return 64
    outcomes, conditions = _measure(arguments)
    if page is not None and text is not None:
        table = markdown_table(outcomes, conditions, text)
        page.write_text(replace_table(text, table), encoding="utf-8")
    elif arguments.markdown:
        print(markdown_table(outcomes, conditions))
    else:
        print(f"{conditions}\n\n{text_table(outcomes)}", end="")
    return int(any(outcome.crashed for outcome in outcomes))


def _measure(arguments: argparse.Namespace) -> tuple[list[Outcome], str]:
    wanted = [row for row in ROWS if arguments.only is None or row.name in arguments.only]
    cache = arguments.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    conditions = f"{machine()}; medians of {arguments.runs}, scale {arguments.scale:g}"
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder, ExitStack() as opened:
        yardsticks = Yardsticks(cache / "yardsticks", may_install=not arguments.no_install)
        bench = Bench(Path(folder), cache, yardsticks, opened, runs=arguments.runs, scale=arguments.scale)
        for row in wanted:
            print(f"{row.name}: {row.summary}", file=sys.stderr, flush=True)
            try:
                measured = run_row(row, bench)
            except KeyboardInterrupt:
                print("interrupted; the table has the rows before", file=sys.stderr, flush=True)
                break
            for problem in dict.fromkeys(outcome.problem for outcome in measured if outcome.problem):
                print(f"  {problem}", file=sys.stderr, flush=True)
            print(text_table(measured), file=sys.stderr, flush=True)
            outcomes += measured
    return outcomes, conditions


if __name__ == "__main__":
    sys.exit(main())
