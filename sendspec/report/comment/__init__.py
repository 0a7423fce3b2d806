"""The plan as Markdown, for a comment on a pull request and a step summary: the verdict first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.report.comment.changes import changes_section
from sendspec.report.comment.failure import failure_comment
from sendspec.report.comment.fitting import fit
from sendspec.report.comment.head import foot, head
from sendspec.report.comment.messages import edited_section, messages_section
from sendspec.report.comment.sections import (
    errors_section,
    local_section,
    notes_section,
    properties_section,
    sends_section,
    settled_section,
    warnings_section,
)
from sendspec.report.comment_marker import comment_marker
from sendspec.report.escape.markdown import Markdown
from sendspec.report.review import review_plan

if TYPE_CHECKING:
    from sendspec.model import Plan
    from sendspec.report.plan_failure import PlanFailure

BUDGET: Final = 65_000
"""The most characters of a comment on GitHub (65,536), less those of a line about the commit.

A character has at least one byte in UTF-8.
"""


def plan_markdown(plan: Plan, directory: str, *, budget: int = BUDGET, full: bool = False) -> str:
    """Return a plan as GitHub Markdown of at most `budget` bytes in UTF-8, with the hidden marker first.

    The verdict is always whole. Errors and sends are shown or counted, and so is everything else that
    does not fit. `full` also shows settled sends and all properties.
    """
    review = review_plan(plan)
    sections = [
        errors_section(review),
        warnings_section(review),
        messages_section(review, full=full),
        edited_section(review),
        local_section(review),
        changes_section(plan),
        sends_section(review),
        notes_section(review),
        settled_section(review),
        properties_section(review) if full else None,
    ]
    top = Markdown.of("{}\n{}", comment_marker(plan.target, directory), head(review))
    shown = [section for section in sections if section is not None]
    return fit(top, shown, foot(review), budget - 1).source + "\n"


def failure_markdown(failure: PlanFailure, directory: str, *, budget: int = BUDGET) -> str:
    """Return why a plan cannot be made as GitHub Markdown, with the marker by which it replaces one."""
    return failure_comment(failure, directory, budget)
