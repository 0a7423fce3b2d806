"""Findings about recipients: they have no whole value or number of a list, and no rare letter of one."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pytest

from sendspec.model import InlineContacts
from sendspec.redact import is_typography
from sendspec.text_defects.leftovers import MISSING_VALUES, MISSING_WORDS
from tests.rule_cases import all_cases, check_folder, context_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BAD_CASES = [case for case in all_cases() if case.is_bad]
LETTERS_MIN = 2
SHARED_MIN = 3
MOJIBAKE = "Ã"
"""The rule `leftover` names it as the usual result of a wrong encoding."""
LABELS = MISSING_VALUES | MISSING_WORDS | available_timezones()


def planted_values(folder: Path) -> Iterator[str]:
    """Yield the values and numbers of the recipients of a case, each as often as a recipient has it."""
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            for row in list(csv.reader(lines))[1:]:
                yield from row
    for contacts in {id(send.contacts): send.contacts for send in context_of(folder).sends}.values():
        for contact in contacts.contacts if isinstance(contacts, InlineContacts) else ():
            for value in contact.values():
                yield from map(str, value.values() if isinstance(value, dict) else [value])


def is_personal(value: str) -> bool:
    letters = sum(map(str.isalnum, value))
    return letters >= LETTERS_MIN and value.strip() not in LABELS


@pytest.mark.parametrize("case", BAD_CASES, ids=str)
def test_findings_have_no_value_of_a_recipient(case):
    """Of all findings of the case, none has a value or a number, or a letter that few recipients have."""
    values = [*planted_values(case.folder)]
    having = Counter(character for value in values for character in set(value))
    rare = {
        character
        for character, count in having.items()
        if count < SHARED_MIN and not (character.isascii() or is_typography(character))
    }
    specs = (
        "".join(file.read_text(encoding="utf-8") for file in case.folder.glob("campaigns/*.yaml")) + MOJIBAKE
    )
    for finding in check_folder(case.folder).findings:
        text = f"{finding.message}\n{finding.hint}"
        assert [value for value in set(values) if is_personal(value) and value in text] == []
        assert [letter for letter in sorted(rare) if letter in text and letter not in specs] == []
