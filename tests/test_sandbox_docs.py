"""docs/sandbox.md tells of every switch, fault and reserved id that there is, and of no other."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from sendspec.sandbox import Behaviour, error_messages, magic_ids
from sendspec.sandbox.behaviour import CHOICES
from sendspec.sandbox.faults import Fault, Kind
from sendspec.sandbox.operations import Call

PAGE = (Path(__file__).parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def table(heading: str, column: int = 0) -> list[list[str]]:
    """Give the rows of the table with that first heading, each as its cells."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in lines[: lines.index("")]]
    return [re.findall(r"`([^`]*)`", row[column]) for row in rows]


def test_every_switch_is_told_with_its_default():
    """The table of switches has each switch once, with the default that it has."""
    told = {
        name: default
        for names, (default,) in zip(table("switch"), table("switch", 1), strict=True)
        for name in names
    }
    have = Behaviour().shown()
    have |= dict.fromkeys(("clientId", "clientSecret", "refreshToken"), "")
    assert told == {
        name: value if isinstance(value, str) and value else json.dumps(value) for name, value in have.items()
    }


@pytest.mark.parametrize("switch", CHOICES)
def test_every_choice_is_told(switch):
    """The row of a switch that takes one word of a few names each of them."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{switch}` |")]
    assert set(CHOICES[switch]) <= set(re.findall(r"`([^`]*)`", row))


def test_every_fault_is_told():
    """The tables of faults have each kind, each property and each endpoint."""
    assert [kind for (kind,) in table("kind")] == list(Kind)
    told = {name for names in table("property") for name in names} | {"kind"}
    assert told == {each.name for each in fields(Fault)} - {"endpoints"} | {"endpoint"}
    assert set(table("property", 2)[0]) == set(Call)


def test_every_reserved_id_is_told():
    """The table of refused ids has each of them, and no other."""
    told = {identifier for identifiers in table("what", 1) for identifier in identifiers}
    assert told == {*magic_ids.SOURCES_REFUSED, *magic_ids.MESSAGES_REFUSED, *magic_ids.PROGRAMS_REFUSED}


def test_every_delivery_refusal_is_told():
    """The table of refused numbers has the exact reasons."""
    reasons = {reason for (reason,) in table("number", 1)}
    assert reasons == {
        error_messages.INVALID_NUMBER,
        error_messages.NOT_OPTED_IN,
        error_messages.NO_SUCH_CONTACT,
    }
