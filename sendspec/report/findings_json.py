"""Findings as JSON, in the versioned format of `schemas/findings.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Finding, Level
from sendspec.redact import Redactor
from sendspec.report.escape.json_text import json_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Problem

UNREADABLE_SPEC: Final = ("spec", "unreadable")
"""Rule and reason of a problem, which keeps a file from being read, so no rule can judge it."""


def findings_json(findings: Iterable[Finding]) -> str:
    """Return findings as a JSON document, as `validate --format json` prints them."""
    return json_document({"version": 1, "findings": [finding_value(finding) for finding in findings]})


def problem_findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Return the problems of files that cannot be understood as findings, masked."""
    redact = Redactor()
    rule, reason = UNREADABLE_SPEC
    return tuple(
        Finding(
            rule=rule,
            reason=reason,
            level=Level.ERROR,
            message=redact(problem.message),
            location=problem.location,
            hint=problem.hint and redact(problem.hint),
        )
        for problem in problems
    )


def finding_value(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON value."""
    return {
        "rule": finding.rule,
        "reason": finding.reason,
        "level": finding.level.value,
        "message": finding.message,
        "file": finding.location.file,
        "line": finding.location.line,
        "column": finding.location.column,
        "address": finding.address,
        "hint": finding.hint,
        "allowed": finding.allowed,
    }
