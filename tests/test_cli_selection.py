"""`--send`: only the selected sends are planned, checked, sent and shown."""

from __future__ import annotations

import json

import pytest

from sendspec.selection import Selection
from tests.projects import CONTACTS, GATE, TEASER, lockfile, project

MATRIX = """\
campaign: matrix
purpose: transactional
sends:
  - id: note
    endpoint: external-consent
    matrix: {locale: [en, fr], tier: ["a?", b]}
    channelQualifier: "148372"
    content: "Acme {{ locale }} {{ tier }}"
    contacts: [{phoneNumber: "12125550123"}]
  - id: notes
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme"
    contacts: [{phoneNumber: "12125550123"}]
"""
ADDRESSES = [
    "gate/change",
    "matrix/note[en,a?]",
    "matrix/note[en,b]",
    "matrix/note[fr,a?]",
    "matrix/note[fr,b]",
    "matrix/notes",
    "spring/teaser",
]
PATTERNS = {
    "gate/change": ["gate/change"],
    "gate": ["gate/change"],
    "matrix": ADDRESSES[1:6],
    "matrix/note": ADDRESSES[1:5],
    "matrix/note[en,b]": ["matrix/note[en,b]"],
    "matrix/note[en,a?]": ["matrix/note[en,a?]"],
    "matrix/note[*,b]": ["matrix/note[en,b]", "matrix/note[fr,b]"],
    "matrix/note*": ADDRESSES[1:6],
    "*/note": ADDRESSES[1:5],
    "*/teaser": ["spring/teaser"],
    "s*": ["spring/teaser"],
    "gat?": ["gate/change"],
    "*": ADDRESSES,
    "matrix/note[fe]": [],
    "gat": [],
    "atrix": [],
    "GATE": [],
    "gate/": [],
    "": [],
}


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS.items(), ids=list(PATTERNS))
def test_the_meaning_of_a_pattern(pattern, expected):
    """A pattern is an address, a campaign, a send with its whole matrix, or a glob; brackets are literal."""
    selection = Selection((pattern,))
    assert [address for address in ADDRESSES if selection.includes(address)] == expected
    campaigns = {address.partition("/")[0] for address in expected}
    assert [name for name in campaigns if not selection.may_include(name)] == []


def planned(done) -> list[str]:
    return [action["address"] for action in json.loads(done.out)["actions"]]


def test_only_the_selected_sends_are_planned_rendered_and_sent(cli, tmp_path):
    """Two patterns select their union in every verb; the plan states how many sends it leaves out."""
    specs = project(tmp_path / "specs", GATE, MATRIX, TEASER)
    words = ("--send", "gate", "--send", "matrix/note[fr,b]")
    both = ["gate/change", "matrix/note[fr,b]"]
    assert planned(cli("plan", *words, "--format", "json")) == both
    assert [json.loads(line)["address"] for line in cli("render", *words).out.splitlines()] == [
        f"{address}#1" for address in both
    ]
    shown = cli("plan", *words)
    assert shown.out.partition("\n\n")[0].splitlines()[-1] == (
        "SELECTION --send gate --send 'matrix/note[fr,b]': 2 sends; "
        "5 other sends are neither checked nor sent"
    )
    assert "Plan: 2 to send (3 recipients, 2 people, in 2 requests" in shown.out
    assert cli("apply", *words, "--auto-approve").code == 0
    assert sorted(lockfile(specs)["sends"]) == both
    again = cli("apply", *words, "--auto-approve")
    assert "Nothing to send: the selection was already sent.\n" in again.err
    assert cli("apply", "--auto-approve").code == 0
    assert sorted(lockfile(specs)["sends"]) == ADDRESSES
    status = json.loads(cli("status", "--send", "matrix/note", "--format", "json").out)
    assert [entry["address"] for entry in status["transactions"]] == ADDRESSES[1:5]


BROKEN = {
    "yaml": "campaign: [\n",
    "schema": CONTACTS.replace("content:", "contnt:"),
    "no contacts": CONTACTS.replace("people.csv", "nobody.csv"),
    "template": CONTACTS.replace("20% off", "{{ unknown }} off"),
    "rule": CONTACTS.replace("endpoint: contacts", "endpoint: external-consent"),
    "list": CONTACTS.replace("people.csv", "broken.csv"),
    "duplicate": TEASER,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_an_error_of_another_team_blocks_no_selected_send(text, cli, tmp_path):
    """Whatever is wrong with another campaign, the whole plan fails and the selected send is sent."""
    specs = project(tmp_path / "specs", GATE, text, TEASER)
    (specs / "contacts" / "broken.csv").write_text('contactId,NAME\n"12125550123,Ada\n')
    assert cli("apply", "--auto-approve").code in (1, 3)
    done = cli("apply", "--send", "gate/change", "--auto-approve")
    assert (done.code, list(lockfile(specs)["sends"])) == (0, ["gate/change"])
    left_out = "specs/campaigns/c1.yaml has problems; it is not part of the selection and was left out"
    unread = text in (BROKEN["yaml"], BROKEN["schema"])
    assert (f"warning: {left_out}\n" in done.err) == unread


@pytest.mark.parametrize("pattern", ["sale", "sale/last-call", "s*", "*"])
@pytest.mark.parametrize("kind", ["yaml", "schema", "no contacts"])
def test_an_error_of_a_selected_send_blocks_it(pattern, kind, cli, tmp_path):
    """A broken file that a pattern may select blocks, because a part of the selection would be missing."""
    specs = project(tmp_path / "specs", GATE, BROKEN[kind])
    done = cli("apply", "--send", pattern, "--send", "gate", "--auto-approve")
    assert (done.code, "specs/campaigns/c1.yaml:" in done.err) == (1, True)
    assert not (specs / "sendspec.sandbox.lock").exists()


@pytest.mark.parametrize("verb", ["plan", "apply", "render", "status"])
def test_a_pattern_that_matches_nothing_is_a_usage_error(verb, cli, tmp_path):
    """A misspelt or empty pattern selects nothing instead of everything; a similar name is suggested."""
    specs = project(tmp_path / "specs", GATE, MATRIX)
    words = ("--auto-approve",) if verb == "apply" else ()
    if verb == "status":
        assert cli("apply", "--send", "gate", "--auto-approve").code == 0
    for pattern, hint in (("gate/chnge", "did you mean 'gate/change'?"), ("", "run `sendspec plan`")):
        done = cli(verb, "--send", "gate", "--send", pattern, *words)
        assert (done.code, done.out) == (64, "")
        assert f"error: --send '{pattern}' does not match any send in the " in done.err
        assert f"  hint: {hint}" in done.err
    assert (specs / "sendspec.sandbox.lock").exists() == (verb == "status")


def test_a_saved_selection_sends_only_that(cli, tmp_path):
    """A saved plan keeps its selection; its digest is not that of a whole plan of the same sends."""
    specs = project(tmp_path / "specs", GATE)
    whole = json.loads(cli("plan", "--format", "json").out)
    assert cli("plan", "--send", "gate", "--save", "gate.plan").code == 0
    part = json.loads((tmp_path / "gate.plan").read_text())
    assert (whole["selection"], part["selection"], part["unselected"]) == (None, ["gate"], 0)
    assert whole["digest"] != part["digest"]
    (specs / "campaigns" / "c1.yaml").write_text(MATRIX)
    refused = cli("apply", "gate.plan", "--send", "gate", "--auto-approve")
    assert (refused.code, "error: --send cannot be combined with a saved plan" in refused.err) == (64, True)
    assert cli("apply", "gate.plan", "--auto-approve").code == 0
    assert list(lockfile(specs)["sends"]) == ["gate/change"]
    assert cli("apply", "gate.plan", "--auto-approve").code == 0


@pytest.mark.parametrize("selection", [None, ["*"], ["matrix"]])
def test_an_edited_selection_of_a_saved_plan_is_stale(selection, cli, tmp_path):
    """A saved plan with another selection is refused, and nothing is sent."""
    specs = project(tmp_path / "specs", GATE, MATRIX)
    assert cli("plan", "--send", "gate", "--save", "gate.plan").code == 0
    saved = json.loads((tmp_path / "gate.plan").read_text())
    (tmp_path / "gate.plan").write_text(json.dumps(saved | {"selection": selection}))
    assert cli("apply", "gate.plan", "--auto-approve").code == 4
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_rules_compare_a_selected_send_with_all_others(cli, tmp_path):
    """A messageName that another send uses is an error of the selected send, whichever comes first."""
    copy = TEASER.replace("campaign: spring", "campaign: winter").replace("{{ campaign }}", "spring")
    project(tmp_path / "specs", TEASER, copy)
    for campaign in ("spring", "winter"):
        done = cli("plan", "--send", campaign, "--format", "json")
        [finding] = json.loads(done.out)["findings"]
        assert (done.code, finding["rule"]) == (3, "duplicate-message-name")
        assert finding["address"] == f"{campaign}/teaser"


def test_sends_that_left_the_specs(cli, tmp_path):
    """A removed send is in the plan only if a pattern matches it."""
    specs = project(tmp_path / "specs", GATE, MATRIX)
    assert cli("apply", "--auto-approve").code == 0
    (specs / "campaigns" / "c1.yaml").unlink()
    assert planned(cli("plan", "--send", "gate", "--format", "json")) == ["gate/change"]
    removed = json.loads(cli("plan", "--send", "matrix/notes", "--format", "json").out)
    assert [(action["address"], action["sign"]) for action in removed["actions"]] == [("matrix/notes", "-")]
