"""Links in values: those of public shorteners, and those that are not encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import DefectKind
from sendspec.text_content import links_in, public_shortener
from sendspec.text_defects.defect import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator


def defective_links(value: str) -> Iterator[Defect]:
    """Yield the first link of each public shortener in a value, and the first that is not encrypted.

    A host without a dot is not a public one.
    """
    found: set[tuple[DefectKind, str]] = set()
    for link in links_in(value) if "." in value else ():
        domain = public_shortener(link.host)
        if domain is not None and (DefectKind.SHORTENER, domain) not in found:
            found.add((DefectKind.SHORTENER, domain))
            yield Defect(DefectKind.SHORTENER, domain, value[link.start : link.end], link.start)
        if link.scheme == "http" and (DefectKind.HTTP, "") not in found:
            found.add((DefectKind.HTTP, ""))
            yield Defect(DefectKind.HTTP, "", value[link.start : link.end], link.start)
