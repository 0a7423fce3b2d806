"""Findings as SARIF 2.1.0, which code scanning and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01", 2023-08-28;
GitHub, "SARIF support for code scanning", as of 2026-11.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sendspec import __version__
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.report.escape.json_text import json_document
from sendspec.report.findings_json import UNREADABLE_SPEC
from sendspec.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Finding, Location

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RESULTS_MAX: Final = 5_000
"""The results of a file that GitHub shows; it shows the most severe ones."""

_LEVELS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_SEVERITY: Final = {level: rank for rank, level in enumerate(_LEVELS)}
_ROOT: Final = "%SRCROOT%"
_NUMBERS: Final = re.compile(r"\d+(?:[.,:/-]\d+)*")
_LINK: Final = re.compile(r"\](?=\()")
_PLACEHOLDER: Final = re.compile(r"\{(?=\d+\})")


def sarif(findings: Sequence[Finding]) -> str:
    """Return findings as a SARIF document, the most severe first; locations are those of the repository.

    At most 5,000 are in it. A notification counts the others.
    """
    ranked = sorted(findings, key=lambda finding: (finding.allowed is not None, _SEVERITY[finding.level]))
    shown, left_out = ranked[:_RESULTS_MAX], len(ranked[_RESULTS_MAX:])
    ids = sorted({finding.rule for finding in shown})
    run = {
        "tool": {
            "driver": {
                "name": "sendspec",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in ids],
            }
        },
        "invocations": [_invocation(shown, left_out)],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(shown, {rule: index for index, rule in enumerate(ids)})),
    }
    return json_document({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(findings: Sequence[Finding], left_out: int) -> dict[str, Any]:
    complete = all((finding.rule, finding.reason) != UNREADABLE_SPEC for finding in findings)
    if not left_out:
        return {"executionSuccessful": complete}
    more = pluralize(left_out, "more finding")
    message = _message(f"{more} left out, because a file of code scanning has at most {_RESULTS_MAX:,}")
    return {
        "executionSuccessful": complete,
        "toolExecutionNotifications": [{"level": "warning", "message": message}],
    }


def _rule(rule_id: str) -> dict[str, Any]:
    rule = next((rule for rule in RULES if rule.id == rule_id), None)
    if rule is None:
        summary = "A file of the project cannot be read."
        return {"id": rule_id, "shortDescription": {"text": summary}, "help": {"text": summary}}
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.group.value]},
    }


def _results(findings: Sequence[Finding], indexes: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        hint = f"\nhint: {finding.hint}" if finding.hint else ""
        yield {
            "ruleId": finding.rule,
            "ruleIndex": indexes[finding.rule],
            "level": _LEVELS[finding.level],
            "message": _message(f"{finding.message}{hint}"),
            "locations": [_location(finding)],
            # GitHub reads only this name, and computes it from the line of the file otherwise.
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}"},
            "suppressions": [] if finding.allowed is None else [_suppression(finding.allowed)],
            "properties": {"reason": finding.reason},
        }


def _suppression(reason: str) -> dict[str, str]:
    return {"kind": "inSource", "justification": reason}


def _message(text: str) -> dict[str, str]:
    """Return a message without links and placeholders, which SARIF has in plain text too."""
    return {"text": _PLACEHOLDER.sub("{{", _LINK.sub(r"\\]", text))}


def _location(finding: Finding) -> dict[str, Any]:
    physical = {
        "artifactLocation": _artifact(finding.location),
        "region": {"startLine": finding.location.line, "startColumn": finding.location.column},
    }
    if finding.address is None:
        return {"physicalLocation": physical}
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": finding.address}]}


def _artifact(location: Location) -> dict[str, str]:
    uri = quote(location.file, errors="surrogateescape")
    return {"uri": f"file://{uri}"} if location.file.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _fingerprint(finding: Finding) -> str:
    """Return a hash that stays if lines move or counts change; numbers are not in it."""
    where = finding.address or finding.location.file
    parts = (finding.rule, finding.reason, where, _NUMBERS.sub("#", finding.message))
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]
