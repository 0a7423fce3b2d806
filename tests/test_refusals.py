"""docs/refusals.md: every refusal of the API has a row, and the named rule or schema finds it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sendspec.errors import SpecError
from sendspec.model import Level
from sendspec.rules import RULES
from sendspec.sandbox.error_messages import Refusal
from sendspec.schema import NAMES
from tests.rule_cases import check_folder, write_project

PAGE = (Path(__file__).parents[1] / "docs" / "refusals.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?:`(?P<text>[^`]+)`)?(?: ?\((?P<case>[^)]+)\))? "
    r"\| (?P<status>\d{3}) \| (?P<found>[^|]+) \| [^|]+ \|$",
    re.MULTILINE,
)
ROWS = list(ROW.finditer(PAGE))
BY_TEXT = {row["text"] or row["case"]: row["found"] for row in ROWS}
UUID = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
HEAD = 'campaign: sale\npurpose: transactional\nvars: {empty: ""}\nsends:\n  - id: one\n'


def job(**properties: str) -> str:
    """Return a campaign with one send to a contact source."""
    valid = {
        "publishedMessageId": UUID,
        "contactSourceId": "4396816",
        "messageName": "sale",
        "scheduledDate": '"2036-03-01T14:00:00Z"',
        "audience": "{countries: [GB]}",
    }
    lines = "".join(f"    {name}: {value}\n" for name, value in (valid | properties).items())
    return f"{HEAD}    endpoint: contact-source\n{lines}"


def text(**properties: str) -> str:
    """Return a campaign with one send to contacts."""
    valid = {"channelQualifier": '"148372"', "content": "Hi", "contacts": '[{contactId: "12125550123"}]'}
    lines = "".join(f"    {name}: {value}\n" for name, value in (valid | properties).items())
    return f"{HEAD}    endpoint: contacts\n{lines}"


VENDOR = json.dumps({"programs": [{"id": 148372}], "publishedMessages": [{"id": UUID}]})
"""The lists that `--online` reads."""

REFUSED = {
    "Unable to find published DeliveryDraft with contentId <id>": [
        job(publishedMessageId=UUID.replace("e3", "f3")),
        text(contentId=UUID.replace("e3", "f3")).replace("    content: Hi\n", ""),
    ],
    "SMS Program is inactive or not found with identifier <id>.": [text(channelQualifier='"148373"')],
    "no id in the path": [job(publishedMessageId='""'), job(publishedMessageId='"{{ empty }}"')],
    "Invalid message name": [job(messageName='"  "'), job(messageName='"{{ empty }} "')],
    "A SMS with the name: <name> already exists": [
        job() + job(contactSourceId="4396817").partition("sends:\n")[2].replace("one", "two")
    ],
    "Length of External System Name cannot exceed 2000 characters.": [job(externalSystemName="n" * 2001)],
    "Length of External System RefrenceId cannot exceed 2000 characters.": [
        job(externalSystemReferenceId="r" * 2001)
    ],
    "Wrong personalization tags <tag>": [text(content='"Hi %%NAME%%"')],
    "Channel qualifier should be present": [
        text(channelQualifier='""'),
        text(channelQualifier='"{{ empty }}"'),
        text().replace('    channelQualifier: "148372"\n', ""),
    ],
    "The message exceeded the maximum 800 character limit.": [text(content="c" * 801)],
    "SMS content should be present": [text(content='""'), text(content='" {{ empty }}"')],
    "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.": [
        text(contacts="[]"),
        text(contacts="{file: ../empty.csv}"),
    ],
    "Contact information is empty. Please provide contact identifier or lookup keys.": [
        text(contacts="[{personalization: {NAME: Ann}}]")
    ],
}


def page_text(message: str) -> str:
    """Return a text of the sandbox with its placeholders as on the page."""
    return re.sub(r"\{(\w+)\}", r"<\1>", message)


def test_every_documented_refusal_has_a_row():
    """The rows have every text and status of the sandbox, and the 404 without a text."""
    rows = {(row["text"] or row["case"], int(row["status"])) for row in ROWS}
    documented = {(page_text(case.value.message), case.value.status) for case in Refusal}
    assert rows == documented | {("no id in the path", 404)}
    cases = [row["case"] for row in ROWS if row["text"] == "Forbidden"]
    assert len(set(cases)) == len(cases) == 3
    assert len(ROWS) == len([line for line in PAGE.splitlines() if re.match(r"\| [`(]", line)])


def test_the_page_names_only_rules_and_schemas_that_exist():
    """Every rule and schema in the tables and in the text exists."""
    assert set(re.findall(r"rules? `([a-z-]+)`", PAGE)) <= {rule.id for rule in RULES}
    assert set(re.findall(r"schema `([a-z-]+)`", PAGE)) <= set(NAMES)
    answers = re.compile(r"rule `[a-z-]+`|schema `[a-z-]+`|by construction|not knowable offline")
    assert [row["found"] for row in ROWS if not answers.fullmatch(row["found"])] == []


def test_every_refusal_that_is_found_has_a_spec():
    """The rows with a rule or a schema are exactly the refusals with specs in this module."""
    found = {refusal for refusal, by in BY_TEXT.items() if by.startswith(("rule", "schema"))}
    assert found == set(REFUSED)


@pytest.mark.parametrize("spec", [job(), text()], ids=["contact-source", "contacts"])
def test_the_unchanged_specs_have_no_findings(spec, tmp_path):
    """Without the changed property, the specs of this module are valid."""
    folder = write_project(tmp_path / "specs", spec)
    (folder / "vendor.json").write_text(VENDOR, encoding="utf-8")
    assert check_folder(folder).findings == ()


@pytest.mark.parametrize(
    ("refusal", "spec"),
    [
        pytest.param(refusal, spec, id=f"{refusal[:40]}-{number}")
        for refusal, specs in REFUSED.items()
        for number, spec in enumerate(specs, start=1)
    ],
)
def test_a_refusal_is_found_as_the_page_says(refusal, spec, tmp_path):
    """The rule of the row reports an error, or the schema of the row a problem."""
    folder = write_project(tmp_path / "specs", spec)
    (folder / "vendor.json").write_text(VENDOR, encoding="utf-8")
    if "empty.csv" in spec:
        (folder / "empty.csv").write_text("contactId\n", encoding="utf-8")
    if BY_TEXT[refusal].startswith("schema"):
        with pytest.raises(SpecError) as raised:
            check_folder(folder)
        assert len(raised.value.problems) == 1
        return
    # A send whose only contact is refused has another finding.
    (finding,) = (each for each in check_folder(folder).findings if each.rule != "no-recipients")
    assert f"rule `{finding.rule}`" == BY_TEXT[refusal]
    assert finding.level is Level.ERROR
