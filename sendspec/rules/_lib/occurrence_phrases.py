"""Phrases about one violation of many contacts: their count, and where the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.model import Occurrences

_PLURAL_VERBS: Final = {"has": "have", "is": "are", "repeats": "repeat", "starts": "start"}


def sentence(occurrences: Occurrences, noun: str, verb: str, rest: str, plural: str | None = None) -> str:
    """Return `3 numbers have no country code (also a.csv:3, a.csv:9)`; noun and verb are singular."""
    verb = verb if occurrences.count == 1 else _PLURAL_VERBS[verb]
    counted = pluralize(occurrences.count, noun, plural)
    return f"{counted} {verb} {rest}{other_locations(occurrences)}"


def other_locations(occurrences: Occurrences) -> str:
    """Return '', or the locations after the first as ` (also a.csv:3, a.csv:9 and 17 more)`."""
    others = [f"{location.file}:{location.line}" for location in occurrences.locations[1:]]
    if not others:
        return ""
    more = occurrences.count - len(occurrences.locations)
    return f" (also {', '.join(others)}{f' and {more:,} more' if more else ''})"
