"""Every rule: its cases as files, its page, and its place in the registry."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import textwrap
from typing import TYPE_CHECKING

import pytest

import sendspec.rules
from sendspec.audience import scan
from sendspec.model import Level
from sendspec.rules import RULES, Rule
from tests.rule_cases import CASES, all_cases, context_of, inspect_folder, told

if TYPE_CHECKING:
    from pathlib import Path

BY_ID = {rule.id: rule for rule in RULES}
PAGE = re.compile(
    r"(?P<summary>[^\n]+\.)\n\n"
    r"What: (?P<what>.+)\n\nWhy: (?P<why>.+)\n\nSource: (?P<source>.+)\n\n"
    r"Bad(?: \([^)]+\))?:\n\n(?P<bad>    .+)\n\nGood(?: \([^)]+\))?:\n\n(?P<good>    .+)",
    re.DOTALL,
)


def of_rule(rule: str, folder: Path) -> str:
    """Give what `rule` finds in the project in `folder`, as `expected.txt` has it."""
    findings = inspect_folder(folder).findings
    return "".join(told(finding, folder) for finding in findings if finding.rule == rule)


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_a_case_gets_exactly_the_findings_it_expects(case):
    """Level, place, address, message and hint of every finding of the rule; none for a good case."""
    assert of_rule(case.rule, case.folder) == case.expected


@pytest.mark.parametrize("case", [case for case in all_cases() if case.is_bad], ids=str)
def test_a_bad_case_expects_findings_of_its_rule(case):
    """Without the rule every bad case would fail, and none is bad by another's findings."""
    heads = [line for line in case.expected.splitlines() if not line.startswith(" ")]
    assert heads
    assert {line.split()[1] for line in heads} == {case.rule}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_bad_and_a_good_case(rule):
    """No rule without a project that it speaks about and one that it leaves alone."""
    kinds = {case.is_bad for case in all_cases() if case.rule == rule.id}
    assert kinds == {True, False}


def test_every_case_folder_is_that_of_a_rule():
    """A renamed rule does not leave cases behind that test nothing."""
    assert {case.rule for case in all_cases()} == set(BY_ID)
    odd = [str(case) for case in all_cases() if not case.folder.name.startswith(("bad", "good"))]
    odd += [str(case) for case in all_cases() if not case.is_bad and case.expected]
    assert odd == []


class Personal:
    """Looks on as a rule does, and remembers what nobody may read in a public log."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    def see(self, contacts):
        for contact in contacts:
            self.values |= {contact.written, contact.identity, *contact.personalization.values()}

    def see_duplicates(self, duplicates):
        self.see([duplicate.contact for duplicate in duplicates])


@pytest.mark.parametrize("case", [case for case in all_cases() if case.is_bad], ids=str)
def test_no_finding_shows_a_number_or_a_personal_value(case):
    """Neither as it is written nor as digits; nor what fills a tag."""
    personal = Personal()
    for send in context_of(case.folder).sends:
        scan(send, [personal])
    told = [f"{finding.message} {finding.hint}" for finding in inspect_folder(case.folder).findings]
    long_enough = [value for value in personal.values if len(value) > 4]
    assert [value for value in long_enough if any(value in text for text in told)] == []


# ── the registry


def rule_modules() -> dict[str, list[type[Rule]]]:
    """Give the rules that each module of the room defines, by the name of the module."""
    found = {}
    for module in pkgutil.iter_modules(sendspec.rules.__path__):
        loaded = importlib.import_module(f"sendspec.rules.{module.name}")
        classes = [
            value
            for value in vars(loaded).values()
            if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == loaded.__name__
        ]
        found[module.name] = [one for one in classes if one is not Rule]
    return {name: classes for name, classes in found.items() if classes}


def test_one_rule_one_file_one_id():
    """The file is named as the id, and no rule stands in a file without being registered."""
    defined = {name: [one.id for one in classes] for name, classes in rule_modules().items()}
    assert defined == {rule.id.replace("-", "_"): [rule.id] for rule in RULES}
    assert len(BY_ID) == len(RULES)


def test_rules_have_a_level_and_say_what_their_options_are():
    """Every default satisfies its own option and stands in the page, or is None: not set."""
    for rule in RULES:
        assert isinstance(rule.level, Level)
        for name, option in rule.options.items():
            assert option.summary, f"{rule.id}: {name}"
            if option.default is not None:
                assert option.complaint(option.default) is None, f"{rule.id}: {name}"
                assert f"default {option.default:,}" in " ".join(rule.page.split()), f"{rule.id}: {name}"


# ── the pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_has_the_form_of_a_page(rule):
    """A summary in one line, what, why, source, a bad and a good spec, and every option."""
    page = PAGE.fullmatch(rule.page)
    assert page is not None
    assert rule.summary == page["summary"]
    assert max(map(len, rule.page.splitlines())) <= 110
    assert [name for name in rule.options if f"`{name}" not in page["what"] + page["source"]] == []


@pytest.mark.parametrize("kind", ["bad", "good"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_specs_of_a_page_are_what_they_are_called(rule, kind, tmp_path):
    """The page's spec, put where the rule's bad case has its own, is found fault with or is not."""
    page = PAGE.fullmatch(rule.page)
    assert page is not None
    case = next(CASES.glob(f"{rule.id}/bad"), None) or min(CASES.glob(f"{rule.id}/bad*"))
    folder = tmp_path / "specs"
    shutil.copytree(case, folder)
    shutil.rmtree(folder / "campaigns")
    (folder / "campaigns").mkdir()
    (folder / "campaigns" / "page.yaml").write_text(textwrap.dedent(page[kind]), encoding="utf-8")
    found = [one for one in inspect_folder(folder).findings if one.rule == rule.id and one.address]
    assert bool(found) == (kind == "bad")
