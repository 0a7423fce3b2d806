"""The quick look at a document: it may miss what is sound, and never passes what is not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.ledger.codec import lockfile_bytes
from sendspec.ledger.entries import fold
from sendspec.model import LedgerState
from sendspec.schema import NAMES, expanded
from sendspec.schema.quick import plainly_sound
from sendspec.schema.validator import strict_validator
from tests.ledgers import accepted, started

ENTRIES = [
    *started("sale/teaser"),
    accepted("sale/teaser"),
    *started("sale/teaser", revision=2),
    *started("sale/b"),
]
LOCKFILE = json.loads(lockfile_bytes(fold(LedgerState("production", "api.example"), ENTRIES)))
VALUES: list[Any] = [
    None,
    True,
    0,
    1,
    -1,
    1.0,
    2**70,
    "",
    "a",
    "sent",
    "sale/b",
    "x\n",
    [],
    [1],
    {},
    {"a": 1},
]


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every value in a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, value in inner for found in paths(value, (*path, key)))]


def changed(path: tuple[Any, ...], value: Any, name: str | None) -> Any:
    """Give the lockfile with one value replaced, or given another name within its object."""
    if not path:
        return value
    document = copy.deepcopy(LOCKFILE)
    node = document
    for key in path[:-1]:
        node = node[key]
    if name is not None and isinstance(node, dict):
        node[name] = node.pop(path[-1])
    else:
        node[path[-1]] = value
    return document


def test_what_sendspec_writes_is_plainly_sound():
    """A lockfile with several revisions and states needs no second look."""
    assert plainly_sound(expanded("lockfile"))(LOCKFILE)


@given(
    st.sampled_from(paths(LOCKFILE)),
    st.sampled_from(VALUES) | st.text() | st.integers(),
    st.none() | st.sampled_from(["x", "Sale/b", "sale/b\n", "revision"]),
)
def test_what_is_plainly_sound_is_valid(path, value, name):
    """Whatever one value or name of a lockfile becomes, only what the validator accepts passes."""
    document = changed(path, value, name)
    if plainly_sound(expanded("lockfile"))(document):
        assert strict_validator(expanded("lockfile")).is_valid(document)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_no_schema_is_plainly_sound_about_strangers(name, value):
    """What has nothing to do with a format is left to the validator, for every schema there is."""
    assert not plainly_sound(expanded(name))(value)


@pytest.mark.parametrize(
    ("schema", "sound", "doubtful"),
    [
        ({"type": "string", "pattern": "^a$"}, "a", "a\n"),
        ({"type": "integer"}, 1, True),
        ({"const": 1}, 1, True),
        ({"enum": ["a"]}, "a", 1),
        ({"type": "array", "items": {"type": "integer", "minimum": 1}}, [1, 2], [1, 0]),
        ({"type": ["object", "null"], "required": ["a"]}, None, {}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": "1"}),
        ({"type": "string", "minLength": 1, "maxLength": 2}, "ab", ""),
    ],
    ids=json.dumps,
)
def test_each_word_of_a_schema_counts(schema, sound, doubtful):
    """Each keyword that is understood tells the two values apart."""
    assert plainly_sound(schema)(sound)
    assert not plainly_sound(schema)(doubtful)


@pytest.mark.parametrize("word", ["if", "oneOf", "format", "minItems", "uniqueItems", "$ref", "not"])
def test_a_word_that_is_not_understood_leaves_the_verdict_open(word):
    """A schema that says more than is understood is never plainly satisfied."""
    for kind in ("object", "array", "string", "integer", None):
        schema = {word: {}} if kind is None else {"type": kind, word: {}}
        assert not any(plainly_sound(schema)(value) for value in VALUES)
