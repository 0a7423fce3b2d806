"""The results of checks as text: a line each, with the remedy below it, and a verdict."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from sendspec.doctor import CheckGroup, CheckState
from sendspec.formatting import capitalize_first, pluralize
from sendspec.redact import Redactor
from sendspec.report.doctor.sentences import sentence_of
from sendspec.report.escape.plain import escape_text
from sendspec.report.screen import Screen
from sendspec.report.terminal.lines import Line, Span, Style, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.doctor import CheckResult

_LOG: Final = Screen()
_NAMES: Final = {CheckGroup.GITHUB: "GitHub"}
_MARKS: Final = {
    CheckState.PASS: ("pass", Style.GOOD),
    CheckState.FAIL: ("FAIL", Style.BAD),
    CheckState.NOT_CHECKED: ("-", Style.DIM),
}
_WIDTH: Final = 6


def doctor_text(target: str, results: Sequence[CheckResult], screen: Screen = _LOG) -> str:
    """Return the results by group, and at the end how many checks passed, failed, or were not made."""
    blocks = [
        [
            Line((Span(_NAMES.get(group, capitalize_first(group.value)), Style.STRONG),)),
            *_lines(list(members)),
        ]
        for group, members in groupby(results, key=lambda result: result.group)
    ]
    blocks.append([_verdict(target, results)])
    return "\n\n".join("\n".join(render(line, screen) for line in block) for block in blocks) + "\n"


def _lines(results: Sequence[CheckResult]) -> Iterator[Line]:
    """Yield the lines of a group; checks that were not made for one reason share a line."""
    shown: set[tuple[str, str]] = set()
    for result in results:
        key = sentence_of(result)
        if result.state is CheckState.NOT_CHECKED:
            if key in shown:
                continue
            shown.add(key)
            alike = [
                each.check for each in results if each.state is result.state and sentence_of(each) == key
            ]
        else:
            alike = [result.check]
        yield from _result_lines(result, alike)


def _result_lines(result: CheckResult, checks: Sequence[str]) -> Iterator[Line]:
    mask = Redactor()
    text, remedy = (escape_text(mask(part)) for part in sentence_of(result))
    mark, style = _MARKS[result.state]
    hang = " " * (_WIDTH + 2)
    parts = (Span(f"{mark:<{_WIDTH}}", style), Span(f"{', '.join(checks)}: "), Span(text, is_quoted=True))
    yield Line(parts, "  ", hang)
    if remedy and result.state is not CheckState.PASS:
        yield Line((Span("fix: ", Style.NOTICE), Span(remedy, is_quoted=True)), hang, hang)


def _verdict(target: str, results: Sequence[CheckResult]) -> Line:
    counts = {state: sum(result.state is state for result in results) for state in CheckState}
    failed, unmade = counts[CheckState.FAIL], counts[CheckState.NOT_CHECKED]
    name, rest = escape_text(target), f"{counts[CheckState.PASS]} passed"
    if failed:
        verdict = Span(f"{pluralize(failed, 'check')} of target {name} failed", Style.BAD)
        rest = f"{rest}, {unmade} not checked"
    elif unmade:
        verdict = Span(
            f"{pluralize(unmade, 'check')} of target {name} could not be made; no other check failed",
            Style.NOTICE,
        )
    else:
        verdict = Span(f"No check of target {name} failed", Style.GOOD)
        rest = f"{rest}, 0 not checked"
    return Line((verdict, Span(f"; {rest}.")))
