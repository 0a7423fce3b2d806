"""What the engine makes of the rules: levels, options, exceptions, one pass, all problems at once."""

from __future__ import annotations

import shlex
import shutil
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sendspec.errors import SpecError
from sendspec.model import Contact, Duplicate, LedgerState, Level, Location
from sendspec.rules import RULES, inspect
from tests.rule_cases import CASES, NOW, context_of, inspect_folder, write_project

NAMES = """\
campaign: sale
purpose: marketing
sends:
  - id: blank
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    messageName: " "
    scheduledDate: "2036-03-01T14:00:00Z"
  - id: edge
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    messageName: "Sale "
    scheduledDate: "2036-03-01T14:00:00Z"
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
"""


def problems_of(folder: Path) -> list[str]:
    """Give every problem, as `line:column message (hint)`."""
    with pytest.raises(SpecError) as refused:
        inspect_folder(folder)
    return [
        f"{one.location.line}:{one.location.column} {one.message} ({one.hint})"
        for one in refused.value.problems
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
def test_a_level_that_is_set_is_the_highest_a_rule_gives(setting, levels, tmp_path):
    """It replaces the rule's own level; what the rule grades milder stays milder."""
    found = inspect_folder(write_project(tmp_path / "specs", NAMES, setting)).findings
    assert [one.level.value for one in found if one.rule == "message-name"] == levels


def test_a_warning_that_is_made_an_error_is_one(tmp_path):
    """Raising works as lowering does; the conflict that was an error stays one."""
    folder = tmp_path / "specs"
    shutil.copytree(CASES / "duplicate-contact" / "bad", folder)
    (folder / "sendspec.yaml").write_text("version: 1\nrules: {duplicate-contact: error}\n", encoding="utf-8")
    found = inspect_folder(folder).findings
    assert [one.level for one in found if one.rule == "duplicate-contact"] == [Level.ERROR, Level.ERROR]


# ── settings that cannot be


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        pytest.param(
            "rules: {mesage-name: off}",
            "unknown rule 'mesage-name' (did you mean 'message-name'?)",
            id="misspelt rule",
        ),
        pytest.param("rules: {xyz: off}", "unknown rule 'xyz' (`sendspec rules` lists them)", id="no rule"),
        pytest.param(
            "rules: {max-recipients: {limt: 5}}",
            "unknown option 'limt' of rule max-recipients (did you mean 'limit'?)",
            id="misspelt option",
        ),
        pytest.param(
            "rules: {message-name: {limit: 5}}",
            "unknown option 'limit' of rule message-name (it has no options)",
            id="no options",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: 0}}",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="zero",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: true}}",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="boolean",
        ),
        pytest.param(
            "rules: {max-recipients: {limit: '5'}}",
            "option 'limit' of rule max-recipients must be an integer from 1 (None)",
            id="text",
        ),
        pytest.param(
            "rules: {batching: {seconds: -1}}",
            "option 'seconds' of rule batching must be a number above 0 (None)",
            id="negative",
        ),
        pytest.param(
            "rules: {batching: {seconds: 0}}",
            "option 'seconds' of rule batching must be a number above 0 (None)",
            id="no time",
        ),
        pytest.param(
            "rules: {schedule: {zone: EST5}}",
            "option 'zone' of rule schedule must be a zone of the tz database, "
            "such as America/New_York (None)",
            id="no zone",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_a_problem(setting, problem, tmp_path):
    """With its place in sendspec.yaml, and the nearest that there is."""
    (told,) = problems_of(write_project(tmp_path / "specs", NAMES, setting))
    assert told == f"2:9 {problem}"


def test_all_problems_are_told_at_once(tmp_path):
    """Of settings, of exceptions and of contact files of several sends together."""
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
        "10:13 allow names the unknown rule 'marketing-consnt' (did you mean 'marketing-consent'?)"
        in messages
    )
    assert [
        part for part in ("only a header", "is empty", "'xyz'") if not any(part in m for m in messages)
    ] == []


def test_the_sends_of_a_matrix_tell_a_wrong_exception_once(tmp_path):
    """They share the entry, so there is one problem."""
    campaign = CONSENT + "    matrix: {locale: [en, fr]}\n    allow: [{rule: xyz, reason: asked}]\n"
    assert len(problems_of(write_project(tmp_path / "specs", campaign))) == 1


def test_the_least_value_of_an_option_is_taken(tmp_path):
    """One recipient at most is a limit like any other."""
    folder = write_project(tmp_path / "specs", CONSENT, "rules: {max-recipients: {limit: 1}}")
    assert [one.rule for one in inspect_folder(folder).findings] == ["marketing-consent"]


# ── exceptions


@pytest.mark.parametrize(
    ("until", "allowed", "hint"),
    [
        pytest.param("", "they asked", None, id="for ever"),
        pytest.param(", until: '2026-06-01T12:00:00Z'", "they asked", None, id="up to and including now"),
        pytest.param(", until: '2026-06-01'", "they asked", None, id="up to the end of today"),
        pytest.param(
            ", until: '2026-06-01T11:59:59Z'",
            None,
            "the `allow` of this rule ended at 2026-06-01T11:59:59+00:00",
            id="a second ago",
        ),
        pytest.param(
            ", until: '2026-05-31'",
            None,
            "the `allow` of this rule ended with 2026-05-31 (UTC)",
            id="yesterday",
        ),
    ],
)
def test_an_exception_holds_until_it_ends(until, allowed, hint, tmp_path):
    """In force it lends its reason to the finding; expired it excepts nothing, and the hint says so."""
    campaign = CONSENT + f"    allow: [{{rule: marketing-consent, reason: they asked{until}}}]\n"
    (found,) = inspect_folder(write_project(tmp_path / "specs", campaign)).findings
    assert (found.rule, found.level, found.allowed) == ("marketing-consent", Level.ERROR, allowed)
    assert (found.hint or "").endswith(hint) if hint else "ended" not in (found.hint or "")


def test_an_exception_of_another_rule_or_send_excepts_nothing(tmp_path):
    """Only the rule that it names, only on the send that it stands on."""
    other = CONSENT.partition("sends:\n")[2].replace("id: text", "id: other")
    campaign = f"{CONSENT}    allow: [{{rule: marketing-consent, reason: asked}}]\n{other}"
    campaign += "    allow: [{rule: phone-number, reason: asked}]\n"
    found = inspect_folder(write_project(tmp_path / "specs", campaign)).findings
    assert {one.address: one.allowed for one in found} == {"sale/text": "asked", "sale/other": None}


def test_an_exception_of_a_project_wide_rule_works(tmp_path):
    """duplicate-message-name looks at all sends together, and still knows whose finding it is."""
    twice = NAMES.replace('" "', "Sale").replace('"Sale "', "Sale")
    folder = write_project(tmp_path / "specs", twice)
    (found,) = inspect_folder(folder).findings
    assert (found.rule, found.address, found.allowed) == ("duplicate-message-name", "sale/edge", None)
    write_project(folder, twice + "    allow: [{rule: duplicate-message-name, reason: other account}]\n")
    (found,) = inspect_folder(folder).findings
    assert found.allowed == "other account"


# ── the inspection


def test_an_inspection_has_facts_and_a_comparison_of_every_send():
    """By address; no facts where only the vendor has the contacts."""
    seen = inspect_folder(CASES / "schedule" / "good")
    assert set(seen.facts) == set(seen.comparisons)
    assert [address for address, facts in seen.facts.items() if facts is not None] == ["sale/at-once"]
    assert all(comparison.pending == (1,) for comparison in seen.comparisons.values())


@pytest.mark.parametrize("case", ["phone-number/bad", "duplicate-message-name/bad-tree"])
def test_findings_come_in_the_order_of_the_files(case):
    """A reader goes through a file once."""
    locations = [one.location for one in inspect_folder(CASES / case).findings]
    assert locations == sorted(locations)
    assert len(locations) > 2


def test_findings_of_one_place_come_by_address(tmp_path):
    """The sends of a matrix share their place; their order does not hang on that of the matrix."""
    campaign = CONSENT + "    matrix: {locale: [fr, en]}\n"
    found = inspect_folder(write_project(tmp_path / "specs", campaign)).findings
    assert [one.address for one in found] == ["sale/text[en]", "sale/text[fr]"]


def test_nothing_is_wrong_with_no_sends(tmp_path):
    """An empty ledger and nothing to send: no findings, no error."""
    context = context_of(write_project(tmp_path, NAMES))
    assert inspect(replace(context, sends=())).findings == ()


def test_without_a_ledger_nothing_is_said_of_what_may_be_over():
    """Finished sends stay in the specs: `validate` cannot tell them from those that missed their time."""
    for case in ("schedule/bad", "window/bad-passed"):
        context = context_of(CASES / case)
        found = inspect(replace(context, offline=True, ledger=LedgerState("sandbox", "sandbox"))).findings
        assert [one.message for one in found if "in the past" in one.message or "passed" in one.message] == []
        assert any(
            "passed" in one.message or "in the past" in one.message for one in inspect(context).findings
        )


def test_the_clock_is_the_callers():
    """The same tree a decade later: its dates are past."""
    context = context_of(CASES / "schedule" / "good")
    assert [one for one in inspect(context).findings if one.rule == "schedule"] == []
    later = inspect(replace(context, now=datetime(2046, 1, 1, tzinfo=UTC))).findings
    assert {one.rule for one in later} == {"schedule"}
    assert len(later) == 7
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize("directory", ["specs", "a b/$(specs)"])
def test_the_resolve_command_survives_a_shell(directory):
    """Brackets and spaces are quoted; --dir and --target are there where they are needed."""
    case = CASES / "unknown-outcome" / "bad-gone"
    context = context_of(case)
    project = replace(context.project, directory=Path(directory))
    (found,) = [
        one for one in inspect(replace(context, project=project)).findings if one.rule == "unknown-outcome"
    ]
    commands = [shlex.split(part) for part in (found.hint or "").split("`")[1::2]]
    where = [] if directory == "specs" else ["--dir", directory]
    start = ["sendspec", "resolve", "spring-sale/gone[en]#1", *where]
    assert commands == [
        [*start, "--sent", "TRANSACTIONID", "--reason", "TEXT"],
        [*start, "--not-sent", "--reason", "TEXT"],
    ]


def test_memory_does_not_grow_with_the_faults(tmp_path):
    """Fifty thousand faulty contacts and repetitions: no rule keeps more than it did after a thousand."""
    campaign = CONSENT.replace("Acme:", "Acme: %%NAME%% %%CODE%%" + " long" * 100)
    context = context_of(write_project(tmp_path, campaign))
    location = Location("people.csv", 2)
    values = {"NAME": "я" * 400}
    nobody = Contact(location, "", (), "", None, values)
    wrong = Contact(location, "0123", ("phoneNumber",), "0123", None, values)
    fictional = Contact(location, "12125550123", ("contactId", "phoneNumber"), "12125550123", None, {})
    batch = [nobody, wrong, fictional] * 333
    real = replace(context, target=replace(context.target, base_url="https://example.org"))
    (send,) = context.sends
    found = ((rule.id, rule.watch(send, real)) for rule in RULES)
    watches = {rule: watch for rule, watch in found if watch is not None}

    def pass_by(batches: int) -> None:
        for watch in watches.values():
            for _ in range(batches):
                watch.see(batch)
                watch.see_duplicates([Duplicate(wrong, location, conflicting=True)] * 1000)

    pass_by(1)
    tracemalloc.start()
    try:
        pass_by(50)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    silent = [rule for rule, watch in watches.items() if not list(watch.reports())]
    assert silent == []
    assert len(watches) == 6
    assert grown < 100_000  # one pointer a contact would be 400,000
