"""Hostile input: refused before it costs much time or memory.

Nothing here is timed: a loader that expands or recurses runs into the timeout, the memory limit or
the recursion limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import SpecError
from sendspec.load import parse_document
from sendspec.load.yaml_parser import DEPTH_MAX, PROBLEMS_MAX
from sendspec.load.yaml_tree import locations
from sendspec.load.yaml_values import Converter, schema_types
from sendspec.schema import PROBLEMS_MAX as SCHEMA_PROBLEMS_MAX
from sendspec.schema import check
from tests.specs_on_disk import CAMPAIGN, load_problems, write_project

if TYPE_CHECKING:
    import random

MERGES = "".join(f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n" for i in range(1, 14))
LAUGHS = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 20))
HOSTILE = {
    "a merge-key bomb of 495 bytes": (f"m0: &m0 {{a: 1}}\n{MERGES}", "the anchor &m0 is not allowed"),
    "a billion laughs": (f"l0: &l0 [lol]\n{LAUGHS}", "the anchor &l0 is not allowed"),
    "a list that holds itself": ("&a [*a]", "the anchor &a is not allowed"),
    "a mapping that is its own key": ("&a {*a : 1}", "the anchor &a is not allowed"),
    "100,000 open lists": ("[" * 100_000, "nested deeper than 32 levels"),
    "100,000 closed lists": ("[" * 100_000 + "]" * 100_000, "nested deeper than 32 levels"),
    "100,000 open mappings": ("{a: " * 100_000, "nested deeper than 32 levels"),
    "100,000 complex keys": ("? " * 100_000, "nested deeper than 32 levels"),
    "100,000 block lists": ("- " * 100_000, "nested deeper than 32 levels"),
    "1,000 levels of block mappings": (
        "\n".join(" " * level + "a:" for level in range(1000)),
        "nested deeper than 32 levels",
    ),
    "half a million values": ("a: [" + "x," * 500_000 + "]", "more values than the limit of 100,000"),
    "300,000 empty mappings": ("a: [" + "{}," * 300_000 + "]", "more values than the limit of 100,000"),
    "100,000 duplicate keys": ("a: 1\n" * 100_000, "duplicate key 'a'; the first is at line 1"),
    "100,000 tags": ("a: [" + "!x y," * 100_000 + "]", "the tag !x is not allowed"),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_refused_early(text: str, message: str) -> None:
    """Expansion bombs, deep nesting and floods of values end with a few problems, never with a tree."""
    with pytest.raises(SpecError) as caught:
        parse_document(text.encode(), "f")
    assert message in caught.value.problems[0].message
    assert len(caught.value.problems) <= PROBLEMS_MAX


def test_the_bomb_is_the_known_one() -> None:
    """The merge-key bomb has the size that makes common loaders hang."""
    assert len(HOSTILE["a merge-key bomb of 495 bytes"][0]) <= 495


def test_depth_limit() -> None:
    """32 levels of nesting are accepted, 33 are not."""
    parse_document(("[" * DEPTH_MAX + "]" * DEPTH_MAX).encode(), "f")
    with pytest.raises(SpecError):
        parse_document(("[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1)).encode(), "f")


def test_unknown_properties_by_the_ten_thousand(tmp_path) -> None:
    """Of 40,000 unknown properties the first hundred are reported, and that there are more."""
    text = "\n".join(f"k{number}: 1" for number in range(40_000))
    lines = load_problems(write_project(tmp_path, text))
    assert len(lines) == SCHEMA_PROBLEMS_MAX + 1
    assert "campaigns/a.yaml:1:1 more than 100 problems, the others are not shown" in lines


def test_long_names_and_values_are_not_repeated(tmp_path) -> None:
    """A message contains only the beginning of a long name or value."""
    text = CAMPAIGN.replace("sale", "S" * 100_000) + f"    ? {'k' * 100_000}\n    : 1\n"
    assert max(len(line) for line in load_problems(write_project(tmp_path, text))) < 200


def test_thousands_of_inline_contacts(tmp_path) -> None:
    """Ten thousand inline contacts are read, each with its location."""
    rows = "".join(
        f"      - {{contactId: 12125550{100 + row % 100}, personalization: {{N: x}}}}\n"
        for row in range(10_000)
    )
    text = CAMPAIGN.replace("[{contactId: 12125550123}]", "\n" + rows.rstrip())
    root = parse_document(text.encode(), "f")
    value = Converter("f").convert(root, schema_types("campaign"))
    positions = locations(root, "f")
    assert check("campaign", value, positions) == []
    assert value["sends"][0]["contacts"][9_999]["contactId"] == "12125550199"
    assert positions.of("sends", 0, "contacts", 9_999, "contactId")[1:] == (10_008, 21)


def load_text(text: bytes) -> None:
    """Run the steps of loading on a text; a SpecError is a valid result."""
    try:
        root = parse_document(text, "f")
    except SpecError:
        return
    converter = Converter("f")
    value = converter.convert(root, schema_types("campaign"))
    check("campaign", value, locations(root, "f"))


@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    """Any bytes end in a tree or problems."""
    load_text(text)


@given(st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#~<= \t\n0.{%", max_size=60))
def test_any_punctuation(text: str) -> None:
    """Any combination of YAML's special characters ends in a tree or problems."""
    load_text(text.encode())


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_damaged_campaigns(source: random.Random, cuts: int) -> None:
    """A campaign with pieces cut out, doubled and swapped ends in a tree or problems."""
    text = CAMPAIGN
    for _ in range(cuts):
        start, end = sorted(source.choices(range(len(text) + 1), k=2))
        text = text[:end] + text[start:] if source.random() < 0.3 else text[:start] + text[end:]
    load_text(text.encode())
