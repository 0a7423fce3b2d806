"""The scan of an audience row by row: simple, slow, and the reference of the scan by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sendspec import audience
from sendspec.errors import SpecError
from tests.row_scan.scan import scan_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sendspec.model import AudienceFacts, Problem, Send

_T = TypeVar("_T")

__all__ = ["result_of", "scan", "scan_rows"]


def scan(send: Send, observers: Sequence = ()) -> AudienceFacts | None:
    """Return the facts of the scan by columns, which must be those of the scan by rows.

    The observers receive the contacts of the scan by rows.
    """
    facts, problems = result_of(lambda: audience.scan(send))
    expected, expected_problems = result_of(lambda: scan_rows([send], observers))
    assert problems == expected_problems
    if problems:
        raise SpecError(problems)
    assert (facts,) == expected
    return facts


def result_of(scanning: Callable[[], _T]) -> tuple[_T | None, tuple[Problem, ...]]:
    """Return the result of a scan, or the problems that it raises."""
    try:
        return scanning(), ()
    except SpecError as error:
        return None, error.problems
