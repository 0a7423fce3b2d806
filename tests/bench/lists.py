"""Generator of contact files: `python -m tests.bench.lists FILE ROWS`; FILE ends with .csv or .parquet.

The benchmark runs it in a process of its own, because a child starts with the peak memory of its parent.
The numbers are valid, and are never sent outside this machine. Reserved numbers are an error on a real
target, and there are fewer than a million of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

AREAS: Final = (212, 305, 312, 404, 415, 503, 602, 713, 808, 917)
SUBSCRIBERS: Final = 4_400_000
_COLUMNS: Final = ("phone", "first_name", "city", "code")
NAMES: Final = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Donald", "Frances", "Ken", "Hedy")
CITIES: Final = ("New York", "Miami", "Chicago", "Atlanta", "Portland", "Phoenix", "Houston", "Honolulu")
STEP: Final = 48_271
"""A step that is coprime with the count of numbers, so that the list is not sorted and has no repetition."""


def number_at(row: int) -> int:
    """Return the valid American number of a row; rows below 44 million have different numbers."""
    area, rest = divmod(row * STEP % (len(AREAS) * SUBSCRIBERS), SUBSCRIBERS)
    return 10_000_000_000 + AREAS[area] * 10_000_000 + 5_600_000 + rest


def main() -> None:
    """Write the file."""
    path, rows = Path(sys.argv[1]), int(sys.argv[2])
    if path.suffix == ".parquet":
        write_csv(path.with_suffix(".csv"), rows)
        write_parquet(path.with_suffix(".csv"), path)
    else:
        write_csv(path, rows)


def write_csv(path: Path, rows: int) -> None:
    """Write a list of `rows` contacts as CSV."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(f"{','.join(_COLUMNS)}\r\n")
        for row in range(rows):
            name, city = NAMES[row % len(NAMES)], CITIES[row // 7 % len(CITIES)]
            out.write(f"{number_at(row)},{name}{row % 5000:04},{city},SPRING26-{row % 100_000:06}\r\n")


def write_parquet(source: Path, path: Path) -> None:
    """Write the contacts of a CSV file as Parquet."""
    from arro3 import core, io  # noqa: PLC0415 - an extra of sendspec

    schema = core.Schema([core.Field(name, core.DataType.string()) for name in _COLUMNS])
    io.write_parquet(io.read_csv(source, schema, has_header=True), path)
    source.unlink()


if __name__ == "__main__":
    main()
