"""Files that sendspec reads in a project directory, in the folder of campaigns and below it."""

from __future__ import annotations

import json

from tests.projects import CONTACTS, GATE, TEASER, lockfile, people, project, sendspec


def put(specs, name: str, text: str = TEASER):
    """Write one more file into a project; return its path."""
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_campaigns_in_subfolders_are_sent(cli, tmp_path):
    """A campaign at any depth is sent; its contacts are relative to it, its address is not."""
    specs = project(tmp_path / "specs", GATE)
    put(specs, "contacts/people.csv", people(3))
    put(specs, "campaigns/2026/spring.yaml")
    put(specs, "campaigns/2026/crm/a/sale.YML", CONTACTS.replace("../contacts", "../../../../contacts"))
    assert cli("apply", "--auto-approve").code == 0
    assert sorted(lockfile(specs)["sends"]) == ["gate/change", "sale/last-call", "spring/teaser"]
    (specs / "campaigns/2026/crm/a/sale.YML").rename(specs / "campaigns/2026/crm/sale.yaml")
    (specs / "campaigns/2026/spring.yaml").rename(specs / "campaigns/last-year.yaml")
    done = cli("plan")
    assert (done.code, "Plan: 0 to send" in done.out) == (0, True)
    assert "'../../../../contacts/people.csv'" in done.out


def test_a_campaign_in_two_folders(cli, tmp_path):
    """A copy in another folder is an error that names both files."""
    specs = project(tmp_path / "specs", GATE)
    put(specs, "campaigns/2027/gate.yaml", GATE)
    done = cli("plan")
    assert done.code == 1
    assert (
        "specs/campaigns/c0.yaml:1:11: error: the campaign name 'gate' is already used at "
        "specs/campaigns/2027/gate.yaml:1:11\n" in done.err
    )


def test_a_folder_with_the_name_of_a_campaign(cli, tmp_path):
    """A folder whose name ends like a campaign is an error, because it could hide a broken checkout."""
    put(project(tmp_path / "specs", GATE), "campaigns/a.yaml/b.yml")
    done = cli("validate")
    assert (done.code, "specs/campaigns/a.yaml:1:1: error: this is not a regular file" in done.err) == (
        1,
        True,
    )


def test_a_linked_folder_of_campaigns(tmp_path):
    """A link to a folder is an error, because sendspec would not read its files."""
    specs = project(tmp_path / "specs", GATE)
    put(tmp_path, "shared/spring.yaml")
    (specs / "campaigns" / "shared").symlink_to(tmp_path / "shared")
    done = sendspec("validate", where=tmp_path)
    assert done.code == 1
    assert "specs/campaigns/shared:1:1: error: this linked folder is not read\n" in done.err


def test_hidden_files_and_other_files_are_ignored(tmp_path):
    """Names with a leading dot, and files that are not YAML, are ignored."""
    specs = project(tmp_path / "specs", GATE)
    for name in ("campaigns/.old/a.yaml", "campaigns/.a.yaml", "campaigns/b/readme.md", "notes/b.yaml"):
        put(specs, name, "not: [a campaign")
    done = sendspec("validate", where=tmp_path)
    assert (done.code, done.err) == (0, "1 send of 1 campaign: 0 errors, 0 other findings\n")


def test_every_suffix_of_yaml_is_read(tmp_path):
    """Campaigns with `.yaml` or `.yml`, also in capitals, are sent."""
    specs = project(tmp_path / "specs")
    for at, ending in enumerate((".yaml", ".yml", ".YAML", ".Yml")):
        put(specs, f"campaigns/c{at}{ending}", GATE.replace("campaign: gate", f"campaign: gate-{at}"))
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    assert sorted(lockfile(specs)["sends"]) == [f"gate-{at}/change" for at in range(4)]


NOTED = """\
campaign: noted
owner: CRM team <crm@acme.example>
description: |
  Gate changes,
  for everyone
ticket: MKT-42
purpose: transactional
vars: {footer: of the campaign}
sends:
  - id: change
    endpoint: external-consent
    channelQualifier: "148372"
    content: "{{ shop }} {{ footer }} {{ hours }} {{ mode }}"
    matrix: {mode: [a]}
    contacts: [{phoneNumber: "12125550123"}]
"""
VARS = """\
version: 1
vars: {shop: Acme, footer: of the project, hours: of the project, mode: of the project}
targets: {sandbox: {vars: {hours: of the target, mode: of the target}}}
"""


def test_variables_of_the_project(cli, tmp_path):
    """Variables of the project are overridden by campaign, target and matrix, in this order."""
    project(tmp_path / "specs", NOTED, settings=VARS)
    body = json.loads(cli("render").out)["body"]
    assert body["content"] == "Acme of the campaign of the target a"


WITH_NUMBERS = """\
campaign: noted
owner: "447700900123"
description: call +44 7700 900123, or 12125550123 by 2026-12-01
ticket: "20261201001"
purpose: transactional
sends:
  - id: change
    endpoint: external-consent
    channelQualifier: "148372"
    content: "This is a test"
    contacts: [{phoneNumber: "12125550123"}]
    allow: [{rule: leftover, reason: approved by (212) 555-0123 in CRM-2211}]
"""


def test_numbers_in_notes_are_masked(cli, tmp_path):
    """Neither notes of a campaign nor reasons of `allow` show a phone number in a plan; ids stay."""
    project(tmp_path / "specs", WITH_NUMBERS)
    for form in ("text", "json"):
        out = cli("plan", "--format", form).out
        assert "900123" not in out
        assert "5550123" not in out.replace("-", "")
        kept = ("4477••••••23", "2026-12-01", "20261201001", "2125••••23 in CRM-2211")
        assert [text for text in kept if text not in out] == []


def test_the_notes_of_a_campaign_are_shown_to_reviewers(cli, tmp_path):
    """Text and JSON of the plan show owner, description and ticket; no request has them."""
    project(tmp_path / "specs", NOTED, GATE, settings=VARS)
    done = cli("plan")
    shown = "noted: Gate changes, for everyone (owner CRM team <crm@acme.example>, ticket MKT-42)"
    assert done.out.split("\n\n")[1] == shown
    assert json.loads(cli("plan", "--format", "json").out)["campaigns"] == [
        {
            "campaign": "noted",
            "owner": "CRM team <crm@acme.example>",
            "description": "Gate changes,\nfor everyone\n",
            "ticket": "MKT-42",
        }
    ]
    assert "MKT-42" not in cli("render").out
    assert cli("apply", "--auto-approve").code == 0
    assert "MKT-42" not in cli("plan").out
