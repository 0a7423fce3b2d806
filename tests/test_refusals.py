"""docs/refusals.md: every refusal of the API has a row, and what a row says finds it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sendspec.errors import SpecError
from sendspec.model import Level
from sendspec.rules import RULES
from sendspec.sandbox.error_messages import Refusal
from sendspec.schema import NAMES
from tests.rule_cases import inspect_folder, write_project

PAGE = (Path(__file__).parents[1] / "docs" / "refusals.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?:`(?P<text>[^`]+)`)?(?: ?\((?P<case>[^)]+)\))? "
    r"\| (?P<status>\d{3}) \| (?P<found>[^|]+) \| [^|]+ \|$",
    re.MULTILINE,
)
ROWS = list(ROW.finditer(PAGE))
BY_TEXT = {row["text"] or row["case"]: row["found"] for row in ROWS}
UUID = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
HEAD = 'campaign: sale\npurpose: transactional\nvars: {gone: ""}\nsends:\n  - id: one\n'


def job(**properties: str) -> str:
    """Give a campaign with one send to a contact source."""
    sound = {"publishedMessageId": UUID, "messageName": "sale", "scheduledDate": '"2036-03-01T14:00:00Z"'}
    lines = "".join(f"    {name}: {value}\n" for name, value in (sound | properties).items())
    return f"{HEAD}    endpoint: contact-source\n{lines}"


def text(**properties: str) -> str:
    """Give a campaign with one send to contacts."""
    sound = {"channelQualifier": '"148372"', "content": "Hi", "contacts": '[{contactId: "12125550123"}]'}
    lines = "".join(f"    {name}: {value}\n" for name, value in (sound | properties).items())
    return f"{HEAD}    endpoint: contacts\n{lines}"


REFUSED = {
    "no id in the path": [job(publishedMessageId='""'), job(publishedMessageId='"{{ gone }}"')],
    "Invalid message name": [job(messageName='"  "'), job(messageName='"{{ gone }} "')],
    "A SMS with the name: <name> already exists": [
        job() + job().partition("sends:\n")[2].replace("one", "two")
    ],
    "Length of External System Name cannot exceed 2000 characters.": [job(externalSystemName="n" * 2001)],
    "Length of External System RefrenceId cannot exceed 2000 characters.": [
        job(externalSystemReferenceId="r" * 2001)
    ],
    "Wrong personalization tags <tag>": [text(content='"Hi %%NAME%%"')],
    "Channel qualifier should be present": [
        text(channelQualifier='""'),
        text(channelQualifier='"{{ gone }}"'),
        text().replace('    channelQualifier: "148372"\n', ""),
    ],
    "The message exceeded the maximum 800 character limit.": [text(content="c" * 801)],
    "SMS content should be present": [text(content='""'), text(content='" {{ gone }}"')],
    "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.": [
        text(contacts="[]"),
        text(contacts="{file: ../empty.csv}"),
    ],
    "Contact information is empty. Please provide contact identifier or lookup keys.": [
        text(contacts="[{personalization: {NAME: Ann}}]")
    ],
}


def spoken(message: str) -> str:
    """Give the sandbox's text with its holes as the page writes them."""
    return re.sub(r"\{(\w+)\}", r"<\1>", message)


def test_every_documented_refusal_has_a_row():
    """All that the sandbox can refuse with, and the 404 that has no text; each with its status."""
    told = {(row["text"] or row["case"], int(row["status"])) for row in ROWS}
    documented = {(spoken(case.value.message), case.value.status) for case in Refusal}
    assert told == documented | {("no id in the path", 404)}
    cases = [row["case"] for row in ROWS if row["text"] == "Forbidden"]
    assert len(set(cases)) == len(cases) == 3
    assert len(ROWS) == len([line for line in PAGE.splitlines() if re.match(r"\| [`(]", line)])


def test_the_page_names_only_rules_and_schemas_that_exist():
    """In the tables and in the text."""
    assert set(re.findall(r"rules? `([a-z-]+)`", PAGE)) <= {rule.id for rule in RULES}
    assert set(re.findall(r"schema `([a-z-]+)`", PAGE)) <= set(NAMES)
    ways = re.compile(r"rule `[a-z-]+`|schema `[a-z-]+`|by construction|not knowable offline")
    assert [row["found"] for row in ROWS if not ways.fullmatch(row["found"])] == []


def test_every_refusal_that_is_found_has_a_spec_that_would_get_it():
    """No row says "found" without a spec below that shows it, and none is shown that has no row."""
    found = {refusal for refusal, by in BY_TEXT.items() if by.startswith(("rule", "schema"))}
    assert found == set(REFUSED)


@pytest.mark.parametrize("spec", [job(), text()], ids=["contact-source", "contacts"])
def test_the_specs_are_sound_but_for_what_is_shown(spec, tmp_path):
    """As they are, nothing is wrong with them."""
    assert inspect_folder(write_project(tmp_path / "specs", spec)).findings == ()


@pytest.mark.parametrize(
    ("refusal", "spec"),
    [
        pytest.param(refusal, spec, id=f"{refusal[:40]}-{number}")
        for refusal, specs in REFUSED.items()
        for number, spec in enumerate(specs, start=1)
    ],
)
def test_a_refusal_is_found_by_what_the_page_says(refusal, spec, tmp_path):
    """A rule's error on that send, or a problem of the specs that leaves nothing to be sent."""
    folder = write_project(tmp_path / "specs", spec)
    (folder / "empty.csv").write_text("contactId\n", encoding="utf-8")
    if BY_TEXT[refusal].startswith("schema"):
        with pytest.raises(SpecError) as refused:
            inspect_folder(folder)
        assert len(refused.value.problems) == 1
        return
    (found,) = inspect_folder(folder).findings
    assert f"rule `{found.rule}`" == BY_TEXT[refusal]
    assert found.level is Level.ERROR
