"""Files that look like a part of the project, but are not read: a note for each."""

from __future__ import annotations

import json

import pytest

from tests.projects import CONTACTS, GATE, project

NAMES = {
    "gate.yaml": "outside-campaigns",
    "Gate.YML": "outside-campaigns",
    "sendspec.yml": "outside-campaigns",
    "campaign/gate.yaml": "outside-campaigns",
    "campaigns/gate.yaml.txt": "not-a-campaign",
    "campaigns/gate.json": "not-a-campaign",
    "campaigns/2026/gate.yaml.orig": "not-a-campaign",
    "campaigns/gate.YAML~": "not-a-campaign",
    "contacts/vip.csv": "unused-list",
    "campaigns/vip.CSV": "unused-list",
    "vip.xlsx": "unused-list",
    "campaigns/.gate.yaml": None,
    ".gate.yaml": None,
    "campaigns/README.md": None,
    "notes/gate.yaml": None,
    "contacts/.vip.csv": None,
    ".git/vip.csv": None,
    "sendspec.sandbox.lock.txt": None,
}


def notes(done) -> list[tuple[str, str]]:
    """Return the reason and the file of each note in a plan."""
    findings = [f for f in json.loads(done.out)["findings"] if f["rule"] == "ignored-file"]
    assert {finding["level"] for finding in findings} <= {"info"}
    return [(finding["reason"], finding["file"]) for finding in findings]


@pytest.mark.field_case(30)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_not_read_has_a_note(name, cli, tmp_path):
    """The note names the file and blocks nothing; hidden files and other files have none."""
    path = project(tmp_path / "specs", GATE) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONTACTS)
    done = cli("plan", "--format", "json")
    expected = [] if NAMES[name] is None else [(NAMES[name], f"specs/{name}")]
    assert (done.code, notes(done)) == (0, expected)
    assert (f"specs/{name}:1:1: info [ignored-file]: " in cli("plan").out) == bool(expected)
    assert notes(cli("plan", "--send", "gate", "--format", "json")) == []


@pytest.mark.field_case(30)
@pytest.mark.parametrize("place", ["contacts", "exclude", "link"])
def test_a_list_that_a_send_uses_has_no_note(place, cli, tmp_path):
    """Contact files and exclude lists are used, also through a link; the other end of a link has no note."""
    specs = project(tmp_path / "specs", CONTACTS, GATE)
    (specs / "contacts" / "list.csv").write_text("contactId,NAME\n12015550177,Ada\n")
    text = CONTACTS.replace("people.csv", "list.csv")
    if place == "exclude":
        text = f"{CONTACTS}    exclude: [../contacts/list.csv]\n"
    elif place == "link":
        (specs / "contacts" / "newest.csv").symlink_to("list.csv")
        text = CONTACTS.replace("people.csv", "newest.csv")
    (specs / "campaigns" / "c0.yaml").write_text(text)
    unused = [] if place == "exclude" else [("unused-list", "specs/contacts/people.csv")]
    assert notes(cli("plan", "--format", "json")) == unused


@pytest.mark.field_case(30)
def test_many_files_of_one_kind_have_ten_notes_and_a_count(cli, tmp_path):
    """A folder of old exports does not hide the other findings."""
    specs = project(tmp_path / "specs", GATE)
    (specs / "exports").mkdir()
    for index in range(40):
        (specs / "exports" / f"{index:02}.csv").write_text("contactId\n")
    found = notes(cli("plan", "--format", "json"))
    assert found == [("unused-list", f"specs/exports/{index:02}.csv") for index in range(11)]
    assert "30 such files in all are not named above" in cli("plan").out
