"""docs/sandbox.md describes every behaviour setting, fault and reserved id, and no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sendspec.sandbox import Behaviour, error_messages, magic_ids
from sendspec.sandbox.faults import Fault, FaultKind
from sendspec.sandbox.operations import Operation
from sendspec.sandbox.vendor_unknowns import CHOICES

PAGE = (Path(__file__).parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def table(heading: str, column: int = 0) -> list[list[str]]:
    """Return the quoted texts in a column of the table with that first heading, one list per row."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in lines[: lines.index("")]]
    return [re.findall(r"`([^`]*)`", row[column]) for row in rows]


def test_every_setting_has_its_default():
    """The table of settings has each setting once, with its default."""
    documented = {
        name: default
        for names, (default,) in zip(table("setting"), table("setting", 1), strict=True)
        for name in names
    }
    actual = Behaviour().to_json()
    actual |= dict.fromkeys(("clientId", "clientSecret", "refreshToken"), "")
    assert documented == {
        name: value if isinstance(value, str) and value else json.dumps(value)
        for name, value in actual.items()
    }


@pytest.mark.parametrize("setting", CHOICES)
def test_every_choice_is_documented(setting):
    """The row of a setting with a closed list of values names each of them."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{setting}` |")]
    assert set(CHOICES[setting]) <= set(re.findall(r"`([^`]*)`", row))


def test_every_fault_is_documented():
    """The tables of faults have each kind, each property and each endpoint."""
    assert [kind for (kind,) in table("kind")] == list(FaultKind)
    documented = {name for names in table("property") for name in names} | {"kind"}
    assert documented == set(Fault.__struct_fields__) - {"endpoints"} | {"endpoint"}
    assert set(table("property", 2)[0]) == set(Operation)


def test_every_reserved_id_is_documented():
    """The table of refused ids has each reserved id, and no other."""
    documented = {identifier for identifiers in table("type", 1) for identifier in identifiers}
    assert documented == {
        *magic_ids.SOURCES_REFUSED,
        *magic_ids.MESSAGES_REFUSED,
        *magic_ids.PROGRAMS_REFUSED,
    }


def test_every_delivery_refusal_is_documented():
    """The table of refused numbers has the exact reasons."""
    reasons = {reason for (reason,) in table("number", 1)}
    assert reasons == {
        error_messages.INVALID_NUMBER,
        error_messages.NOT_OPTED_IN,
        error_messages.NO_SUCH_CONTACT,
    }
