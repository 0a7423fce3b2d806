"""Warnings about a plan as a whole, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Sign
from sendspec.plan import blocking_findings, edits_of_finished_sends
from sendspec.report.totals import sends_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Finding, Plan

_SENDING_SIGNS: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)
_NAMES_MAX: Final = 5

VALUES_SHOWN: Final = "PERSONAL: this plan shows real values of recipients; do not share it."


def notices(plan: Plan) -> Iterator[str]:
    """Yield the warnings that no medium may fold: who is reached again, and what apply does not send."""
    again = [send.address for send in plan.sends if send.sign in _SENDING_SIGNS and sends_again(send)]
    if again:
        sends = pluralize(len(again), "send")
        yield f"AGAIN: {sends} will reach recipients of an earlier revision: {_first_names(again)}."
    blockers = blocking_findings(plan)
    errors = blocking_notice(plan)
    if errors:
        yield errors
    if unlisted := [_blocker_name(finding) for finding in blockers if finding.only_online]:
        yield (
            f"{pluralize(len(unlisted), 'error')} in ids of the vendor: {_first_names(unlisted)}; "
            "apply does not check these ids, and the vendor refuses the requests."
        )
    edits = [f"{finding.address} ({finding.rule})" for finding in edits_of_finished_sends(plan)]
    if edits and not errors:
        others = "; it sends the other sends" if plan.to_send else ""
        yield f"Apply sends nothing of {_first_names(edits)}, and exits 3{others}."
    unknown = [action.address for action in plan.actions if action.sign is Sign.UNKNOWN]
    if unknown and not errors:
        yield f"Apply does not send {_first_names(unknown)}, because the outcome is unknown; it exits 7."


def blocking_notice(plan: Plan) -> str:
    """Return how many errors block the whole plan, and which; '' if none does."""
    errors = [_blocker_name(finding) for finding in blocking_findings(plan) if not finding.only_online]
    if not errors:
        return ""
    verb, pronoun = ("blocks", "it is") if len(errors) == 1 else ("block", "they are")
    blocking = f"{pluralize(len(errors), 'error')} {verb} the whole plan"
    names = _first_names([*dict.fromkeys(errors)])
    return f"{blocking}; apply sends nothing until {pronoun} fixed: {names}."


def _blocker_name(finding: Finding) -> str:
    return f"{finding.address or finding.location.file} ({finding.rule})"


def first_blockers(findings: Sequence[Finding]) -> str:
    """Return the sends and rules of findings that block, the first ones by name."""
    return _first_names([*dict.fromkeys(map(_blocker_name, findings))])


def _first_names(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_MAX
    return ", ".join(names[:_NAMES_MAX]) + (f" and {more:,} more" if more > 0 else "")
