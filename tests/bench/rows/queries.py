"""Lists in databases: `plan` of the rows of a query, with memory that does not grow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Line, Reading, Row
from tests.bench.lines import faster_than, within_memory
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, NotAvailable, environment, measure
from tests.bench.rows.contacts import CAMPAIGN, SETTINGS, list_project, require_package
from tests.postgresql import missing_part, postgresql

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.comparison import Bench, Results
    from tests.bench.processes import Cost

_TENTH: Final = "a tenth of it"
_CSV: Final = "the same rows in CSV"
_QUERY: Final = """sql: "select phone, first_name, city, code from {table} order by phone"
      connection: lists"""


def _duckdb(bench: Bench) -> str:
    require_package("duckdb")
    return f"duckdb://{bench.fresh('duckdb')}/lists.duckdb"


def _postgresql(bench: Bench) -> str:
    require_package("adbc_driver_postgresql")
    if missing := missing_part():
        raise NotAvailable(missing)
    return bench.opened.enter_context(postgresql())


def _compare(database: str, open_database: Callable[[Bench], str], bench: Bench) -> Comparison:
    rows, log, uri = bench.size(1_000_000, least=1000), bench.folder / "log", open_database(bench)
    env = environment(SENDSPEC_CONNECTION_LISTS=uri)

    def prepare(name: str, count: int) -> Path:
        folder = bench.fresh(f"{database}-{name}")
        (folder / "campaigns").mkdir()
        campaign = CAMPAIGN.replace("file: ../people.csv", _QUERY.format(table=name))
        (folder / "campaigns" / "large.yaml").write_text(campaign, encoding="utf-8")
        (folder / "sendspec.yaml").write_text(SETTINGS, encoding="utf-8")
        measure([PYTHON, "-m", "tests.bench.databases", uri, str(count), name], log, folder=ROOT)
        return folder

    def plan(folder: Path) -> Cost:
        return measure([SENDSPEC, "plan", str(folder)], log, env=env)

    whole, tenth, csv = prepare("people", rows), prepare("some_people", rows // 10), list_project(bench, rows)
    what = f"`plan` of {rows:,} rows in {database}"
    return Comparison(
        contestants={_TENTH: lambda: plan(tenth), PRODUCT: lambda: plan(whole), _CSV: lambda: plan(csv)},
        lines=(_same_memory(what), within_memory(f"peak of {what}", None), faster_than(what, _CSV)),
    )


def _same_memory(what: str) -> Line:
    """Return the line that compares the peak with that of a tenth of the rows."""

    def read(results: Results) -> Reading:
        whole, tenth = results[PRODUCT].peak, results[_TENTH].peak
        ratio = whole / tenth
        return Reading(
            f"{whole:,.0f} MB", f"{_TENTH}: {tenth:,.0f} MB", f"{ratio:.2f} × as much", ratio <= 1.1
        )

    return Line(f"growth of the peak of {what}", "≤ 1.1 ×", (PRODUCT, _TENTH), read)


ROWS: Final = (
    Row(
        "postgresql",
        "`plan` of 1,000,000 rows of a query in PostgreSQL",
        partial(_compare, "PostgreSQL", _postgresql),
    ),
    Row("duckdb", "`plan` of 1,000,000 rows of a query in DuckDB", partial(_compare, "DuckDB", _duckdb)),
)
