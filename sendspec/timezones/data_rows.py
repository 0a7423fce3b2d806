"""Rows of the package's data files, each with a source and an as-of date."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def data_rows(name: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a CSV file of this package by column."""
    text = files("sendspec.timezones").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
