"""The body of a posted request, as far as the meaning and the masking of its answer depend on it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Endpoint

_PUBLIC_IDS: Final = ("contactSourceId", "channelQualifier", "contentId")
"""Properties whose values are in the specs and may look like a phone number."""


class PostedBody:
    """The JSON body of a request; a body that is not JSON has no parts."""

    def __init__(self, body: bytes = b"") -> None:
        self._body = body

    def has_name(self, name: str, endpoint: Endpoint) -> bool:
        """Return whether `name` is the unique name of the request, without case, spaces and escapes."""
        own = self._parts.get(endpoint.traits.unique_name_property or "")
        return isinstance(own, str) and fold(own) in (fold(name), fold(html.unescape(name)))

    def contains(self, text: str) -> bool:
        """Return whether a string of the body contains `text`, which is folded."""
        return any(text in fold(part) for part in _strings(self._parts))

    @property
    def personal(self) -> tuple[str, ...]:
        """The identities and the values of all contacts."""
        contacts = self._parts.get("contacts")
        return tuple({value for contact in _items(contacts) for value in _personal_values(contact)})

    @property
    def public_ids(self) -> tuple[str, ...]:
        """The ids of the specs in the body."""
        return tuple(str(self._parts[name]) for name in _PUBLIC_IDS if name in self._parts)

    @property
    def _parts(self) -> dict[str, Any]:
        document = read_json(self._body)
        return document if isinstance(document, dict) else {}


def fold(text: str) -> str:
    """Return a text without differences of case and white space."""
    return " ".join(text.casefold().split())


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, item in value.items():
                yield name
                yield from _strings(item)
        case list():
            for item in value:
                yield from _strings(item)


def _personal_values(contact: dict[str, Any]) -> Iterator[str]:
    for name, value in contact.items():
        lookups = _items(value) if name == "contactLookup" else None
        # The other properties of a lookup are names of the database.
        for item in [value] if lookups is None else [lookup.get("value") for lookup in lookups]:
            yield from _values(item)


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _values(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for item in value.values():
                yield from _values(item)
        case list():
            for item in value:
                yield from _values(item)
        case None | bool():
            return
        case _:
            yield str(value)
