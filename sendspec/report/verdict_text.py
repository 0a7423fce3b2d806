"""The verdict on a plan as lines of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.report.escape import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.review import Verdict


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Yield the readiness, then one line for each question of a reviewer."""
    yield escape_text(verdict.headline)
    width = max((len(fact.label) for fact in verdict.facts), default=0)
    for fact in verdict.facts:
        note = f" ({fact.note})" if fact.note else ""
        yield f"  {fact.label.ljust(width)}  {escape_text(f'{fact.value}{note}')}"
