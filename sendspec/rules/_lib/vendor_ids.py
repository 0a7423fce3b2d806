"""Ids of the vendor in findings: labels, and the nearest known id for one that is not known."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sendspec.model import PublishedMessage, SmsProgram

_PLAIN_ID: Final = lazy_pattern(r"[0-9A-Za-z-]{1,64}")
_ALIKE: Final = 0.8
"""A slip in an id of five characters or more gives at least this ratio; other ids seldom do."""
_COMPARED_MAX: Final = 500
_CANDIDATES_MAX: Final = 3
_EDITS_MAX: Final = 2
_NUMBER: Final = lazy_pattern(r"\d+")
_UUID: Final = lazy_pattern(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def label(entry: SmsProgram | PublishedMessage) -> str:
    """Return the name of an entry in quotes, or its id if it has no name."""
    return f"'{entry.name}'" if entry.name else entry.id


def nearest_id(wanted: str, known: Iterable[str]) -> str | None:
    """Return the known id that differs from `wanted` by one slip, or None.

    One slip leaves the first or the last third intact, so only few ids need a full comparison.
    """
    folded = wanted.strip().casefold()
    third = len(folded) // 3
    if not third:
        return None
    head, tail = folded[:third], folded[-third:]
    alike = [each for each in known if each.startswith(head) or each.endswith(tail)]
    matches = get_close_matches(folded, alike[:_COMPARED_MAX], n=_CANDIDATES_MAX, cutoff=_ALIKE)
    if _UUID.fullmatch(folded):
        # Random ids differ in most digits, but those that a person or a test made are alike in most.
        matches = [each for each in matches if _edits(folded, each) <= _EDITS_MAX]
    return matches[0] if matches and _PLAIN_ID.fullmatch(matches[0]) else None


def _edits(one: str, other: str) -> int:
    """Return how many characters to insert, remove or replace to make one text of the other."""
    row = list(range(len(other) + 1))
    for at, character in enumerate(one, 1):
        before, row[0] = row[0], at
        for column, compared in enumerate(other, 1):
            kept = before + (character != compared)
            before = row[column]
            row[column] = min(kept, row[column] + 1, row[column - 1] + 1)
    return row[-1]


def is_comparable(identifier: str, listed: Collection[str]) -> bool:
    """Return whether a list with these ids would have this one if it existed.

    The API accepts UUIDs of programs too, while the vendor documents the ids of its list as numbers.
    """
    forms = [form for form in (_NUMBER, _UUID) if form.fullmatch(identifier)]
    return not forms or not listed or any(forms[0].fullmatch(each) for each in listed)


def is_usual(identifier: str) -> bool:
    """Return whether an id has a form that the vendor is known to use for programs."""
    return any(form.fullmatch(identifier) for form in (_NUMBER, _UUID))
