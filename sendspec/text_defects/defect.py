"""One defect in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sendspec.model import DefectKind


class Defect(NamedTuple):
    """A defect of a text: `label` is from a closed set, `text` is the part of the text, at `offset`."""

    kind: DefectKind
    label: str
    text: str
    offset: int
