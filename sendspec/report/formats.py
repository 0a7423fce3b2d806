"""The output formats of plans and findings, by name; each is a reader of the same frozen data.

A function imports its format when it runs, so that a verb loads only the formats that it prints.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.report.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendspec.model import Finding, Plan
    from sendspec.report.plan_failure import PlanFailure

    Relocation = Callable[[Sequence[Finding]], Sequence[Finding]]
    """Returns findings with the names of their files from the root of the repository."""


class View(Struct, frozen=True):
    """How much of a plan is shown, and where; a format for machines shows the same everywhere.

    Only `text` and `html` obey `show_values`: all others always have masks.
    """

    full: bool = False
    screen: Screen = Screen()
    directory: str = "specs"
    show_values: bool = False


def _plan_text(plan: Plan, view: View) -> str:
    from sendspec.report.terminal import plan_text

    return plan_text(plan, view.screen, full=view.full, show_values=view.show_values)


def _plan_markdown(plan: Plan, view: View) -> str:
    from sendspec.report.comment import plan_markdown

    return plan_markdown(plan, view.directory, full=view.full)


def _plan_json(plan: Plan, _view: View) -> str:
    from sendspec.report.plan_json import plan_json

    return plan_json(plan)


def _plan_html(plan: Plan, view: View) -> str:
    from sendspec.report.page import plan_page

    return plan_page(plan, show_values=view.show_values)


def _failure_markdown(failure: PlanFailure, directory: str) -> str:
    from sendspec.report.comment import failure_markdown

    return failure_markdown(failure, directory)


def _failure_html(failure: PlanFailure) -> str:
    from sendspec.report.page import failure_page

    return failure_page(failure)


def _findings_text(findings: Sequence[Finding]) -> str:
    from sendspec.report.text import findings_text

    return f"{findings_text(findings)}\n" if findings else ""


def _findings_json(findings: Sequence[Finding]) -> str:
    from sendspec.report.findings_json import findings_json

    return findings_json(findings)


def _github(findings: Sequence[Finding]) -> str:
    from sendspec.report.github import annotation_commands

    return annotation_commands(findings)


def _sarif(findings: Sequence[Finding]) -> str:
    from sendspec.report.sarif import sarif

    return sarif(findings)


_REPOSITORY_FORMATS: Final[Mapping[str, Callable[[Sequence[Finding]], str]]] = MappingProxyType(
    {"github": _github, "sarif": _sarif}
)
"""Formats of findings whose reader has the files of the repository, so their names start at its root."""

PLAN_FORMATS: Final[Mapping[str, Callable[[Plan, View], str]]] = MappingProxyType(
    {"text": _plan_text, "json": _plan_json, "html": _plan_html, "markdown": _plan_markdown}
)
"""The formats that show a plan; the first is the default."""

FINDINGS_FORMATS: Final[Mapping[str, Callable[[Sequence[Finding]], str]]] = MappingProxyType(
    {"text": _findings_text, "json": _findings_json}
)
"""The formats that show findings, and problems because of which no plan can be made."""

PLAN_FORMAT_NAMES: Final = (*PLAN_FORMATS, *_REPOSITORY_FORMATS)
FINDINGS_FORMAT_NAMES: Final = (*FINDINGS_FORMATS, *_REPOSITORY_FORMATS)


def plan_texts(plan: Plan, view: View, relocate: Relocation) -> dict[str, Callable[[], str]]:
    """Return a function for each format that returns the plan in it."""
    texts = {name: partial(write, plan, view) for name, write in PLAN_FORMATS.items()}
    return {**texts, **_repository_texts(plan.findings, relocate)}


def findings_texts(findings: Sequence[Finding], relocate: Relocation) -> dict[str, Callable[[], str]]:
    """Return a function for each format that returns the findings in it."""
    texts = {name: partial(write, findings) for name, write in FINDINGS_FORMATS.items()}
    return {**texts, **_repository_texts(findings, relocate)}


def failure_texts(failure: PlanFailure, directory: str) -> dict[str, Callable[[], str]]:
    """Return a function for each format of a plan alone that returns why it cannot be made."""
    return {
        "html": partial(_failure_html, failure),
        "markdown": partial(_failure_markdown, failure, directory),
    }


def _repository_texts(findings: Sequence[Finding], relocate: Relocation) -> dict[str, Callable[[], str]]:
    return {
        name: partial(_relocated, write, findings, relocate) for name, write in _REPOSITORY_FORMATS.items()
    }


def _relocated(
    write: Callable[[Sequence[Finding]], str], findings: Sequence[Finding], relocate: Relocation
) -> str:
    return write(relocate(findings))
