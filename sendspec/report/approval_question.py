"""The question that approves a plan: the verdict, where it goes, to how many recipients, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.formatting import pluralize
from sendspec.render.rfc3339 import parse_datetime
from sendspec.report.escape.plain import escape_text
from sendspec.report.terminal import verdict_text
from sendspec.report.totals import count_totals

if TYPE_CHECKING:
    from sendspec.model import Plan, Target

_TYPED_ABOVE: Final = 1000
"""Recipients above which a person must type their number, because "yes" becomes a habit."""


class ApprovalQuestion(NamedTuple):
    """A question, and the only answer that approves."""

    text: str
    answer: str


def approval_question(target: Target, plan: Plan) -> ApprovalQuestion:
    """Return the verdict and the question for a plan.

    For a real target with more than 1,000 recipients the answer is their number. If only the vendor
    knows the recipients of a send, it is the name of the target.
    """
    size = count_totals(plan).now
    sizes = [pluralize(size.recipients, "recipient")] if size.recipients or not size.jobs else []
    sizes += [size.sources] if size.jobs else []
    subject = f"Send to {' and '.join(sizes)} through target {escape_text(target.name)}, {_start(plan)}?"
    subject = f"{verdict_text(plan)}\n{subject}"
    if target.is_real and size.recipients > _TYPED_ABOVE:
        return ApprovalQuestion(f"{subject} Only the number of recipients approves", str(size.recipients))
    if target.is_real and size.jobs:
        return ApprovalQuestion(f"{subject} Only the name of the target approves", target.name)
    return ApprovalQuestion(f"{subject} Only 'yes' approves", "yes")


def _start(plan: Plan) -> str:
    """Return when the first message of a plan goes out."""
    dates = [planned.send.payload.get("scheduledDate") for planned in plan.to_send]
    instants = sorted(parse_datetime(date) for date in dates if isinstance(date, str))
    if len(instants) < len(dates):
        return "starting now"
    return f"starting {instants[0]:%a %d %b %Y %H:%M %Z}"
