"""The comment for specs of which no plan can be made, which replaces that of an earlier plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.comment.fitting import fit
from sendspec.report.comment.head import short, title
from sendspec.report.comment.sections import needs_fix
from sendspec.report.comment_marker import comment_marker
from sendspec.report.escape.markdown import Markdown
from sendspec.report.review import Readiness

if TYPE_CHECKING:
    from sendspec.report.plan_failure import PlanFailure

_FOOT: Final = Markdown("<sub>sendspec made no plan, and a plan of earlier specs is out of date.</sub>")


def failure_comment(failure: PlanFailure, directory: str, budget: int) -> str:
    """Return why a plan cannot be made as GitHub Markdown of at most `budget` bytes, with its marker."""
    count = len(failure.findings)
    reason = f"{pluralize(count, 'problem')} in the specs" if count else "sendspec cannot plan"
    top = [comment_marker(failure.target, directory)]
    heading = title(Readiness.NOT_READY, failure.target, f"Not ready: {reason}")
    parts = [Markdown.join("\n", [*top, heading])]
    if not count:
        parts.append(Markdown.prose(short(failure.message)))
        parts += [Markdown.of("→ {}", Markdown.prose(short(failure.hint)))] if failure.hint else []
    section = needs_fix(failure.findings, "problem", 0.9)
    if failure.run_url:
        parts.append(Markdown.of("→ {}", Markdown.link("Open the run", failure.run_url)))
    return fit(Markdown.join("\n\n", parts), [section] if section else [], _FOOT, budget - 1).source + "\n"
