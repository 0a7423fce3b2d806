"""The two schema engines: jsonschema-rs decides, jsonschema explains, and they agree."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sendspec.model import Location, Locations
from sendspec.schema import NAMES, check, expanded
from sendspec.schema.fast_check import compile_check
from sendspec.schema.validator import strict_validator
from tests.test_schema_check import LOCKFILE, PLAN, VALID

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

NOWHERE = Locations(Location("f"))
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
            "revision": 2,
            "matrix": {"locale": ["en", 1]},
            "channelQualifier": "1",
            "content": "hi",
            "contacts": {"file": "a.csv", "columns": {"contactId": "phone", "personalization": {"A": "b"}}},
            "allow": [{"rule": "schedule", "reason": "agreed"}],
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
PROJECT: dict[str, Any] = {
    "version": 1,
    "targets": {
        "production": {"pod": "us-1", "ledger": "git", "concurrency": 8, "vars": {"a": 1}},
        "sandbox": {"baseUrl": "http://127.0.0.1:1"},
    },
    "rules": {"schedule": "off", "max-recipients": {"level": "error", "limit": 5}},
}
DOCUMENTS: list[tuple[str, Any]] = [
    ("campaign", CAMPAIGN),
    ("project", PROJECT),
    ("lockfile", LOCKFILE),
    ("plan", PLAN),
    *((name, document) for name, document in VALID.values() if name.startswith("payload")),
]
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 11, 1.0, 1.5, 2**63 - 1, 2**63, 2**70, float("nan"), float("inf"),
    "", " ", "x", "x\n", "a b", "contacts", "contact-source", "sent", "off", "{{ x }}", "é😀", "\x1c", "\x85",
    "\ufeff", "\ud800", "x" * 9000, [], ["x"], [[]], {}, {"a": 1}, {"file": "x"},
]  # fmt: skip
ENGINES = {name: (compile_check(expanded(name)), strict_validator(expanded(name))) for name in NAMES}


def paths(node: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value of a document but the root."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node[:3]):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


def edited(document: Any, path: Path, action: str, value: Any) -> Any:
    """Return a copy with one value set, dropped or renamed; an equal copy if the path is not there."""
    document = copy.deepcopy(document)
    node: Any = document
    try:
        for step in path[:-1]:
            node = node[step]
        previous = node[path[-1]]
        if action == "set":
            node[path[-1]] = value
        else:
            del node[path[-1]]
        if action == "rename" and isinstance(node, dict):
            node[f"{path[-1]}x"] = previous
    except (KeyError, IndexError, TypeError):
        pass
    return document


@st.composite
def near_documents(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw the name of a schema and a document that is one to three edits away from a valid one."""
    name, document = draw(st.sampled_from(DOCUMENTS))
    places = list(paths(document))
    for _ in range(draw(st.integers(1, 3))):
        action = draw(st.sampled_from(["set", "drop", "rename"]))
        value = draw(st.sampled_from(VALUES) | st.text() | st.integers())
        document = edited(document, draw(st.sampled_from(places)), action, value)
    return name, document


def is_json(node: Any) -> bool:
    """Return False if a value in a document cannot be written as JSON."""
    if isinstance(node, dict):
        return all(map(is_json, node.values()))
    if isinstance(node, list):
        return all(map(is_json, node))
    return node != "\ud800" and (not isinstance(node, float) or abs(node) < float("inf"))


@settings(max_examples=500)
@example(("campaign", edited(CAMPAIGN, ("sends", 1, "allow", 0, "reason"), "set", "\ufeff")))
@given(near_documents())
def test_engines_agree(case: tuple[str, Any]) -> None:
    """Both engines accept and refuse the same documents; the fast one may refuse what is not JSON."""
    name, document = case
    fast, explaining = ENGINES[name]
    valid = explaining.is_valid(document)
    assert fast(document) is valid or (valid and not is_json(document))
    assert bool(check(name, document, NOWHERE)) is not valid


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:20])
def test_no_schema_accepts_unrelated_values(name: str, value: Any) -> None:
    """A value that is not a document of the format is refused by both engines."""
    fast, explaining = ENGINES[name]
    assert not fast(value)
    assert not explaining.is_valid(value)


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "string", "pattern": "^a$"}, "a", "a\n"),
        ({"type": "integer"}, 1, 1.0),
        ({"type": ["integer", "string"]}, 1, 1.0),
        ({"type": "integer"}, 1, True),
        ({"const": 1}, 1, True),
    ],
    ids=str,
)
def test_both_engines_are_stricter_than_usual(schema: Any, valid: Any, invalid: Any) -> None:
    """`1.0` is not an integer, true is not 1, and the end of a pattern is the end of the text."""
    assert compile_check(schema)(valid)
    assert not compile_check(schema)(invalid)
    assert strict_validator(schema).is_valid(valid)
    assert not strict_validator(schema).is_valid(invalid)


def test_a_number_may_be_an_integer() -> None:
    """A schema that allows any number accepts `1.0`."""
    assert compile_check({"type": ["integer", "number"]})(1.0)
