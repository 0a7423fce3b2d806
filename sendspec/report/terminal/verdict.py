"""The first lines of a plan: ready or not, to whom, when, at what cost, and what blocks it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.escape.plain import escape_text
from sendspec.report.review import Readiness
from sendspec.report.review.notices import first_blockers
from sendspec.report.terminal.lines import Line, Span, Style, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Plan
    from sendspec.report.review import Review

_STYLES: Final = {
    Readiness.NOT_READY: Style.BAD,
    Readiness.IN_PART: Style.BAD,
    Readiness.NO_LEGAL_HOUR: Style.NOTICE,
    Readiness.READY: Style.GOOD,
    Readiness.NOTHING_TO_SEND: Style.STRONG,
}


def verdict_lines(review: Review) -> Iterator[Line]:
    """Yield the verdict, the facts, and what is planned."""
    verdict, plan = review.verdict, review.plan
    yield Line((Span(verdict.headline, _STYLES[verdict.readiness]),))
    for fact in verdict.facts:
        note = f"; {fact.note}" if fact.note else ""
        yield row(fact.label.lower(), escape_text(f"{fact.value}{note}"))
    if verdict.errors:
        yield row("errors", escape_text(first_blockers(verdict.errors)), style=Style.BAD)
    yield row("target", escape_text(f"{plan.target} ({plan.account})"))
    yield from _selection(plan)


def _selection(plan: Plan) -> Iterator[Line]:
    if plan.selection:
        patterns = escape_text(" ".join(f"--send {shlex.quote(pattern)}" for pattern in plan.selection))
        others = (
            "1 other send is neither checked nor sent"
            if plan.unselected == 1
            else f"{plan.unselected:,} other sends are neither checked nor sent"
        )
        text = f"SELECTION {patterns}: {pluralize(len(plan.sends), 'send')}; {others}"
        yield Line((Span(text, Style.NOTICE),))
