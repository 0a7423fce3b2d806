"""Findings of a page: with the lines that they point at, in groups by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.model import Level
from sendspec.report.page.excerpts import Excerpts
from sendspec.report.page.model import FindingGroup, FindingView
from sendspec.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.model import Finding, Plan

_GROUP_SHOWN: Final = 2
"""Findings of one rule that a page shows unfolded."""

_ALLOWED: Final = "allowed"
_SEVERITIES: Final = (*(level.value for level in Level), _ALLOWED)
_WORDS: Final = {Level.ERROR: "error", Level.WARNING: "look", Level.INFO: "note"}


def finding_views(plan: Plan, anchors: Mapping[str, str]) -> dict[int, FindingView]:
    """Return each finding of a plan by its `id`; `anchors` has those of the cards by address."""
    noted = {finding.address for finding in plan.findings}
    excerpts = {
        planned.address: Excerpts(planned.send.locations)
        for planned in plan.sends
        if planned.address in noted
    }
    return {id(finding): _finding_view(finding, anchors, excerpts) for finding in plan.findings}


def severity(finding: FindingView) -> int:
    """Return the rank of a finding: errors come first."""
    return _SEVERITIES.index(finding.level)


def group_findings(findings: Sequence[FindingView]) -> tuple[FindingGroup, ...]:
    """Return findings by level and rule, in the order of the first of each."""
    titles = {rule.id: rule.summary.removesuffix(".") for rule in RULES}
    groups: dict[tuple[str, str], list[FindingView]] = {}
    for finding in findings:
        groups.setdefault((finding.level, finding.rule), []).append(finding)
    return tuple(
        FindingGroup(
            level=level,
            word=found[0].word,
            rule=rule,
            title=titles.get(rule, rule),
            total=len(found),
            shown=tuple(found[:_GROUP_SHOWN]),
            folded=tuple(found[_GROUP_SHOWN:]),
        )
        for (level, rule), found in groups.items()
    )


def _finding_view(
    finding: Finding, anchors: Mapping[str, str], excerpts: Mapping[str, Excerpts]
) -> FindingView:
    address = finding.address or ""
    return FindingView(
        level=finding.level.value if finding.allowed is None else _ALLOWED,
        word=_WORDS[finding.level] if finding.allowed is None else _ALLOWED,
        rule=finding.rule,
        message=finding.message,
        hint=finding.hint or "",
        place=str(finding.location),
        address=address,
        anchor=anchors.get(address, ""),
        excerpt=excerpts[address].at(finding.location) if address in excerpts else None,
        allowed=finding.allowed or "",
    )
