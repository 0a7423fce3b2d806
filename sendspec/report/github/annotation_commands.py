"""Findings as annotations, which GitHub shows at their line of the pull request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.report.escape.workflow import workflow_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Finding

_PER_LEVEL_MAX: Final = 10
"""The annotations of one kind that GitHub shows of a step (GitHub, "Usage limits", as of 2026-11)."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def annotation_commands(findings: Iterable[Finding]) -> str:
    """Return findings as workflow commands, the most severe first; locations are those of the repository.

    Of each level there are at most ten, the last of which counts the others. Each rule comes once before a
    rule comes a second time, so that no rule hides another. Allowed findings have none.
    """
    shown = [finding for finding in findings if finding.allowed is None]
    lines: list[str] = []
    for level, command in _COMMANDS.items():
        lines += _commands(command, _by_weight([finding for finding in shown if finding.level is level]))
    return "".join(f"{line}\n" for line in lines)


def _by_weight(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with those first that block all sends, and with the first one of each rule first."""
    seen: Counter[tuple[bool, str]] = Counter()
    ranked: list[tuple[bool, int, int]] = []
    for index, finding in enumerate(findings):
        kind = (finding.blocks_only_its_send, finding.rule)
        ranked.append((finding.blocks_only_its_send, seen[kind], index))
        seen[kind] += 1
    return [findings[index] for *_, index in sorted(ranked)]


def _commands(command: str, findings: Sequence[Finding]) -> Iterator[str]:
    whole = len(findings) <= _PER_LEVEL_MAX
    for finding in findings if whole else findings[: _PER_LEVEL_MAX - 1]:
        yield _annotation(command, finding)
    if not whole:
        more = pluralize(len(findings) - _PER_LEVEL_MAX + 1, f"more {command}")
        yield workflow_command(command, {"title": more}, f"{more}, which the plan shows")


def _annotation(command: str, finding: Finding) -> str:
    location = finding.location
    properties = {
        "file": location.file,
        "line": str(location.line),
        "col": str(location.column),
        "title": finding.rule,
    }
    address = f" ({finding.address})" if finding.address else ""
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    return workflow_command(command, properties, f"{finding.message}{address}{hint}")
