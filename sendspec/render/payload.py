"""Payloads of requests: the exact bytes of bodies and paths."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import orjson
from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern
from sendspec.redact import excerpt
from sendspec.schema import check, expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Endpoint, Send
    from sendspec.render.string_renderer import StringRenderer

_NOT_SENT: Final = frozenset(
    {
        "contacts",
        "exclude",
        "notBefore",
        "notAfter",
        "allow",
        "formerly",
        "databaseFields",
        "audience",
        "expected",
    }
)
_CONTACTS: Final = "contacts"
_INTEGER: Final = lazy_pattern(r"-?[0-9]{1,19}")
_BOOLEANS: Final = {"true": True, "false": False}
_VALUE_LENGTH_MAX: Final = 40
_VALID_NUMBER: Final = "12125550100"
_MESSAGE_IDS: Final = ("publishedMessageId", "contentId")
"""The properties with the id of a published message, which is a UUID in every sample of the vendor."""
_UUID: Final = lazy_pattern(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def encode(value: Any) -> bytes:
    """Return the canonical JSON of a value: UTF-8, sorted keys, no white space."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(endpoint: Endpoint, payload: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of a payload and its endpoint."""
    return f"sha256:{hashlib.sha256(encode({'endpoint': endpoint.value, 'payload': payload})).hexdigest()}"


def request_path(send: Send) -> str:
    """Return the path of a send's requests below `/rest`; an id in it is quoted as one segment."""
    traits = send.endpoint.traits
    if traits.path_property is None:
        return traits.path
    return traits.path.format(id=quote(send.payload[traits.path_property], safe=""))


class BodyTemplate(Struct, frozen=True):
    """The bytes of a send's bodies around the contacts, in canonical JSON."""

    head: bytes
    tail: bytes

    @classmethod
    def of(cls, send: Send) -> Self:
        """Return the bytes around the contacts; a send without contacts has one body, which is the head."""
        traits = send.endpoint.traits
        payload = {name: value for name, value in send.payload.items() if name != traits.path_property}
        if not traits.has_contacts:
            return cls(encode(payload), b"")
        before = encode({name: payload[name] for name in payload if name < _CONTACTS})[:-1]
        after = encode({name: payload[name] for name in payload if name > _CONTACTS})[1:]
        separator = b"," if len(before) > 1 else b""
        return cls(before + separator + b'"contacts":[', b"],%b" % after if len(after) > 1 else b"]}")

    def body(self, lines: bytes) -> bytes:
        """Return the exact body of one request; `lines` has a line of canonical JSON for each contact."""
        # A line break within a text is escaped in JSON, so each one in the lines ends a contact.
        contacts = memoryview(lines.replace(b"\n", b","))[:-1]
        return b"".join((self.head, contacts, self.tail))


def render_payload(
    renderer: StringRenderer, endpoint: Endpoint, rendered: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the API's properties of a rendered send in the API's types, and add their problems."""
    payload = {name: rendered[name] for name in sorted(rendered) if name not in _NOT_SENT}
    for name, expected in _types(endpoint):
        if isinstance(payload.get(name), str) and not renderer.has_problem(name):
            payload[name] = _typed(renderer, name, payload[name], expected)
    traits = endpoint.traits
    body = {name: value for name, value in payload.items() if name != traits.path_property}
    for name in _MESSAGE_IDS:
        if name in payload:
            _check_message_id(renderer, name, payload[name])
    if traits.number_property is not None and "contacts" in rendered:
        # The campaign schema has checked the structure of inline contacts, and rules check the values
        # together with those of contact files, so a valid contact replaces them here.
        body["contacts"] = [{traits.number_property: _VALID_NUMBER}]
    problems = check(f"payload-{endpoint.value}", body, renderer.locations)
    renderer.problems.extend(problem for problem in problems if problem.location not in renderer.reported)
    return payload


def _check_message_id(renderer: StringRenderer, name: str, value: Any) -> None:
    if not isinstance(value, str) or renderer.has_problem(name):
        return
    if not value.strip():
        renderer.add_problem((name,), f"'{name}' must be the id of a published message, not empty")
    elif _UUID.fullmatch(value) is None:
        hint = "copy the id of the published message, such as e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
        renderer.add_problem((name,), f"'{name}' is not a UUID: {excerpt(value, _VALUE_LENGTH_MAX)!r}", hint)


def _typed(renderer: StringRenderer, name: str, value: str, expected: str) -> str | int:
    """Return rendered text in the type of the API, or add a problem if it does not have that type."""
    text = value.strip()
    if expected == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if expected == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    description = "an integer" if expected == "integer" else "true or false"
    renderer.add_problem(
        (name,),
        f"'{name}' must be {description}, but the template renders {excerpt(text, _VALUE_LENGTH_MAX)!r}",
    )
    return value


@cache
def _types(endpoint: Endpoint) -> tuple[tuple[str, str], ...]:
    """Return the properties that are integers or booleans in the payload schema, with their types by name."""
    properties = expanded(f"payload-{endpoint.value}")["properties"]
    types = ((name, schema.get("type")) for name, schema in sorted(properties.items()))
    return tuple((name, each) for name, each in types if each in {"integer", "boolean"})
