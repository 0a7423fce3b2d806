"""Input made to hurt: refused for what it is, before anything grows from it.

Nothing here is timed; a loader that expands, recurses or compares its way through one of these does
not come back within the suite's patience, or dies of memory or of the recursion limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.errors import SpecError
from sendspec.load import parse_document
from sendspec.load.convert import Converter, shape_of
from sendspec.load.yaml_parser import DEEPEST, MOST_PROBLEMS
from sendspec.load.yaml_tree import locations
from sendspec.schema import MOST_PROBLEMS as MOST_SCHEMA_PROBLEMS
from sendspec.schema import check
from tests.specs_on_disk import CAMPAIGN, told, write_project

if TYPE_CHECKING:
    import random

CALM = settings(deadline=None, database=None)  # a slow machine is no failure, and nothing is left behind

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
    "half a million values": ("a: [" + "x," * 500_000 + "]", "more than 100,000 values"),
    "300,000 empty mappings": ("a: [" + "{}," * 300_000 + "]", "more than 100,000 values"),
    "100,000 duplicate keys": ("a: 1\n" * 100_000, "the key 'a' is already at line 1"),
    "100,000 tags": ("a: [" + "!x y," * 100_000 + "]", "the tag !x is not allowed"),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_refused_at_once(text: str, message: str) -> None:
    """Bombs, towers and carpets end with a few problems, never with a tree."""
    with pytest.raises(SpecError) as caught:
        parse_document(text.encode(), "f")
    assert message in caught.value.problems[0].message
    assert len(caught.value.problems) <= MOST_PROBLEMS


def test_the_bomb_is_the_known_one() -> None:
    """The merge-key bomb is of the size that hangs the usual loaders."""
    assert len(HOSTILE["a merge-key bomb of 495 bytes"][0]) <= 495


def test_deepest_that_is_read() -> None:
    """The limit of nesting is what it says: 32 levels are read, 33 are not."""
    parse_document(("[" * DEEPEST + "]" * DEEPEST).encode(), "f")
    with pytest.raises(SpecError):
        parse_document(("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)).encode(), "f")


def test_unknown_properties_by_the_ten_thousand(tmp_path) -> None:
    """A mapping of nothing but unknown properties is told with a hundred of them, and that there are more."""
    text = "\n".join(f"k{number}: 1" for number in range(40_000))
    lines = told(write_project(tmp_path, text))
    assert len(lines) == MOST_SCHEMA_PROBLEMS + 1
    assert "campaigns/a.yaml:1:1 more than 100 problems, the others are not shown" in lines


def test_long_names_and_values_are_not_repeated(tmp_path) -> None:
    """A message never repeats much of what it is about, however much that is."""
    text = CAMPAIGN.replace("sale", "S" * 100_000) + f"    ? {'k' * 100_000}\n    : 1\n"
    assert max(len(line) for line in told(write_project(tmp_path, text))) < 200


def test_thousands_of_inline_contacts(tmp_path) -> None:
    """Ten thousand inline contacts are read, each with its place."""
    rows = "".join(
        f"      - {{contactId: 12125550{100 + row % 100}, personalization: {{N: x}}}}\n"
        for row in range(10_000)
    )
    text = CAMPAIGN.replace("[{contactId: 12125550123}]", "\n" + rows.rstrip())
    root = parse_document(text.encode(), "f")
    value = Converter("f").convert(root, shape_of("campaign"))
    where = locations(root, "f")
    assert check("campaign", value, where) == []
    assert value["sends"][0]["contacts"][9_999]["contactId"] == "12125550199"
    assert where.of("sends", 0, "contacts", 9_999, "contactId")[1:] == (10_008, 21)


def load_text(text: bytes) -> None:
    """Do with a text what loading does; a SpecError is as good as a tree."""
    try:
        root = parse_document(text, "f")
    except SpecError:
        return
    converter = Converter("f")
    value = converter.convert(root, shape_of("campaign"))
    check("campaign", value, locations(root, "f"))


@CALM
@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    """No bytes whatever end in anything but a tree or problems."""
    load_text(text)


@CALM
@given(st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#~<= \t\n0.{%", max_size=60))
def test_any_punctuation(text: str) -> None:
    """No heap of YAML's own characters ends in anything but a tree or problems."""
    load_text(text.encode())


@CALM
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_damaged_campaigns(source: random.Random, cuts: int) -> None:
    """A campaign with pieces cut out, doubled and swapped ends in a tree or problems."""
    text = CAMPAIGN
    for _ in range(cuts):
        start, end = sorted(source.choices(range(len(text) + 1), k=2))
        text = text[:end] + text[start:] if source.random() < 0.3 else text[:start] + text[end:]
    load_text(text.encode())
