"""Columns of time zones in a list: the one that is read, and one that a person may expect to be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import ContactList, Send

TIMEZONE: Final = "timezone"

_TAG: Final = lazy_pattern(r"%%([^%\n]+)%%")
_ZONE_NAME: Final = lazy_pattern(r"\s*(?:time[ _-]?zone|tz)(?:[ _-]?(?:name|id))?\s*", re.IGNORECASE)


def timezone_header(file: ContactList, names: Iterable[str] = ()) -> str | None:
    """Return the header of the column with the time zones, None if the list has none.

    It is the one that `columns` maps; without `columns` it is `timezone`, as in a campaign file.
    """
    if file.columns is not None:
        mapped: str | None = file.columns.get(TIMEZONE)
        return mapped
    return TIMEZONE if TIMEZONE in names else None


def zone_tags(send: Send) -> frozenset[str]:
    """Return the tags in the texts of a send that are named like a column of time zones."""
    texts = " ".join(filter(None, (send.inline_text, send.compact_content)))
    return frozenset(tag for tag in _TAG.findall(texts) if _ZONE_NAME.fullmatch(tag))


def has_unread_zones(send: Send, file: ContactList, names: Iterable[str]) -> bool:
    """Return whether no column of time zones is read, although a header looks like that of one.

    A column whose values are in the text is not such a column.
    """
    names = tuple(names)
    if timezone_header(file, names) is not None:
        return False
    mapped = (file.columns or {}).get("personalization", {}).values()
    used = zone_tags(send) if file.columns is None else frozenset(mapped)
    return any(_ZONE_NAME.fullmatch(name) and name not in used for name in names)
