"""The exact bytes of requests: what goes into the body and the path, and how it is spelled."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from sendspec.schema import check, expanded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.model import Endpoint, Send
    from sendspec.render.string_renderer import Strings

_OURS: Final = frozenset({"contacts", "notBefore", "notAfter", "allow", "databaseFields"})
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_TRUTH: Final = {"true": True, "false": False}
_LONGEST_SHOWN: Final = 40
_VALID_NUMBER: Final = "12125550100"


def encode(value: Any) -> bytes:
    """Give the canonical JSON of a value: UTF-8, sorted keys, no white space."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(endpoint: Endpoint, payload: Mapping[str, Any]) -> str:
    """Give what recognises a payload: SHA-256 over the canonical JSON of it and its endpoint."""
    return f"sha256:{hashlib.sha256(encode({'endpoint': endpoint.value, 'payload': payload})).hexdigest()}"


def request_path(send: Send) -> str:
    """Return the path of a send's requests below `/rest`; an id in it is quoted as one segment."""
    traits = send.endpoint.traits
    if traits.path_property is None:
        return traits.path
    return traits.path.format(id=quote(send.payload[traits.path_property], safe=""))


def request_body(send: Send, contacts: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the exact body of one request of a send; `contacts` are the batch's, in the API's form."""
    traits = send.endpoint.traits
    body = {name: value for name, value in send.payload.items() if name != traits.path_property}
    return encode({**body, "contacts": list(contacts)} if traits.has_contacts else body)


def payload_of(strings: Strings, endpoint: Endpoint, rendered: Mapping[str, Any]) -> dict[str, Any]:
    """Give the API's properties of a rendered send, of the API's types, and note what is wrong."""
    payload = {
        name: _typed(strings, endpoint, name, rendered[name])
        for name in sorted(rendered)
        if name not in _OURS
    }
    traits = endpoint.traits
    body = {name: value for name, value in payload.items() if name != traits.path_property}
    if traits.path_property is not None:
        _check_path_property(strings, traits.path_property, payload.get(traits.path_property))
    if traits.number_property is not None and "contacts" in rendered:
        # The schema of campaigns has checked the contacts' structure, and the rules check identities.
        body["contacts"] = [{traits.number_property: _VALID_NUMBER}]
    found = check(f"payload-{endpoint.value}", body, strings.locations)
    strings.problems.extend(problem for problem in found if problem.location not in strings.broken)
    return payload


def _check_path_property(strings: Strings, name: str, found: Any) -> None:
    if not isinstance(found, str) or not found.strip():
        strings.problem((name,), f"'{name}' must be the id of a published message, not empty")
    elif found in {".", ".."}:
        strings.problem((name,), f"'{name}' must be the id of a published message, not {found!r}")


def _typed(strings: Strings, endpoint: Endpoint, name: str, value: Any) -> Any:
    """Give a text that came out of a template as the type that the API wants, if it is one."""
    wanted = _types(endpoint).get(name)
    if not isinstance(value, str) or wanted is None or strings.is_broken(name):
        return value
    written = value.strip()
    if wanted == "integer" and _INTEGER.fullmatch(written):
        return int(written)
    if wanted == "boolean" and written in _TRUTH:
        return _TRUTH[written]
    shown = written if len(written) <= _LONGEST_SHOWN else written[:_LONGEST_SHOWN] + "…"
    meant = "an integer" if wanted == "integer" else "true or false"
    strings.problem((name,), f"'{name}' must be {meant}, and the template gives {shown!r}")
    return value


@cache
def _types(endpoint: Endpoint) -> Mapping[str, str]:
    """Give the properties that the payload's schema wants to be an integer or a boolean."""
    properties = expanded(f"payload-{endpoint.value}")["properties"]
    return {
        name: schema["type"]
        for name, schema in properties.items()
        if schema.get("type") in {"integer", "boolean"}
    }
