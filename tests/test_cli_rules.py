"""`sendspec rules` and `explain`, with and without a project, and `validate --rule`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete

from sendspec.cli import commands
from sendspec.rules import RULES, RuleGroup
from tests.projects import GATE, project

if TYPE_CHECKING:
    from tests.processes.runs import Done

SETTINGS = """\
version: 1
rules:
  people: warning
  max-recipients: {limit: 2}
  time: off
  late-send:
    level: error
"""
MARKETING = GATE.replace("purpose: transactional", "purpose: marketing") + "    ttlInMinutes: 60\n"


def level_of(done: Done, name: str) -> str:
    """Return the level in the line of a rule."""
    (line,) = (line for line in done.out.splitlines() if line.startswith(f"  {name} "))
    return line.split()[1]


# ── the list


def test_rules_are_listed_by_group(cli):
    """Without a project, each group has a heading and the lines of its rules: id, default level, summary."""
    width = max(len(rule.id) for rule in RULES)
    blocks = cli("rules").out.removesuffix("\n").split("\n\n")
    groups = list(dict.fromkeys(rule.group for rule in RULES))
    for group, block in zip(groups, blocks, strict=True):
        heading, *lines = block.splitlines()
        rules = [rule for rule in RULES if rule.group is group]
        assert heading == f"{group}: {group.summary}"
        assert lines == [f"  {rule.id:{width}}  {rule.level:8}  {rule.summary}" for rule in rules]


def test_the_list_has_the_levels_of_the_project(cli, tmp_path):
    """A level that is not the default is marked, and the last line names the file."""
    project(tmp_path / "specs", GATE, settings=SETTINGS)
    done = cli("rules")
    names = ("no-recipients", "duplicate-contact", "window", "late-send", "schedule")
    assert [level_of(done, name) for name in names] == ["warning*", "warning", "off*", "error*", "error"]
    assert done.out.endswith("\n\n* not the default level, by specs/sendspec.yaml\n")
    assert cli("rules", "specs").out == done.out


def test_groups_are_selected(cli):
    """`--group` selects groups; another name is a usage error with a suggestion."""
    done = cli("rules", "--group", "time", "--group", "ledger")
    assert [line.partition(":")[0] for line in done.out.splitlines() if line[:1].isalpha()] == [
        "time",
        "ledger",
    ]
    assert "\n  late-send " in done.out
    wrong = cli("rules", "--group", "poeple")
    assert (wrong.code, wrong.out) == (64, "")
    assert wrong.err == "error: group 'poeple' does not exist\n  hint: did you mean 'people'?\n"
    assert "  hint: choose one of: api, cost, time" in cli("rules", "--group", "schedule").err


def test_rules_for_machines(cli, tmp_path):
    """JSON has all that a rule declares, and the values of the project, on standard output and in a file."""
    document = json.loads(cli("rules", "--format", "json").out)
    assert (document["version"], document["project"]) == (1, None)
    assert [rule["id"] for rule in document["rules"]] == [rule.id for rule in RULES]
    assert {rule["projectLevel"] for rule in document["rules"]} == {None}
    project(tmp_path / "specs", GATE, settings=SETTINGS)
    assert cli("rules", "--format", "json", "-o", "rules.json").out == ""
    document = json.loads((tmp_path / "rules.json").read_text())
    by_id = {rule["id"]: rule for rule in document["rules"]}
    assert document["project"] == "specs/sendspec.yaml"
    assert by_id["window"]["projectLevel"] == "off"
    assert by_id["max-recipients"] == {
        "id": "max-recipients",
        "group": "people",
        "level": "error",
        "projectLevel": "warning",
        "summary": "A send has more recipients than the project allows.",
        "reasons": {"over-limit": "the send has more recipients than the limit"},
        "options": {
            "limit": {
                "default": 50000,
                "value": 2,
                "summary": "the maximum number of recipients of one send",
            }
        },
    }


# ── the pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page(rule, cli):
    """`explain` prints the complete page of a rule under its id, and the defaults if there is no project."""
    done = cli("explain", rule.id)
    assert (done.code, done.err) == (0, "")
    page, _, settings = done.out.rpartition("\n\nSettings:\n\n")
    assert page == f"# {rule.id}\n\n{rule.page}"
    names = [line.split()[0] for line in settings.splitlines()]
    assert names == ["group", "level", *rule.options]
    assert [line.split()[-1] for line in settings.splitlines()[1:]] == ["default"] * (len(names) - 1)
    assert max(len(line) for line in done.out.splitlines()) <= 120


def test_a_page_has_the_settings_of_the_project(cli, tmp_path):
    """It has the level and the options in force, with the line, and the group, that sets each."""
    project(tmp_path / "specs", GATE, settings=SETTINGS)
    assert cli("explain", "max-recipients").out.endswith(
        "Settings:\n\n"
        "    group  people   The message would reach the wrong recipients.\n"
        "    level  warning  specs/sendspec.yaml:3, group people\n"
        "    limit  2        specs/sendspec.yaml:4\n"
    )
    assert "    level  error  specs/sendspec.yaml:7\n" in cli("explain", "late-send").out
    assert "    level  off   specs/sendspec.yaml:5, group time\n" in cli("explain", "window").out
    assert (
        "    level  error    default\n    zone   not set  default\n"
        in cli("explain", "schedule", "specs").out
    )


@pytest.mark.parametrize("group", RuleGroup)
def test_every_group_has_a_page(group, cli):
    """`explain GROUP` lists the rules of the group, and how to set their level."""
    done = cli("explain", group)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"# {group}\n\n{group.summary}\n\n")
    listed = [line.split()[0] for line in done.out.splitlines() if line.startswith("  ")]
    assert listed == [rule.id for rule in RULES if rule.group is group]
    assert f"`rules: {{{group}: warning}}`" in done.out


def test_an_unknown_page(cli):
    """The hint has the closest rule or group."""
    wrong = cli("explain", "contnt")
    assert (wrong.code, wrong.out) == (64, "")
    assert wrong.err == "error: rule 'contnt' does not exist\n  hint: did you mean 'content'?\n"


@pytest.mark.parametrize("verb", [("rules",), ("explain", "window")], ids=" ".join)
def test_settings_with_errors_do_not_hide_the_pages(verb, cli, tmp_path):
    """An error about settings recommends these verbs, so they show the defaults and the errors."""
    before = cli(*verb)
    project(tmp_path / "specs", GATE, settings="version: 1\nrules: {window: fatal}\n")
    done = cli(*verb)
    assert (done.code, done.out) == (0, before.out)
    assert done.err.startswith("specs/sendspec.yaml:2:17: error: 'window' must be one of off, info")
    assert done.err.endswith(
        "warning: the settings of the project are not shown; levels and options are the defaults\n"
    )
    missing = cli(*verb, "nowhere")
    assert (missing.code, missing.out) == (0, before.out)
    assert missing.err.startswith("warning: nowhere: directory not found\n")


@pytest.mark.parametrize("words", [("explain",), ("validate", "--rule")], ids=" ".join)
def test_a_shell_completes_rules_and_groups(words):
    """Click's completion offers the rules and the groups that start with a text."""
    completion = ShellComplete(commands, {}, "sendspec", "_SENDSPEC_COMPLETE")
    offered = [item.value for item in completion.get_completions([*words], "con")]
    names = [*(group.value for group in RuleGroup), *(rule.id for rule in RULES)]
    assert offered == [name for name in names if name.startswith("con")]
    assert {"content", "contact-identity"} <= set(offered)


# ── validate --rule


def test_validate_shows_the_findings_of_some_rules(cli, tmp_path):
    """`--rule` selects findings by rule or group, repeatable, and the exit code depends on these."""
    specs = project(tmp_path / "specs", MARKETING)
    everything = cli("validate")
    assert everything.code == 3
    assert "[marketing-consent]" in everything.out
    assert "[exclude-missing]" in everything.out
    one = cli("validate", "--rule", "exclude-missing")
    assert one.out
    assert "[marketing-consent]" not in one.out
    assert cli("validate", "--rule", "people").out == one.out
    two = cli("validate", "--rule", "people", "--rule", "marketing-consent")
    assert (two.code, "[marketing-consent]" in two.out, one.out in two.out) == (3, True, True)
    none = cli("validate", "--rule", "schedule")
    assert (none.code, none.out) == (0, "")
    assert none.err == "1 send of 1 campaign: 0 errors, 0 other findings\n"
    found = json.loads(cli("validate", "--rule", "people", "--format", "json").out)["findings"]
    assert {finding["rule"] for finding in found} == {"exclude-missing"}
    (specs / "campaigns" / "c0.yaml").write_text("campaign: [")
    assert cli("validate", "--rule", "people").code == 1, "a file that cannot be read is always an error"


def test_a_selected_rule_that_is_off_stays_off(cli, tmp_path):
    """Standard error says that the settings disable it, because silence would look like success."""
    project(tmp_path / "specs", MARKETING, settings="version: 1\nrules: {people: off}\n")
    done = cli("validate", "--rule", "exclude-missing")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("note: off in specs/sendspec.yaml: exclude-missing\n")


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_no_flag_weakens_a_plan(verb, cli, tmp_path):
    """`plan` and `apply` have no option that selects rules."""
    project(tmp_path / "specs", MARKETING)
    done = cli(verb, "--rule", "schedule")
    assert (done.code, done.out) == (64, "")
    assert "no such option '--rule'" in done.err
