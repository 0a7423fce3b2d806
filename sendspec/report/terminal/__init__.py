"""The plan as a person reads it in a terminal or a log: the verdict first, then the sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.plan import blocking_findings
from sendspec.report.campaign_notes import campaign_line, noted_campaigns
from sendspec.report.review import review_plan
from sendspec.report.screen import Screen
from sendspec.report.terminal.closing import closing_lines, folded_lines, waiting_line
from sendspec.report.terminal.lines import Line, render
from sendspec.report.terminal.sends import action_lines, folded_addresses, folded_send, send_lines
from sendspec.report.terminal.verdict import verdict_lines
from sendspec.report.text import findings_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Plan
    from sendspec.report.review import Review

_LOG = Screen()


def plan_text(plan: Plan, screen: Screen = _LOG, *, full: bool = False, show_values: bool = False) -> str:
    """Return a plan as text; `full` adds all properties, all examples, and the sends that are settled.

    Values of recipients are masked unless `show_values`.
    """
    review = review_plan(plan, show_values=show_values)
    blocks = [block for block in _blocks(review, full=full) if block]
    return "\n\n".join("\n".join(render(line, screen) for line in block) for block in blocks) + "\n"


def verdict_text(plan: Plan) -> str:
    """Return the first lines of a plan, which the question of apply repeats."""
    return "\n".join(render(line, _LOG) for line in verdict_lines(review_plan(plan)))


def _blocks(review: Review, *, full: bool) -> Iterator[list[Line]]:
    """Yield the groups of lines that an empty line separates."""
    yield list(verdict_lines(review))
    shown = [send.planned.send for send in review.sends]
    yield [Line(campaign_line(name, notes)) for name, notes in noted_campaigns(shown)]
    folded = frozenset() if full else folded_addresses(review)
    for send in review.sends:
        if send.address not in folded:
            yield list(send_lines(send, full=full))
    yield [folded_send(send) for send in review.sends if send.address in folded]
    yield list(action_lines(review, full=full))
    if review.plan.difference is not None:
        from sendspec.report.terminal.difference import difference_lines  # noqa: PLC0415 - few plans have one

        is_blocked = bool(blocking_findings(review.plan))
        yield list(difference_lines(review.plan.difference, review.plan.sends, is_blocked=is_blocked))
    yield [*waiting_line(review), *([] if full else folded_lines(review))]
    yield [Line(line) for line in findings_text(review.plan.findings).splitlines()]
    yield list(closing_lines(review))
