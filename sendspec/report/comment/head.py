"""The first and the last lines of a plan as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.difference_text import base_name
from sendspec.report.escape.markdown import Markdown
from sendspec.report.phrases import footer
from sendspec.report.review import Readiness
from sendspec.report.review.notices import blocking_notice, first_blockers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.review import Review

_MARKS: Final = {
    Readiness.NOT_READY: "⛔",
    Readiness.IN_PART: "⚠️",
    Readiness.NO_LEGAL_HOUR: "⚠️",
    Readiness.READY: "✅",
    Readiness.NOTHING_TO_SEND: "⚪",
}
_TITLE: Final = re.compile(rf"## (?:{'|'.join(dict.fromkeys(_MARKS.values()))}) SMS plan for ")
_LENGTH_MAX: Final = 400
"""Characters of an untrusted text in the head, so that it cannot push the verdict out of the first lines."""


def head(review: Review) -> Markdown:
    """Return the verdict: its heading, then one row for each question of a reviewer."""
    verdict = review.verdict
    heading = title(verdict.readiness, review.plan.target, verdict.headline)
    table = Markdown.join("\n", [Markdown("| | |\n|---|---|"), *_rows(review)])
    blocking = blocking_notice(review.plan)  # The row has it, with the same names.
    notices = [
        Markdown.of("> ⚠️ {}", Markdown.prose(short(notice)))
        for notice in review.notices
        if notice != blocking
    ]
    return Markdown.join("\n\n", [heading, table, *notices])


def title(readiness: Readiness, target: str, headline: str) -> Markdown:
    """Return the heading of a comment about a target."""
    return Markdown.of("## {} SMS plan for {} · {}", _MARKS[readiness], short(target), headline)


def is_plan(text: str) -> bool:
    """Return whether the Markdown of a comment has the heading of a plan, or of why there is none.

    The Markdown of `apply` and `status` has the same hidden line, because one comment shows all of them.
    """
    return _TITLE.match(text.partition("\n")[2]) is not None


def foot(review: Review) -> Markdown:
    """Return the footer of the plan, and its digest."""
    return Markdown.of("<sub>{}<br>Digest: {}</sub>", footer(review.plan), Markdown.code(review.plan.digest))


def _rows(review: Review) -> Iterator[Markdown]:
    verdict, plan = review.verdict, review.plan
    for fact in verdict.facts:
        note = Markdown.of("; {}", Markdown.prose(fact.note)) if fact.note else Markdown("")
        yield Markdown.of("| **{}** | **{}**{} |", fact.label, short(fact.value), note)
    if verdict.errors:
        whole = "; this blocks the whole plan" if blocking_notice(plan) else ""
        yield Markdown.of("| **Blocked by** | {}{} |", short(first_blockers(verdict.errors)), whole)
    account = f" ({plan.account})" if plan.account != plan.target else ""
    target = Markdown.of("| **Target** | {}", short(f"{plan.target}{account}"))
    if plan.selection:
        target += Markdown.of(", only {}", short(" ".join(plan.selection)))
    if plan.unselected:
        others = pluralize(plan.unselected, "other send is", "other sends are")
        target += Markdown.of("; **{} neither checked nor sent**", others)
    if plan.difference is not None:
        target += Markdown.of(", against {}", short(base_name(plan.difference.base)))
    yield target + Markdown(" |")


def short(text: str) -> str:
    """Return an untrusted text of the head, cut if it is long."""
    return text if len(text) <= _LENGTH_MAX else f"{text[:_LENGTH_MAX]}…"
