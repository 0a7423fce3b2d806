"""The validator's shortcuts: they decide as `jsonschema` does."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sendspec.model import Location, Locations
from sendspec.schema import check, schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = Locations(Location("specs/campaigns/a.yaml"))
CAMPAIGN: dict[str, Any] = {
    "campaign": "sale",
    "purpose": "marketing",
    "vars": {"a": 1, "b": ["x", None], "c": {"d": True}},
    "sends": [
        {
            "id": "a",
            "endpoint": "contact-source",
            "publishedMessageId": "x",
            "messageName": "y",
            "contactSourceId": "{{ a }}",
        },
        {
            "id": "b",
            "endpoint": "contacts",
            "matrix": {"locale": ["en", 1]},
            "channelQualifier": "1",
            "content": "hi",
            "contacts": {"file": "a.csv", "columns": {"contactId": "phone", "personalization": {"A": "b"}}},
        },
        {
            "id": "c",
            "endpoint": "external-consent",
            "channelQualifier": "1",
            "contentId": "x",
            "contacts": [{"phoneNumber": "1"}],
        },
    ],
}


def paths(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the path of every value of a document but the root."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        11,
        1.5,
        "",
        "x",
        "contacts",
        "contact-source",
        "{{ x }}",
        "a b",
        "x" * 9000,
        [],
        ["x"],
        [[]],
        {},
        {"a": 1},
        {"file": "x"},
    ]
)
EDITS = st.lists(
    st.tuples(st.sampled_from(list(paths(CAMPAIGN))), st.sampled_from(["set", "drop", "rename"]), VALUES),
    min_size=1,
    max_size=3,
)


PLAIN = Draft202012Validator(json.loads(schema_text("campaign")))


def edited(document: Any, path: tuple[str | int, ...], action: str, value: Any) -> Any:
    """Give a copy with one value set, dropped or renamed; the same where an edit before took it away."""
    document = copy.deepcopy(document)
    node: Any = document
    try:
        for step in path[:-1]:
            node = node[step]
        kept = node[path[-1]]
        if action == "set":
            node[path[-1]] = value
        else:
            del node[path[-1]]
        if action == "rename" and isinstance(node, dict):
            node[f"{path[-1]}x"] = kept
    except (KeyError, IndexError, TypeError):
        pass
    return document


@settings(deadline=None, database=None, max_examples=500)
@given(EDITS)
def test_shortcuts_decide_as_jsonschema_does(edits: list[tuple[tuple[str | int, ...], str, Any]]) -> None:
    """The quicker validator finds a document unsound exactly where jsonschema's own does."""
    document = CAMPAIGN
    for path, action, value in edits:
        document = edited(document, path, action, value)
    assert bool(check("campaign", document, NOWHERE)) is not PLAIN.is_valid(document)
