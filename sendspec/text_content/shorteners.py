"""Public link shorteners: domains on which anyone can create a link."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sendspec.text_content.tables import table

if TYPE_CHECKING:
    from collections.abc import Collection


@cache
def public_shorteners() -> frozenset[str]:
    """Return the domains of public shorteners, in lower case."""
    return frozenset(domain for row in table("public_shorteners")["rows"] for domain in row["domains"])


def public_shortener(host: str, *, more: Collection[str] = (), allowed: Collection[str] = ()) -> str | None:
    """Return the domain of a public shortener that a host belongs to, None if it is another host.

    `more` and `allowed` are domains; the longest one that fits decides.
    """
    labels = host.split(".")
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        if domain in allowed:
            return None
        if domain in public_shorteners() or domain in more:
            return domain
    return None
