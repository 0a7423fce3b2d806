"""Large lists: `plan` with three tags and all rules, as a naive script and polars."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Line, Reading, Row
from tests.bench.lines import faster_than, seconds, within_memory
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, NotAvailable, measure
from tests.bench.yardsticks import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.comparison import Bench, Results
    from tests.bench.processes import Cost

_NAIVE: Final = "naive script"
_POLARS: Final = "polars"
_TENTH: Final = "a tenth of it"
_CSV: Final = "the same list in CSV"

CAMPAIGN: Final = """\
campaign: large
purpose: transactional
sends:
  - id: all
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%FIRST NAME%%, your code for %%CITY%% is %%CODE%%. Reply STOP to opt out."
    contacts:
      file: ../people.csv
      columns:
        contactId: phone
        personalization: {FIRST NAME: first_name, CITY: city, CODE: code}
"""
SETTINGS: Final = "version: 1\nrules: {max-recipients: {limit: 100000000}}\n"


def require_package(name: str) -> None:
    """Raise NotAvailable if an extra of sendspec is not installed."""
    if find_spec(name) is None:
        raise NotAvailable(f"{name} is not installed")


def write_list(path: Path, rows: int, log: Path) -> None:
    """Write a contact file in a process of its own."""
    measure([PYTHON, "-m", "tests.bench.lists", str(path), str(rows)], log, folder=ROOT)


def list_project(bench: Bench, rows: int, suffix: str = "csv") -> Path:
    """Return a project with one send to a list of `rows` contacts; rows of one benchmark share it."""
    folder = bench.folder / f"{suffix}-{rows}"
    if not folder.exists():
        (folder / "campaigns").mkdir(parents=True)
        (folder / "sendspec.yaml").write_text(SETTINGS, encoding="utf-8")
        (folder / "campaigns" / "large.yaml").write_text(
            CAMPAIGN.replace("people.csv", f"people.{suffix}"), encoding="utf-8"
        )
        write_list(folder / f"people.{suffix}", rows, bench.folder / "log")
    return folder


def _million(bench: Bench) -> Comparison:
    rows, log = bench.size(1_000_000, least=1000), bench.folder / "log"
    project = list_project(bench, rows)
    people, what = str(project / "people.csv"), f"`plan` of {rows:,} contacts"
    return Comparison(
        contestants={
            PRODUCT: lambda: measure([SENDSPEC, "plan", str(project)], log),
            _NAIVE: lambda: _naive(people, log),
            _POLARS: lambda: measure(bench.yardsticks.script("polars_list.py", people), log),
        },
        lines=(
            faster_than(what, _NAIVE, at_least=2.5),
            within_memory(f"peak of {what}", 80, yardstick=_NAIVE),
            faster_than(what, _POLARS),
            within_memory(f"peak of {what}", 80, yardstick=_POLARS),
        ),
    )


def _ten_million(bench: Bench) -> Comparison:
    rows, log = bench.size(10_000_000, least=10_000), bench.folder / "log"
    whole, tenth = list_project(bench, rows), list_project(bench, rows // 10)
    what = f"`plan` of {rows:,} contacts"
    return Comparison(
        contestants={
            _TENTH: lambda: measure([SENDSPEC, "plan", str(tenth)], log),
            PRODUCT: lambda: measure([SENDSPEC, "plan", str(whole)], log),
            _NAIVE: lambda: _naive(str(whole / "people.csv"), log),
        },
        lines=(
            faster_than(what, _NAIVE, at_least=2.5),
            within_memory(f"peak of {what}", 100, yardstick=_NAIVE),
            _linear(what),
        ),
        warms_up=False,
    )


def _parquet(bench: Bench) -> Comparison:
    require_package("arro3")
    rows, log = bench.size(1_000_000, least=1000), bench.folder / "log"
    project, csv = list_project(bench, rows, "parquet"), list_project(bench, rows)
    what = f"`plan` of {rows:,} contacts in Parquet"
    return Comparison(
        contestants={
            PRODUCT: lambda: measure([SENDSPEC, "plan", str(project)], log),
            _CSV: lambda: measure([SENDSPEC, "plan", str(csv)], log),
        },
        lines=(within_memory(f"peak of {what}", 120, yardstick=_CSV), faster_than(what, _CSV)),
    )


def _naive(people: str, log: Path) -> Cost:
    # Without the variables that only the yardsticks' own environment needs, it is the user's Python.
    return measure([PYTHON, os.fspath(FOLDER / "naive_list.py"), people], log)


def _linear(what: str) -> Line:
    """Return the line that compares the time of a list with ten times that of a tenth of it."""

    def read(results: Results) -> Reading:
        whole, tenth = results[PRODUCT].seconds, results[_TENTH].seconds
        ratio = whole / (10 * tenth)
        shown = f"{_TENTH}: {seconds(tenth)}"
        return Reading(seconds(whole), shown, f"{ratio:.2f} × linear", ratio <= 1.1)

    return Line(f"growth of {what}", "≤ 1.1 ×", (PRODUCT, _TENTH), read)


ROWS: Final = (
    Row("million", "`plan` of 1,000,000 contacts, as a naive script and polars", _million),
    Row("ten-million", "`plan` of 10,000,000 contacts: speed, memory, growth", _ten_million),
    Row("parquet", "`plan` of 1,000,000 contacts in Parquet", _parquet),
)
