"""Generator of lists in a database: `python -m tests.bench.databases URI ROWS TABLE`.

The rows are those of `tests.bench.lists`, computed by the database.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.bench.lists import AREAS, CITIES, NAMES, STEP, SUBSCRIBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPREAD: Final = f"(i * {STEP} % {len(AREAS) * SUBSCRIBERS})"
_REST: Final = f"({_SPREAD} % {SUBSCRIBERS})"


def _pick(values: Sequence[str | int], index: str) -> str:
    """Return the SQL of the value at an index, from 0; it must be a whole number."""
    items = ", ".join(map(repr, values))
    return f"(array[{items}])[1 + cast({index} as int)]"


# A division is exact in one database and rounds in the other, so only multiples are divided.
_ROWS: Final = f"""\
select
  cast(10000000000 + cast({_pick(AREAS, f"({_SPREAD} - {_REST}) / {SUBSCRIBERS}")} as bigint) * 10000000
    + 5600000 + {_REST} as varchar) as phone,
  {_pick(NAMES, f"i % {len(NAMES)}")} || lpad(cast(i % 5000 as varchar), 4, '0') as first_name,
  {_pick(CITIES, f"cast((i - i % 7) / 7 as bigint) % {len(CITIES)}")} as city,
  'SPRING26-' || lpad(cast(i % 100000 as varchar), 6, '0') as code
from generate_series(cast(0 as bigint), cast({{last}} as bigint)) as numbers(i)
"""


def main() -> None:
    """Create the table; raise if it exists."""
    uri, rows, table = sys.argv[1:]
    sql = f"create table {table} as {_ROWS.format(last=int(rows) - 1)}"
    if uri.startswith("duckdb:"):
        import duckdb  # noqa: PLC0415 - an extra of sendspec

        with duckdb.connect(urlsplit(uri).path) as database:
            database.execute(sql)
        return
    from adbc_driver_manager import AdbcConnection, AdbcStatement  # noqa: PLC0415 - an extra of sendspec
    from adbc_driver_postgresql import connect  # noqa: PLC0415 - an extra of sendspec

    with connect(uri) as opened, AdbcConnection(opened) as connection, AdbcStatement(connection) as statement:
        statement.set_sql_query(sql)
        statement.execute_update()


if __name__ == "__main__":
    main()
