"""Validation of requests that send: pure functions that return the accepted body or raise Refused.

The checks are functions in the order in which they run. A property that is null counts as absent.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec import sms
from sendspec.model import CONTACTS_PER_REQUEST
from sendspec.sandbox import catalog, magic_ids
from sendspec.sandbox.error_messages import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sendspec.model import Endpoint
    from sendspec.sandbox.vendor_unknowns import Behaviour

CONTENT_CHARACTERS_MAX: Final = 800
EXTERNAL_CHARACTERS_MAX: Final = 2000

JOB_PROPERTIES: Final[Mapping[str, type]] = {
    "messageName": str,
    "contactSourceId": int,
    "externalSystemName": str,
    "externalSystemReferenceId": str,
    "scheduledDate": str,
    "preBlockingHours": int,
    "folder": str,
}
"""The properties of a contact-source request, as the vendor documents them."""

BATCH_PROPERTIES: Final[Mapping[str, type]] = {
    "content": str,
    "contentId": str,
    "contacts": list,
    "channelQualifier": str,
    "personalizationDefaults": dict,
    "source": str,
    "ttlInMinutes": int,
    "campaignName": str,
    "characterSwapEnabled": bool,
}
"""The properties of a request with contacts, as the vendor documents them."""

_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_CONTACT_PROPERTIES: Final = frozenset({"contactId", "contactLookup", "phoneNumber", "personalization"})
_LOOKUP_PROPERTIES: Final = ("name", "value", "channel")


def validate_job(message_id: str, raw: bytes, behaviour: Behaviour, taken: Container[str]) -> dict[str, Any]:
    """Return the body of an accepted contact-source request; `taken` are the used message names.

    Raises:
        Refused: the API refuses the request.
    """
    catalog.require_published_message(message_id, behaviour)
    body = _parse_object(raw, Refusal.FAILURE)
    _check_properties(body, JOB_PROPERTIES, Refusal.FAILURE, behaviour)
    if "messageName" not in body:
        raise Refused(Refusal.FAILURE)
    _check_job_values(body)
    if "contactSourceId" in body:
        magic_ids.require_contact_source(body["contactSourceId"], behaviour)
    if body["messageName"] in taken:
        raise Refused(Refusal.NAME_TAKEN, name=body["messageName"])
    return body


def validate_batch(endpoint: Endpoint, raw: bytes, behaviour: Behaviour) -> dict[str, Any]:
    """Return the body of an accepted contacts or external-consent request.

    Raises:
        Refused: the API refuses the request.
    """
    body = _parse_object(raw, Refusal.NOT_JSON)
    _check_properties(body, BATCH_PROPERTIES, Refusal.NOT_JSON, behaviour)
    _check_program(body, behaviour)
    contacts = body.get("contacts", [])
    if not 1 <= len(contacts) <= CONTACTS_PER_REQUEST:
        raise Refused(Refusal.CONTACTS_COUNT)
    for contact in contacts:
        _check_contact(endpoint, contact, behaviour)
    if body.get("contentId"):
        catalog.require_published_message(body["contentId"], behaviour)
    else:
        _check_content(endpoint, body, behaviour)
    return body


def decode(raw: bytes) -> Any:
    """Return the value of a JSON document.

    Raises:
        ValueError: the document is not JSON, or is nested too deeply to be stored.
    """
    value = orjson.loads(raw)
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return value


def _parse_object(raw: bytes, refusal: Refusal) -> dict[str, Any]:
    try:
        body = decode(raw)
    except ValueError:
        raise Refused(refusal) from None
    if not isinstance(body, dict):
        raise Refused(refusal)
    return {key: value for key, value in body.items() if value is not None}


def _check_properties(
    body: Mapping[str, Any], known: Mapping[str, type], refusal: Refusal, behaviour: Behaviour
) -> None:
    for key, value in body.items():
        if key not in known:
            if behaviour.unknown_properties == "refuse":
                raise Refused(refusal)
        elif type(value) is not known[key]:
            raise Refused(refusal)


def _check_job_values(body: Mapping[str, Any]) -> None:
    if not body["messageName"].strip():
        raise Refused(Refusal.NAME_BLANK)
    if len(body.get("externalSystemName", "")) > EXTERNAL_CHARACTERS_MAX:
        raise Refused(Refusal.SYSTEM_NAME_LONG)
    if len(body.get("externalSystemReferenceId", "")) > EXTERNAL_CHARACTERS_MAX:
        raise Refused(Refusal.REFERENCE_LONG)
    if "scheduledDate" in body and not _is_date_time(body["scheduledDate"]):
        raise Refused(Refusal.FAILURE)


def _is_date_time(text: str) -> bool:
    """Return whether `text` is a date-time of RFC 3339; the vendor's own sample is in the past."""
    if _DATE_TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _check_program(body: Mapping[str, Any], behaviour: Behaviour) -> None:
    qualifier = body.get("channelQualifier", "")
    if not qualifier.strip():
        raise Refused(Refusal.QUALIFIER_EMPTY)
    catalog.require_program(qualifier, behaviour)


def _check_contact(endpoint: Endpoint, contact: Any, behaviour: Behaviour) -> None:
    if not isinstance(contact, dict) or not _is_string_map(contact.get("personalization")):
        raise Refused(Refusal.NOT_JSON)
    if behaviour.unknown_properties == "refuse" and not contact.keys() <= _CONTACT_PROPERTIES:
        raise Refused(Refusal.NOT_JSON)
    if endpoint.traits.lookup:
        identified = _has_number(contact.get("contactId")) or _has_lookup(contact.get("contactLookup"))
    else:
        identified = _has_number(contact.get("phoneNumber"))
    if not identified:
        raise Refused(Refusal.CONTACT_EMPTY)


def _has_number(value: Any) -> bool:
    """Return whether `value` is a number: a string, or a JSON number as the vendor documents it."""
    return bool(value.strip()) if isinstance(value, str) else type(value) is int and value > 0


def _has_lookup(value: Any) -> bool:
    """Return whether `value` is a lookup whose keys all have a name, a value and a channel."""
    if not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(key, dict) and _is_string_map(key) and all(map(key.get, _LOOKUP_PROPERTIES))
        for key in value
    )


def _is_string_map(value: Any) -> bool:
    """Return whether `value` is absent or a map of strings."""
    return value is None or (
        isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    )


def _check_content(endpoint: Endpoint, body: Mapping[str, Any], behaviour: Behaviour) -> None:
    content: str = body.get("content", "")
    defaults: dict[str, str] = body.get("personalizationDefaults", {})
    if not content.strip():
        raise Refused(Refusal.CONTENT_EMPTY)
    if not _is_string_map(defaults):
        raise Refused(Refusal.NOT_JSON)
    values = [contact.get("personalization") or {} for contact in body["contacts"]]
    texts = [content] if behaviour.limit_counts == "template" else _rendered(content, values, defaults)
    if any(len(text) > CONTENT_CHARACTERS_MAX for text in texts):
        raise Refused(Refusal.CONTENT_LONG)
    fields = behaviour.database_fields if endpoint.traits.lookup else ()
    unmatched = _unmatched_tags(content, values, {*defaults, *fields})
    if unmatched:
        raise Refused(Refusal.TAG_UNMATCHED, tag=", ".join(unmatched))


def _rendered(content: str, values: list[dict[str, str]], defaults: dict[str, str]) -> list[str]:
    return [sms.substitute(content, contact_values, defaults) for contact_values in values]


def _unmatched_tags(content: str, values: list[dict[str, str]], matched: set[str]) -> list[str]:
    """Return the tags for which a contact has no value, in order of appearance."""
    open_tags = [tag for tag in sms.tags_in(content) if tag not in matched]
    return [tag for tag in open_tags if not all(tag in contact_values for contact_values in values)]
