"""Costs that people notice on the invoice: typographic characters, odd names, long texts, budgets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.projects import project

PLAIN = "Acme: your flight now leaves from gate B12. Boarding starts 20 minutes later. Please wait there."


def found(text: str, cli, *, names: tuple[str, ...] = ("Ann",), settings: str = "") -> list[tuple[str, str]]:
    """Return rule and message of the findings about the cost of one text."""
    contacts = [
        {"phoneNumber": f"4477009001{at:02}", "personalization": {"NAME": name}}
        for at, name in enumerate(names)
    ]
    project(
        Path("specs"),
        "campaign: gate\npurpose: transactional\nsends:\n  - id: text\n    endpoint: external-consent\n"
        f"    channelQualifier: '1'\n    content: {json.dumps(text)}\n    contacts: {json.dumps(contacts)}\n",
        settings=f"version: 1\n{settings}",
    )
    report = json.loads(cli("validate", "--format", "json").out)["findings"]
    return [(each["rule"], each["message"]) for each in report]


@pytest.mark.field_case(40)
@pytest.mark.parametrize("character", ["\u2019", "\u2013", "\u00a0"])
def test_a_typographic_character_of_a_text_has_its_cost(character, cli):
    """A quote, a dash or a space of a word processor doubles the segments of a text."""
    [(rule, message)] = found(f"{PLAIN}{character}", cli)
    assert (rule, message.rpartition(": ")[2]) == ("ucs2-character", "2 segments instead of 1")


@pytest.mark.field_case(41)
@pytest.mark.parametrize(
    ("name", "shown"),
    [("李娜", "2 Han characters"), ("O\u2019Neil", "\u2019\u00d71"), ("Łucja", "1 Latin character")],
)
def test_a_name_that_costs_a_segment_is_not_shown(name, shown, cli):
    """The finding shows typography, but only the script of a letter that one recipient has."""
    [(rule, message)] = found(f"Hi %%NAME%%, {PLAIN}", cli, names=("Ann", "Bob", name))
    assert (rule, f"1 of 3 texts UCS-2 ({shown})" in message) == ("segment-spill", True)


@pytest.mark.field_case(42)
@pytest.mark.parametrize(("limit", "rules"), [(1, ["max-segments"]), (2, []), (3, [])])
def test_a_text_with_more_segments_than_the_limit(limit, rules, cli):
    """A text of two segments is reported below a limit of two."""
    settings = f"rules: {{max-segments: {{limit: {limit}}}}}\n"
    assert [rule for rule, _ in found(f"{PLAIN} {PLAIN}", cli, settings=settings)] == rules


@pytest.mark.field_case(43)
@pytest.mark.parametrize(("amount", "rules"), [("0.11", ["budget"]), ("0.12", []), ("9", [])])
def test_a_send_above_its_budget(amount, rules, cli):
    """Three segments of 0.04 cost 0.12, exactly."""
    settings = (
        f"pricing: {{currency: GBP, perSegment: {{GB: 0.04}}}}\nrules: {{budget: {{perSend: {amount}}}}}\n"
    )
    assert [rule for rule, _ in found(PLAIN, cli, names=("Ann", "Bob", "Eve"), settings=settings)] == rules
