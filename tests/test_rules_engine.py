"""The rule engine: levels, options, exceptions, one scan, and all problems together."""

from __future__ import annotations

import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sendspec.errors import SpecError
from sendspec.model import LedgerState, Level
from sendspec.rules import run_rules
from sendspec.structs import replace
from sendspec.text_content import restricted_categories
from tests.rule_cases import CASES, NOW, check_folder, context_of, write_project

NAMES = """\
campaign: sale
purpose: marketing
sends:
  - id: blank
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: " "
    scheduledDate: "2036-03-01T14:00:00Z"
    audience: {countries: [GB]}
  - id: edge
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: "Sale "
    scheduledDate: "2036-03-01T14:00:00Z"
    audience: {countries: [GB]}
"""
CONSENT = """\
campaign: sale
purpose: marketing
sends:
  - id: text
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: 20% off ends tonight. Reply STOP to opt out."
    contacts:
      - {phoneNumber: "12125550123"}
    ttlInMinutes: 60
    exclude: [../list.csv]
"""


def problems_of(folder: Path) -> list[str]:
    """Return every problem, as `line:column message (hint)`."""
    with pytest.raises(SpecError) as raised:
        check_folder(folder)
    return [
        f"{problem.location.line}:{problem.location.column} {problem.message} ({problem.hint})"
        for problem in raised.value.problems
    ]


# ── levels


@pytest.mark.parametrize(
    ("setting", "levels"),
    [
        pytest.param("", ["error", "warning"], id="the rule's own"),
        pytest.param("rules: {message-name: error}", ["error", "warning"], id="error"),
        pytest.param("rules: {message-name: warning}", ["warning", "warning"], id="warning"),
        pytest.param("rules: {message-name: info}", ["info", "info"], id="info"),
        pytest.param("rules: {message-name: off}", [], id="off"),
        pytest.param("rules: {message-name: {level: info}}", ["info", "info"], id="in a mapping"),
    ],
)
def test_a_level_in_the_settings_is_the_highest_of_the_rule(setting, levels, tmp_path):
    """It replaces the rule's own level; a violation with a lower level keeps that level."""
    findings = check_folder(write_project(tmp_path / "specs", NAMES, setting)).findings
    assert [finding.level.value for finding in findings if finding.rule == "message-name"] == levels


def test_a_rule_of_level_warning_can_be_an_error(tmp_path):
    """Settings can also raise a level; a conflict, which is an error anyway, stays an error."""
    folder = tmp_path / "specs"
    shutil.copytree(CASES / "duplicate-contact" / "bad", folder)
    (folder / "sendspec.yaml").write_text("version: 1\nrules: {duplicate-contact: error}\n", encoding="utf-8")
    findings = check_folder(folder).findings
    levels = [finding.level for finding in findings if finding.rule == "duplicate-contact"]
    assert levels == [Level.ERROR, Level.ERROR]


@pytest.mark.parametrize(
    ("setting", "levels"),
    [
        pytest.param("rules: {api: error}", ["error", "warning"], id="error"),
        pytest.param("rules: {api: warning}", ["warning", "warning"], id="warning"),
        pytest.param("rules: {api: {level: info}}", ["info", "info"], id="in a mapping"),
        pytest.param("rules: {api: off}", [], id="off"),
        pytest.param("rules: {api: off, schedule: error}", [], id="off, and another rule on"),
        pytest.param("rules: {api: off, message-name: info}", ["info", "info"], id="on again"),
        pytest.param("rules: {message-name: info, api: off}", ["info", "info"], id="in any order"),
        pytest.param("rules: {api: error, message-name: off}", [], id="off in a group that is on"),
        pytest.param("rules: {api: info, message-name: error}", ["error", "warning"], id="raised again"),
        pytest.param("rules: {content: off, people: off}", ["error", "warning"], id="other groups"),
    ],
)
def test_a_group_sets_the_level_of_its_rules(setting, levels, tmp_path):
    """It works like the same level at each of its rules, and a rule's own level comes before it."""
    findings = check_folder(write_project(tmp_path / "specs", NAMES, setting)).findings
    assert [finding.level.value for finding in findings if finding.rule == "message-name"] == levels


@pytest.mark.parametrize(
    ("group", "levels"),
    [
        pytest.param("error", {"info", "warning", "error"}, id="not raised"),
        pytest.param("warning", {"info", "warning"}, id="lowered"),
        pytest.param("info", {"info"}, id="notes"),
        pytest.param("off", set(), id="off"),
    ],
)
def test_a_group_does_not_raise_notes(group, levels, tmp_path):
    """The note about excluded people never blocks because of a group; a warning of the rule is lowered."""
    folder = tmp_path / "specs"
    shutil.copytree(CASES / "suppressed-contact" / "bad-numbers", folder)
    settings = (folder / "sendspec.yaml").read_text(encoding="utf-8")
    (folder / "sendspec.yaml").write_text(f"{settings}rules: {{people: {group}}}\n", encoding="utf-8")
    found = check_folder(folder).findings
    assert {finding.level.value for finding in found if finding.rule == "suppressed-contact"} == levels


def test_options_of_a_rule_do_not_enable_it(tmp_path):
    """A rule with options but without a level has the level of its group."""
    settings = "rules: {people: off, max-recipients: {limit: 1}}"
    campaign = CONSENT.replace(
        '      - {phoneNumber: "12125550123"}\n',
        '      - {phoneNumber: "12125550123"}\n      - {phoneNumber: "12125550124"}\n',
    )
    folder = write_project(tmp_path / "specs", campaign, settings)
    assert "max-recipients" not in {finding.rule for finding in check_folder(folder).findings}
    write_project(folder, campaign, settings.replace("limit: 1", "limit: 1, level: warning"))
    found = [finding.level for finding in check_folder(folder).findings if finding.rule == "max-recipients"]
    assert found == [Level.WARNING]


# ── invalid settings


@pytest.mark.parametrize(
    ("setting", "place", "problem"),
    [
        pytest.param(
            "rules: {mesage-name: off}",
            "mesage",
            "unknown rule 'mesage-name' (did you mean 'message-name'?)",
            id="misspelt rule",
        ),
        pytest.param(
            "rules: {xyz: off}",
            "xyz",
            "unknown rule 'xyz' (run `sendspec rules` to list the rules)",
            id="no rule",
        ),
        pytest.param(
            "rules: {conten: off}", "conten", "unknown rule 'conten' (did you mean 'content'?)", id="group"
        ),
        pytest.param(
            "rules: {people: {limit: 5}}",
            "limit",
            "the group people has a level, but not the option 'limit' "
            "(set it at a rule of the group; `sendspec explain people` lists them)",
            id="option of a group",
        ),
        pytest.param(
            "rules: {max-recipients: {limt: 5}}",
            "limt",
            "unknown option 'limt' of rule max-recipients (did you mean 'limit'?)",
            id="misspelt option",
        ),
        pytest.param(
            "rules: {message-name: {limit: 5}}",
            "limit",
            "unknown option 'limit' of rule message-name (remove it; the rule has no options)",
            id="no options",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: 0}}",
            "0",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="zero",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: true}}",
            "true",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="boolean",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: '5'}}",
            "'5'",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="text",
        ),
        pytest.param(
            "rules: {batching: {seconds: -1}}",
            "-1",
            "option 'seconds' of rule batching must be a number above 0 (None)",
            id="negative",
        ),
        pytest.param(
            "rules: {batching: {seconds: 0}}",
            "0",
            "option 'seconds' of rule batching must be a number above 0 (None)",
            id="no time",
        ),
        pytest.param(
            "rules: {schedule: {zone: EST5}}",
            "EST5",
            "option 'zone' of rule schedule must be a zone of the tz database, "
            "such as America/New_York (None)",
            id="no zone",
        ),
        pytest.param(
            "rules: {budget: {total: 9, perSend: -5}}",
            "-5",
            "option 'perSend' of rule budget must be a number above 0 (None)",
            id="second option",
        ),
        pytest.param(
            "rules: {restricted-content: {ignore: [alcohol, alcohl]}}",
            "alcohl",
            "option 'ignore' of rule restricted-content must be a list of categories: "
            f"{', '.join(restricted_categories())} (None)",
            id="item of a list",
        ),
    ],
)
def test_an_invalid_setting_is_a_problem(setting, place, problem, tmp_path):
    """The problem has the location of the rule, option or value, and a hint with the closest valid name."""
    problems = problems_of(write_project(tmp_path / "specs", NAMES, setting))
    assert problems == [f"2:{setting.rindex(place) + 1} {problem}"]


def test_all_problems_are_reported_together(tmp_path):
    """One error has the problems of settings, exceptions and the contact files of several sends."""
    campaign = CONSENT + "    allow: [{rule: marketing-consnt, reason: asked}]\n"
    for name in ("one", "two"):
        campaign += f"""\
  - id: {name}
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: 20% off ends tonight. Reply STOP to opt out."
    contacts: {{file: ../{name}.csv}}
"""
    folder = write_project(tmp_path / "specs", campaign, "rules: {xyz: off}")
    (folder / "one.csv").write_text("contactId\n", encoding="utf-8")
    (folder / "two.csv").write_text("", encoding="utf-8")
    messages = problems_of(folder)
    assert len(messages) == 4
    assert (
        "12:13 allow names the unknown rule 'marketing-consnt' (did you mean 'marketing-consent'?)"
        in messages
    )
    assert [
        part
        for part in ("has a header, but no contacts", "is empty", "'xyz'")
        if not any(part in m for m in messages)
    ] == []


def test_an_exception_names_a_rule_not_a_group(tmp_path):
    """A reviewer approves an exception from one rule, so a group is not accepted."""
    folder = write_project(tmp_path / "specs", CONSENT + "    allow: [{rule: api, reason: asked}]\n")
    (problem,) = problems_of(folder)
    assert problem == (
        "12:13 allow names the group api; it needs the id of a rule "
        "(write one entry for each rule; `sendspec explain api` lists them)"
    )


def test_a_matrix_reports_an_invalid_exception_once(tmp_path):
    """The sends of a matrix share the `allow` entry, so there is one problem."""
    campaign = CONSENT + "    matrix: {locale: [en, fr]}\n    allow: [{rule: xyz, reason: asked}]\n"
    assert len(problems_of(write_project(tmp_path / "specs", campaign))) == 1


def test_the_least_value_of_an_option_is_valid(tmp_path):
    """A limit of one recipient is a valid setting."""
    folder = write_project(tmp_path / "specs", CONSENT, "rules: {max-recipients: {limit: 1}}")
    assert [finding.rule for finding in check_folder(folder).findings] == ["marketing-consent"]


# ── exceptions


@pytest.mark.parametrize(
    ("until", "allowed", "hint"),
    [
        pytest.param("", "they asked", None, id="without end"),
        pytest.param(", until: '2026-06-01T12:00:00Z'", "they asked", None, id="up to and including now"),
        pytest.param(", until: '2026-06-01'", "they asked", None, id="up to the end of today"),
        pytest.param(
            ", until: '2026-06-01T11:59:59Z'",
            None,
            "the `allow` entry for this rule expired at 2026-06-01T11:59:59+00:00",
            id="a second ago",
        ),
        pytest.param(
            ", until: '2026-05-31'",
            None,
            "the `allow` entry for this rule expired at the end of 2026-05-31 (UTC)",
            id="yesterday",
        ),
    ],
)
def test_an_exception_is_valid_until_it_expires(until, allowed, hint, tmp_path):
    """A valid entry gives its reason to the finding; an expired one is reported in the hint."""
    campaign = CONSENT + f"    allow: [{{rule: marketing-consent, reason: they asked{until}}}]\n"
    (finding,) = check_folder(write_project(tmp_path / "specs", campaign)).findings
    assert (finding.rule, finding.level, finding.allowed) == ("marketing-consent", Level.ERROR, allowed)
    assert (finding.hint or "").endswith(hint) if hint else "expired" not in (finding.hint or "")


def test_an_exception_of_another_rule_or_send_excepts_nothing(tmp_path):
    """An entry excepts only its rule, and only on its own send."""
    other = CONSENT.partition("sends:\n")[2].replace("id: text", "id: other")
    campaign = f"{CONSENT}    allow: [{{rule: marketing-consent, reason: asked}}]\n{other}"
    campaign += "    allow: [{rule: phone-number, reason: asked}]\n"
    findings = check_folder(write_project(tmp_path / "specs", campaign)).findings
    assert {finding.address: finding.allowed for finding in findings} == {
        "sale/text": "asked",
        "sale/other": None,
    }


def test_an_exception_of_a_project_wide_rule_works(tmp_path):
    """duplicate-message-name checks all sends together, and its finding has the address of one send."""
    twice = NAMES.replace('" "', "Sale").replace('"Sale "', "Sale").replace("4396816", "4396817", 1)
    folder = write_project(tmp_path / "specs", twice)
    (finding,) = check_folder(folder).findings
    assert (finding.rule, finding.address, finding.allowed) == ("duplicate-message-name", "sale/edge", None)
    write_project(folder, twice + "    allow: [{rule: duplicate-message-name, reason: other account}]\n")
    (finding,) = check_folder(folder).findings
    assert finding.allowed == "other account"


# ── the result


def test_a_result_has_facts_and_a_comparison_of_every_send():
    """Both are by address; facts are None if only the vendor has the contacts."""
    result = check_folder(CASES / "schedule" / "good")
    assert set(result.facts) == set(result.comparisons)
    assert [address for address, facts in result.facts.items() if facts is not None] == ["sale/at-once"]
    assert all(comparison.pending == (1,) for comparison in result.comparisons.values())


@pytest.mark.parametrize("case", ["phone-number/bad", "duplicate-message-name/bad-tree"])
def test_findings_are_in_the_order_of_the_files(case):
    """Findings are sorted by file, line and column."""
    locations = [finding.location for finding in check_folder(CASES / case).findings]
    assert locations == sorted(locations)
    assert len(locations) > 2


def test_findings_of_one_location_are_sorted_by_address(tmp_path):
    """The sends of a matrix share their location, and the order of the matrix does not matter."""
    campaign = CONSENT.replace("Acme:", "Acme {{ locale }}:") + "    matrix: {locale: [fr, en]}\n"
    settings = "rules: {overlap: off}\n"  # The two sends have the same recipients.
    findings = check_folder(write_project(tmp_path / "specs", campaign, settings)).findings
    assert [finding.address for finding in findings] == ["sale/text[en]", "sale/text[fr]"]


def test_no_sends_have_no_findings(tmp_path):
    """A project without sends is valid."""
    context = context_of(write_project(tmp_path, NAMES))
    assert run_rules(replace(context, sends=())).findings == ()


def test_without_a_ledger_past_times_are_not_reported():
    """Finished sends stay in the specs, and only a ledger separates them from expired ones."""
    time_reasons = {"past", "expired", "short-window"}
    for case in ("schedule/bad", "window/bad-expired", "batching/bad"):
        context = context_of(CASES / case)
        offline = replace(context, offline=True, ledger=LedgerState("sandbox", "sandbox"))
        assert {finding.reason for finding in run_rules(offline).findings}.isdisjoint(time_reasons)
        assert not {finding.reason for finding in run_rules(context).findings}.isdisjoint(time_reasons)


def test_the_context_has_the_only_clock():
    """A decade later, the dates of the same project are past."""
    context = context_of(CASES / "schedule" / "good")
    assert [finding for finding in run_rules(context).findings if finding.rule == "schedule"] == []
    later = run_rules(replace(context, now=datetime(2046, 1, 1, tzinfo=UTC))).findings
    assert {finding.rule for finding in later} == {"schedule"}
    assert len(later) == 7
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize("directory", ["specs", "a b/$(specs)"])
def test_the_resolve_command_survives_a_shell(directory):
    """Brackets and spaces are quoted; --dir is present unless it is the default."""
    case = CASES / "unknown-outcome" / "bad-removed"
    context = context_of(case)
    project = replace(context.project, directory=Path(directory))
    findings = run_rules(replace(context, project=project)).findings
    (hint,) = [finding.hint or "" for finding in findings if finding.rule == "unknown-outcome"]
    commands = [shlex.split(part) for part in hint.split("`")[1::2]]
    option = [] if directory == "specs" else ["--dir", directory]
    start = ["sendspec", "resolve", "spring-sale/removed[en]#1", *option]
    assert commands == [
        [*start, "--sent", "TRANSACTIONID", "--reason", "TEXT"],
        [*start, "--not-sent", "--reason", "TEXT"],
    ]
