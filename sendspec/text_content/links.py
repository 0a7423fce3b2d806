"""Links in a text: what a phone makes a link of, with or without a scheme.

Phones make a link of each name with a dot and a top-level domain. Source: Android Open Source Project,
`android.util.Patterns`, `WEB_URL` and `AUTOLINK_WEB_URL`, read 2026-11-27.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec import sms
from sendspec.joint_search import joint_search
from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

HIDDEN: Final = "\ufffc"
"""The character in place of each one of a tag's name; it occurs in no text that people write."""

_WITH_SCHEME: Final = lazy_pattern(
    r"(?P<scheme>https?)://(?P<user>[^\s/?#@]*@)?(?P<host>\[[^\s\]]*\]|[^\s/?#:]*)(?P<port>:\d{1,5})?(?P<rest>[/?#]\S*)?",
    re.IGNORECASE,
)
_BARE: Final = lazy_pattern(
    r"(?<![\w@.%/:-])(?P<host>(?:[^\W_][\w-]*\.)+(?:[^\W\d_]{2,}|xn--[a-z\d-]+))"
    r"(?P<port>:\d{1,5})?(?P<rest>[/?#]\S*)?(?![\w@-])",
    re.IGNORECASE,
)
_BARE_ADDRESS: Final = lazy_pattern(
    r"(?<![\w@.%/:-])(?P<host>\d{1,3}(?:\.\d{1,3}){3})(?P<port>:\d{1,5})?(?P<rest>/\S*)"
)
_TRAILING: Final = lazy_pattern(r"[.,;:!?)\]}'\"\u00bb\u201d\u201c\u2019\u2018\u2026*]+\Z")


class Link(NamedTuple):
    """One link from `start` to `end`, without the punctuation after it, which is `tail`.

    `scheme` and `host` are in lower case, and '' and `host` for a link without a scheme. `rest` is the
    path and all after it.
    """

    start: int
    end: int
    scheme: str
    user: str
    host: str
    rest: str
    tail: str = ""


def mask_tags(text: str) -> str:
    """Return a text of the same length, in which the names of tags are hidden."""
    return sms.TAG.sub(lambda tag: f"%%{HIDDEN * len(tag[1])}%%", text)


@cache
def top_level_domains() -> frozenset[str]:
    """Return the top-level domains, in lower case."""
    return frozenset(" ".join(table("top_level_domains")["domains"].values()).split())


def may_have_links(text: str) -> bool:
    """Return whether a text may have a link, or one whose scheme is misspelled."""
    return _part_of_link()(text)


@cache
def _part_of_link() -> Callable[[str], bool]:
    return joint_search(r"\.[^\s.]|//|(?i:https?:)")


@lru_cache(maxsize=1024)
def links_in(text: str) -> tuple[Link, ...]:
    """Return the links of a text in which the names of tags are hidden, in their order."""
    if not may_have_links(text):
        return ()
    links = [_link(match) for match in _WITH_SCHEME.finditer(text)]
    taken = [(link.start, link.end) for link in links]
    for pattern in (_BARE, _BARE_ADDRESS):
        for match in pattern.finditer(text):
            inside = any(start <= match.start() < end for start, end in taken)
            if not inside and (pattern is _BARE_ADDRESS or _ends_with_domain(match["host"])):
                links.append(_link(match))
    return tuple(sorted(links))


def is_domain(label: str) -> bool:
    """Return whether a label is a top-level domain."""
    label = label.lower()
    return label in top_level_domains() or label.startswith("xn--")


def _ends_with_domain(host: str) -> bool:
    return is_domain(host.rpartition(".")[2])


def _link(match: re.Match[str]) -> Link:
    groups = match.groupdict()
    host, rest = groups["host"].rstrip(".,;:!?)'\""), groups["rest"] or ""
    trailing = _TRAILING.search(rest)
    tail = trailing.group() if trailing else groups["host"][len(host) :] if not rest else ""
    rest = rest[: len(rest) - len(tail)] if trailing else rest
    end = match.end() - len(tail)
    scheme = (groups.get("scheme") or "").lower()
    return Link(match.start(), end, scheme, groups.get("user") or "", host.lower(), rest, tail)
