"""Rows of the data files of the package; each row has a source and the date on which it was read."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def data_rows(path: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a CSV file by column; `path` is relative to the package."""
    # `importlib.resources` would read the same file, but its import takes 5 ms.
    text = (Path(__file__).parent / path).read_text(encoding="utf-8")
    # Only a line feed ends a row, because a cell may be another line separator of Unicode.
    yield from csv.DictReader(StringIO(text, newline=""))
