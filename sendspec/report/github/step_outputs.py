"""Outputs of a step: what the next steps of a workflow need to know about a plan."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sendspec.model import PlanReason
from sendspec.plan import blocking_findings, blocks
from sendspec.report.escape.characters import JOINERS, visible
from sendspec.report.review import review_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.model import Finding, Plan

_REASONS_MAX: Final = 10
_KEPT: Final = f"{JOINERS}\n"


def plan_outputs(plan: Plan, findings: Sequence[Finding]) -> dict[str, str]:
    """Return the outputs of a plan and its findings, as docs/formats.md describes them.

    `has-changes` is true if apply sends something, now or later, `due` if it has something to do now: a
    request, or the record of a renamed send. A send without its list makes only `has-changes` true: apply
    sends it where its list is. An error that blocks the whole plan makes both false. `people`
    is the number of the verdict, also of blocked sends, without those of contact sources.
    """
    is_blocked = bool(blocking_findings(plan))
    without = any(send.reason is PlanReason.LIST_ABSENT for send in plan.sends)
    return {
        **findings_outputs(findings),
        "has-changes": _flag(bool(plan.to_send or plan.waiting or without) and not is_blocked),
        "due": _flag(bool(plan.to_send or plan.moves) and not is_blocked),
        "people": str(review_plan(plan).verdict.people),
        "digest": plan.digest,
    }


def findings_outputs(findings: Sequence[Finding]) -> dict[str, str]:
    """Return `ready` and `failure-reason` of findings."""
    blocking = [finding for finding in findings if blocks(finding)]
    return {"ready": _flag(not blocking), "failure-reason": "\n".join(_reasons(blocking))}


def failure_outputs(reason: str) -> dict[str, str]:
    """Return the outputs of a run that ended with an error before there was a plan."""
    return {"ready": "false", "failure-reason": reason}


def outputs_text(outputs: Mapping[str, str]) -> str:
    """Return outputs for the file that `$GITHUB_OUTPUT` names; a value cannot add another output.

    Each value ends with a random line, because a known one could be a part of the value (GitHub, "Workflow
    commands", multiline strings, as of 2026-11).
    """
    return "".join(_output(name, value) for name, value in outputs.items())


def _output(name: str, value: str) -> str:
    end = f"sendspec-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{visible(value, keep=_KEPT)}\n{end}\n"


def _reasons(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings[:_REASONS_MAX]:
        yield f"{finding.location}: {finding.rule}: {finding.message}"
    if (more := len(findings) - _REASONS_MAX) > 0:
        yield f"and {more:,} more"


def _flag(value: bool) -> str:  # noqa: FBT001 - the value to write
    return "true" if value else "false"
