"""The results of checks as JSON, in the format of `schemas/doctor.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.redact import Redactor
from sendspec.report.doctor.sentences import sentence_of
from sendspec.report.escape.json_text import json_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.doctor import CheckResult


def doctor_json(target: str, results: Sequence[CheckResult]) -> str:
    """Return the results as a JSON document."""
    return json_document({"version": 1, "target": target, "checks": [_value(result) for result in results]})


def _value(result: CheckResult) -> dict[str, Any]:
    mask = Redactor()
    text, remedy = sentence_of(result)
    return {
        "check": result.check,
        "group": result.group.value,
        "result": result.state.value,
        "reason": result.reason.code,
        "text": mask(text),
        "remedy": mask(remedy) or None,
    }
