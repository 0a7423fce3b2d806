"""Every rule: its cases as files, its page, its reasons, and its place in the registry."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import textwrap
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

import sendspec.rules
from sendspec.errors import SpecError
from sendspec.model import Level
from sendspec.rules import RULES, Rule, RuleGroup
from sendspec.schema import expanded
from tests.reference import PAGE as REFERENCE
from tests.reference import reference_page
from tests.row_scan import scan
from tests.rule_cases import CASES, all_cases, check_folder, context_of, finding_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rule_cases import Case

BY_ID = {rule.id: rule for rule in RULES}
BAD_CASES = [case for case in all_cases() if case.is_bad]
RULES_ABOUT_FILES = {"ignored-file"}
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PAGE = re.compile(
    r"(?P<summary>[^\n]+\.)\n\n"
    r"What: (?P<what>.+)\n\nWhy: (?P<why>.+)\n\nSource: (?P<source>.+)\n\n"
    r"Bad(?: \([^)]+\))?:\n\n(?P<bad>    .+)\n\nGood(?: \([^)]+\))?:\n\n(?P<good>    .+)",
    re.DOTALL,
)
LAW = re.compile(
    r"\b(CFR|U\.S\.C\.|TCPA|FCC|CTIA|GDPR|Act|Code|Directive|Regulation|law|laws|statutes?|carriers?)\b"
)
DATE = re.compile(r"\bas of 20\d\d-\d\d(-\d\d)?\b")


def findings_text(rule: str, folder: Path) -> str:
    """Return the findings of `rule` in the project in `folder`, as `expected.txt` has them."""
    findings = check_folder(folder).findings
    return "".join(finding_text(finding, folder) for finding in findings if finding.rule == rule)


def finding_heads(case: Case) -> list[list[str]]:
    """Return the first lines of the expected findings, as lists of words."""
    return [line.split() for line in case.expected.splitlines() if not line.startswith(" ")]


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_a_case_has_exactly_its_expected_findings(case):
    """Level, reason, location, address, message and hint are equal; a good case has no findings."""
    assert findings_text(case.rule, case.folder) == case.expected


@pytest.mark.parametrize("case", BAD_CASES, ids=str)
def test_a_bad_case_expects_findings_of_its_rule(case):
    """Every bad case fails without its rule, because it expects no findings of another rule."""
    heads = finding_heads(case)
    assert heads
    assert {rule for _, rule, *_ in heads} == {case.rule}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_bad_and_a_good_case(rule):
    """Every rule has a project with findings and a project without."""
    kinds = {case.is_bad for case in all_cases() if case.rule == rule.id}
    assert kinds == {True, False}


def test_every_case_folder_belongs_to_a_rule():
    """A renamed rule leaves no cases behind that test nothing."""
    assert {case.rule for case in all_cases()} == set(BY_ID)
    odd = [str(case) for case in all_cases() if not case.folder.name.startswith(("bad", "good"))]
    odd += [str(case) for case in all_cases() if not case.is_bad and case.expected]
    assert odd == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_reason_is_declared_and_has_a_case(rule):
    """The reasons in the cases of a rule are exactly its declared reasons, in kebab-case, with a meaning."""
    emitted = {
        reason for case in BAD_CASES if case.rule == rule.id for _, _, reason, *_ in finding_heads(case)
    }
    assert emitted == set(rule.reasons)
    assert [code for code in rule.reasons if not CODE.fullmatch(code)] == []
    assert all(rule.reasons.values())


class PersonalValues:
    """An observer that collects numbers and values, which must not appear in a public log."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    def on_contacts(self, contacts):
        for contact in contacts:
            self.values |= {contact.written, contact.identity, *contact.personalization.values()}

    on_refused = on_contacts

    def on_duplicates(self, duplicates):
        self.on_contacts([duplicate.contact for duplicate in duplicates])


@pytest.mark.parametrize("case", BAD_CASES, ids=str)
def test_no_finding_shows_a_number_or_a_personal_value(case):
    """Messages and hints contain no number, as written or as digits, and no value of a tag."""
    personal = PersonalValues()
    for send in context_of(case.folder).sends:
        with suppress(SpecError):  # The list of a finished send may be missing.
            scan(send, [personal])
    texts = [f"{finding.message} {finding.hint}" for finding in check_folder(case.folder).findings]
    long_values = [value for value in personal.values if len(value) > 4]
    assert [value for value in long_values if any(value in text for text in texts)] == []


# ── the registry


def rule_modules() -> dict[str, list[type[Rule]]]:
    """Return the rules that each module of the package defines, by module name."""
    modules = {}
    for module in pkgutil.iter_modules(sendspec.rules.__path__):
        if module.name == "_lib":
            continue
        loaded = importlib.import_module(f"sendspec.rules.{module.name}")
        modules[module.name] = [
            value
            for value in vars(loaded).values()
            if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == loaded.__name__
        ]
    return modules


def test_every_module_is_one_registered_rule_of_its_name():
    """Each module beside `_lib` defines one rule, whose id is the file name, and no rule is elsewhere."""
    defined = {name: [rule.id for rule in rules] for name, rules in rule_modules().items()}
    assert defined == {rule.id.replace("-", "_"): [rule.id] for rule in RULES}
    assert len(BY_ID) == len(RULES)


def test_every_rule_has_a_group_and_the_registry_is_in_their_order():
    """The rules of a group are adjacent, and no group has the name of a rule."""
    order = list(RuleGroup)
    groups = [rule.group for rule in RULES]
    assert groups == sorted(groups, key=order.index)
    assert BY_ID.keys() & set(order) == set()
    assert all(group.summary.endswith(".") for group in order)


def test_options_have_a_summary_and_a_valid_default():
    """Every default is valid for its own option and is on the page, unless it is None (not set)."""
    for rule in RULES:
        assert isinstance(rule.level, Level)
        for name, option in rule.options.items():
            assert option.summary, f"{rule.id}: {name}"
            if option.default is not None:
                assert option.problem(option.default) is None, f"{rule.id}: {name}"
                assert f"default {_shown(option.default)}" in " ".join(rule.page.split()), (
                    f"{rule.id}: {name}"
                )


def _shown(default) -> str:
    """Return a default as a page shows it: numbers with separators, lists as in YAML."""
    if isinstance(default, list):
        return f"[{', '.join(default)}]"
    return default if isinstance(default, str) else f"{default:,}"


# ── the pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_has_the_form_of_a_page(rule):
    """It has a short summary, what, why, source, a bad and a good spec, and every option."""
    page = PAGE.fullmatch(rule.page)
    assert page is not None
    assert rule.summary == page["summary"]
    assert len(rule.summary) <= 60
    assert max(map(len, rule.page.splitlines())) <= 110
    assert [name for name in rule.options if f"`{name}" not in page["what"] + page["source"]] == []


@pytest.mark.parametrize("kind", ["bad", "good"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_spec_of_a_page_has_a_finding_and_the_good_one_has_none(rule, kind, tmp_path):
    """Each spec of the page replaces the specs of the rule's bad case, and keeps its other files."""
    page = PAGE.fullmatch(rule.page)
    assert page is not None
    case = next(CASES.glob(f"{rule.id}/bad"), None) or min(CASES.glob(f"{rule.id}/bad*"))
    folder = tmp_path / "specs"
    shutil.copytree(case, folder)
    shutil.rmtree(folder / "campaigns")
    (folder / "campaigns").mkdir()
    (folder / "campaigns" / "page.yaml").write_text(textwrap.dedent(page[kind]), encoding="utf-8")
    findings = [finding for finding in check_folder(folder).findings if finding.rule == rule.id]
    concerned = [finding for finding in findings if finding.address or rule.id in RULES_ABOUT_FILES]
    assert bool(concerned) == (kind == "bad")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_about_a_law_or_a_carrier_has_a_date(rule):
    """Its source has an as-of date and says that it is not legal advice."""
    page = PAGE.fullmatch(rule.page)
    assert page is not None
    source = " ".join(page["source"].split())
    if LAW.search(source):
        assert "not legal advice" in source.lower()
        assert DATE.search(source)


# ── the texts that are generated from the rules


def test_the_reference_is_current():
    """docs/reference/rules.md has the pages of all rules; `python -m tests.reference` writes it."""
    assert REFERENCE.read_text(encoding="utf-8") == reference_page()


def test_the_schema_has_the_names_of_the_registry():
    """Editors complete each group, rule and option."""
    names = expanded("project")["properties"]["rules"]["properties"]
    assert list(names) == [*RuleGroup, *BY_ID]
    options = {rule.id: {"level", *rule.options} for rule in RULES}
    assert {name: names[name]["properties"].keys() for name in options} == options
