"""Rows of the data files of this package."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def data_rows(name: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a CSV file by column."""
    text = files("sendspec.jurisdictions").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
