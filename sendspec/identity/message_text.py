"""The properties that make a message the same one, in a form that small edits do not change."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sendspec.load.address_values import value_text
from sendspec.render import encode
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.sms import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IDS: Final = ("contentId", "publishedMessageId")


def texts_of(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the compared form of each property that makes a message the same one.

    Ids are compared without case, because a UUID has the same value in capitals. In `content`, the names
    of tags, case, spaces and the punctuation at both ends do not count. A send job also has its message
    together with its recipients, as `job`.
    """
    for name in ("content", *_IDS, "messageName"):
        text = payload.get(name)
        if isinstance(text, str) and text.strip():
            yield name, _compared(name, text)
    if "publishedMessageId" in payload:
        yield "job", encode(_job_properties(payload, "messageName", "scheduledDate")).decode()


def text_key(payload: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the compared form of the text that people read, None without one: `contentId` wins."""
    for name in ("contentId", "content"):
        text = payload.get(name)
        if isinstance(text, str) and text.strip():
            return name, _compared(name, text)
    return None


def job_of(payload: Mapping[str, Any]) -> bytes:
    """Return what makes a send job a copy of another one: all but its name, the date as an instant."""
    properties = _job_properties(payload, "messageName")
    with suppress(InvalidDateTime):  # A project may switch off the rule that refuses it.
        if isinstance(date := properties.get("scheduledDate"), str):
            properties["scheduledDate"] = parse_datetime(date).timestamp()
    return encode(properties)


def _job_properties(payload: Mapping[str, Any], *omitted: str) -> dict[str, Any]:
    properties = {name: value for name, value in payload.items() if name not in omitted}
    for name in _IDS:
        if isinstance(value := properties.get(name), str):
            properties[name] = _compared(name, value)
    return properties


@lru_cache(maxsize=4096)  # Several rules compare the texts of one plan.
def _compared(name: str, text: str) -> str:
    text = " ".join(value_text(text).split())
    if name in _IDS:
        return text.lower()
    if name != "content":
        return text
    text = TAG.sub("%%%%", text).casefold()
    first = next((index for index, character in enumerate(text) if _counts(character)), 0)
    last = next((index for index in range(len(text), 0, -1) if _counts(text[index - 1])), len(text))
    return text[first:last]


def _counts(character: str) -> bool:
    return character == "%" or character.isalnum()
