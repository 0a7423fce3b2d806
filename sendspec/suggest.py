"""Suggestions for misspelt names: the nearest name that is known."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LENGTH_MAX: Final = 64
_COMPARED_MAX: Final = 500


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, ignoring case and spaces around it.

    The work is bounded: a very long name has no match, and only the first names are compared.
    """
    if len(name) > _LENGTH_MAX:
        return None
    by_folded = {candidate.strip().casefold(): candidate for candidate in islice(known, _COMPARED_MAX)}
    matches = get_close_matches(name.strip().casefold(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint that names the closest known name, or None."""
    match = closest(name, known)
    return None if match is None else f"did you mean {match!r}?"


def add_target(name: str, directory: Path) -> str:
    """Return how to add a target to the project in `directory`, with an example to change."""
    example = f"{name}: {{pod: us-1, ledger: git}}"
    return f"add `{example}` under `targets:` of {directory / 'sendspec.yaml'}"
