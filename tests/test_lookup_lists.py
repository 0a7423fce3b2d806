"""Lists that name contacts by the fields of a lookup: the same contacts as in the campaign file."""

from __future__ import annotations

import json

import pytest
from arro3.core import Array, DataType

from tests.projects import number
from tests.sent_lists import sent, with_list
from tests.test_arrow_lists import parquet
from tests.test_list_formats import json_lines

COLUMNS = "{contactLookup: [{name: CUSTOMER, value: customer, channel: SMS}], personalization: {NAME: name}}"
BOTH = COLUMNS.replace("{contactLookup", "{contactId: phone, contactLookup")
TWO = COLUMNS.replace("[{name: CUSTOMER", "[{name: STORE, value: store, channel: EMAIL}, {name: CUSTOMER")
TEXT = DataType.string()


def lookup(value: str, name: str = "CUSTOMER", channel: str = "SMS") -> dict[str, str]:
    return {"name": name, "value": value, "channel": channel}


SENT = [
    {"contactLookup": [lookup("0017")], "personalization": {"NAME": "Ann"}},
    {"contactLookup": [lookup("a b")]},
]
LISTS = {
    "people.csv": 'customer,name,x\n0017,Ann,1\n,,\n"a b",,2\n0017,Eve,3\n',
    "people.jsonl": json_lines(
        {"customer": "0017", "name": "Ann"}, {"customer": "a b"}, {"customer": "0017"}
    ),
    "people.parquet": parquet(
        {
            "name": Array(["Ann", None], type=TEXT),
            "customer": Array(["0017", "a b"], type=TEXT),
        }
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_lookup_is_read_from_every_format(name, cli):
    """Each row has one key with the name and channel of the spec; a repeated lookup is sent once."""
    with_list(name, LISTS[name], COLUMNS)
    assert sent(cli) == SENT


def test_a_list_and_the_campaign_file_have_the_same_contacts(cli):
    """The plan of a list has the digest of the same contacts in the campaign file."""
    path = with_list("people.csv", LISTS["people.csv"].replace("0017,Eve,3\n", ""), COLUMNS)
    of_list = cli("plan", "--format", "json").out
    campaign = path.parents[1] / "campaigns" / "c0.yaml"
    start = campaign.read_text().index("    contacts:")
    end = campaign.read_text().index("\n", start)
    text = campaign.read_text()
    campaign.write_text(text[:start] + f"    contacts: {json.dumps(SENT)}" + text[end:])
    assert json.loads(cli("plan", "--format", "json").out)["digest"] == json.loads(of_list)["digest"]


def test_a_row_has_a_number_or_a_lookup(cli):
    """With both columns, each row may use either; a row with both or neither is refused."""
    rows = f"phone,customer,name\n{number(1)},,Ann\n,17,Bob\n{number(2)},18,Cyd\n,,Dan\n, ,Eve\n"
    with_list("people.csv", rows, BOTH)
    assert sent(cli) == [
        {"contactId": number(1), "personalization": {"NAME": "Ann"}},
        {"contactLookup": [lookup("17")], "personalization": {"NAME": "Bob"}},
    ]
    done = cli("validate")
    assert done.code == 3
    for line in (4, 5):
        assert f"specs/contacts/people.csv:{line}:1: error [contact-identity]" in done.out


def test_a_lookup_of_several_fields_needs_all_of_them(cli):
    """The keys are sorted as in the campaign file; a row without one of the values is refused."""
    with_list("people.csv", "store,customer,name\nparis,17,Ann\nparis,,Bob\n", TWO)
    assert sent(cli) == [
        {
            "contactLookup": [lookup("paris", "STORE", "EMAIL"), lookup("17")],
            "personalization": {"NAME": "Ann"},
        }
    ]
    assert "specs/contacts/people.csv:3:1: error [contact-identity]" in cli("validate").out


def test_contacts_without_numbers_beside_an_exclude_list_are_a_warning(cli):
    """No exclude list can match a lookup of a list."""
    extra = "    exclude: [../contacts/opt-out.csv]\n"
    path = with_list("people.csv", LISTS["people.csv"], COLUMNS, extra)
    path.with_name("opt-out.csv").write_text(f"contactId\n{number(1)}\n")
    assert "2 recipients known by contactLookup cannot be on an exclude list" in cli("validate").out


def test_similar_lookups_of_a_list_are_found(cli):
    """Two lookups that differ in case are a finding at the line of the second."""
    with_list("people.csv", "customer,name\nann@example.com,Ann\nAnn@example.com,Ann\n", COLUMNS)
    assert "specs/contacts/people.csv:3:1" in cli("validate").out


def test_a_hidden_row_of_a_lookup_list_is_found(cli):
    """A quoted cell that contains rows is an error, also in a column without a tag."""
    rows = f'customer,x,name\n17,"1\n18,{number(1)},Bob\n19,2",Ann\n'
    with_list("people.csv", rows, COLUMNS)
    done = cli("validate")
    assert done.code == 3
    assert "specs/contacts/people.csv:2:1: error [hidden-rows]" in done.out


@pytest.mark.parametrize(
    ("columns", "at", "message"),
    [
        (COLUMNS.replace("customer,", "customers,"), "8:", "people.csv has no column 'customers'"),
        (COLUMNS.replace(", channel: SMS", ""), "8:", "the property 'channel' is missing"),
        ("{contactLookup: [], personalization: {NAME: name}}", "8:", "must have at least 1 entry"),
        ("{contactLookup: {CUSTOMER: customer}}", "8:", "must be a list of lookup keys"),
    ],
)
def test_a_wrong_lookup_is_an_error_of_the_mapping(columns, at, message, cli):
    """The error is at the mapping in the campaign."""
    with_list("people.csv", LISTS["people.csv"], columns)
    done = cli("validate")
    assert done.code == 1
    assert f"specs/campaigns/c0.yaml:{at}" in done.err
    assert message in done.err
