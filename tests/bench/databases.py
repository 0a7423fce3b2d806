"""Generator of lists in a database: `python -m tests.bench.databases URI ROWS TABLE`.

The rows are those of `tests.bench.lists`, computed by the database.
"""

from __future__ import annotations

import sys
from typing import Final
from urllib.parse import urlsplit

from tests.bench.lists import AREAS, CITIES, NAMES, STEP, SUBSCRIBERS

_SPREAD: Final = f"(i * {STEP} % {len(AREAS) * SUBSCRIBERS})"
_ROWS: Final = f"""\
select
  cast(10000000000 + (array[{", ".join(map(str, AREAS))}])[1 + cast(floor({_SPREAD} / {SUBSCRIBERS}) as int)]
    * 10000000 + 5600000 + {_SPREAD} % {SUBSCRIBERS} as varchar) as phone,
  (array[{", ".join(f"'{name}'" for name in NAMES)}])[cast(1 + i % {len(NAMES)} as int)]
    || lpad(cast(i % 5000 as varchar), 4, '0') as first_name,
  (array[{", ".join(f"'{city}'" for city in CITIES)}])[cast(1 + floor(i / 7) % {len(CITIES)} as int)] as city,
  'SPRING26-' || lpad(cast(i % 100000 as varchar), 6, '0') as code
from generate_series(cast(0 as bigint), cast({{last}} as bigint)) as numbers(i)
"""  # noqa: S608 - constants of the benchmark


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
