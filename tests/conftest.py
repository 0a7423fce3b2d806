"""Options of the suite, and the counts that its tests report, summed up at the end."""

from __future__ import annotations

from collections import Counter


def pytest_addoption(parser) -> None:
    parser.addoption("--all-kill-points", action="store_true", help="Kill a run at every point, not at some.")


def pytest_terminal_summary(terminalreporter) -> None:
    """Print the sum of each number that tests gave to `record_property`, under its name."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        sums.update({name: value for name, value in report.user_properties if isinstance(value, int)})
    if sums:
        terminalreporter.section("counts")
    for name, value in sorted(sums.items()):
        terminalreporter.write_line(f"{value:>10,} {name}")
