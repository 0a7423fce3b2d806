"""Messages as pieces that a page marks: values, costly characters and starts of segments."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.report.clusters import cluster_ceiling, cluster_floor, cluster_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.report.review import CostlyCharacter, Message

_MARKS_MAX: Final = 12
"""A text with more costly characters is in another script; a mark at each letter would hide it."""


class Piece(NamedTuple):
    """A part of a message.

    `segment` is the number of the segment that starts with it, 0 if none does. `is_value` is whether it is
    a masked value of the recipient. `reason` says why its character costs, '' if it does not.
    """

    text: str
    segment: int = 0
    is_value: bool = False
    reason: str = ""


def pieces_of(message: Message) -> tuple[Piece, ...]:
    """Return a message in pieces that are whole grapheme clusters, so that no mark splits an emoji.

    A segment that starts within a cluster is marked before it.
    """
    text = message.text
    starts = cluster_starts(text)
    segments = {
        cluster_floor(starts, start): number
        for number, start in enumerate(message.segment_starts[1:], start=2)
    }
    values = [(cluster_floor(starts, start), cluster_ceiling(starts, end)) for start, end in message.values]
    reasons = {cluster_floor(starts, found.offset): reason_of(found) for found in marked(message.costly)}
    edges = {0, len(text), *segments, *reasons, *(edge for value in values for edge in value)}
    edges |= {cluster_ceiling(starts, offset + 1) for offset in reasons}
    return tuple(
        Piece(
            text[start:end],
            segments.get(start, 0),
            any(first <= start < last for first, last in values),
            reasons.get(start, ""),
        )
        for start, end in pairwise(sorted(edges))
    )


def marked(costly: Sequence[CostlyCharacter]) -> Sequence[CostlyCharacter]:
    """Return the costly characters that a page marks: all, or none of a text in another script."""
    return costly if len(costly) <= _MARKS_MAX else ()


def reason_of(found: CostlyCharacter) -> str:
    """Return why a character costs, and what may replace it."""
    return f"{found.name.lower()} makes the text UCS-2{_instead(found.twin)}"


def reasons_of(costly: Sequence[CostlyCharacter]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the marked characters with the reason that they share."""
    by_twin: dict[str | None, dict[str, CostlyCharacter]] = {}
    for found in marked(costly):
        by_twin.setdefault(found.twin, {})[found.character] = found
    for twin, characters in by_twin.items():
        [first, *others] = characters.values()
        shared = f"make the text UCS-2{_instead(twin)}" if others else reason_of(first)
        yield tuple(characters), shared


def _instead(twin: str | None) -> str:
    return f"; write {twin} instead" if twin else ""
