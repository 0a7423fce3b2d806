"""Whether a send is accepted: pure functions from the request to its body, or Refused with a row.

Each check is a function of its own in the order in which they run. A property that is null counts
as absent. The uniqueness of a message name is checked here against the names given in `taken`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec import sms
from sendspec.model import CONTACTS_PER_REQUEST, Endpoint
from sendspec.sandbox import magic_ids
from sendspec.sandbox.error_messages import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sendspec.sandbox.behaviour import Behaviour

CONTENT_LIMIT: Final = 800
EXTERNAL_LIMIT: Final = 2000

JOB: Final[Mapping[str, type]] = {
    "messageName": str,
    "contactSourceId": int,
    "externalSystemName": str,
    "externalSystemReferenceId": str,
    "scheduledDate": str,
    "preBlockingHours": int,
    "folder": str,
}
"""The properties of a contact-source request, as the vendor documents them."""

BATCH: Final[Mapping[str, type]] = {
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

_CONTACT: Final = frozenset({"contactId", "contactLookup", "phoneNumber", "personalization"})
_LOOKUP: Final = ("name", "value", "channel")


def judge_job(message_id: str, raw: bytes, behaviour: Behaviour, taken: Container[str]) -> dict[str, Any]:
    """Give the body of a contact-source request that is accepted.

    Raises:
        Refused: with the documented row.
    """
    magic_ids.require_published_message(message_id, behaviour)
    body = _parsed(raw, Refusal.FAILURE)
    _check_properties(body, JOB, Refusal.FAILURE, behaviour)
    if "messageName" not in body:
        raise Refused(Refusal.FAILURE)
    _check_job_texts(body)
    if "contactSourceId" in body:
        magic_ids.require_contact_source(body["contactSourceId"], behaviour)
    if body["messageName"] in taken:
        raise Refused(Refusal.NAME_TAKEN, name=body["messageName"])
    return body


def judge_batch(endpoint: Endpoint, raw: bytes, behaviour: Behaviour) -> dict[str, Any]:
    """Give the body of a contacts or external-consent request that is accepted.

    Raises:
        Refused: with the documented row.
    """
    body = _parsed(raw, Refusal.NOT_JSON)
    _check_properties(body, BATCH, Refusal.NOT_JSON, behaviour)
    _check_program(body, behaviour)
    contacts = body.get("contacts", [])
    if not 1 <= len(contacts) <= CONTACTS_PER_REQUEST:
        raise Refused(Refusal.CONTACTS_COUNT)
    for contact in contacts:
        _check_contact(endpoint, contact, behaviour)
    if body.get("contentId"):
        magic_ids.require_published_message(body["contentId"], behaviour)
    else:
        _check_content(endpoint, body, behaviour)
    return body


def decode(raw: bytes) -> Any:
    """Give the JSON in `raw`.

    Raises:
        ValueError: it is not JSON, or nested deeper than could be written down again.
    """
    value = orjson.loads(raw)
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return value


def _parsed(raw: bytes, otherwise: Refusal) -> dict[str, Any]:
    try:
        body = decode(raw)
    except ValueError:
        raise Refused(otherwise) from None
    if not isinstance(body, dict):
        raise Refused(otherwise)
    return {key: value for key, value in body.items() if value is not None}


def _check_properties(
    body: Mapping[str, Any], known: Mapping[str, type], otherwise: Refusal, behaviour: Behaviour
) -> None:
    for key, value in body.items():
        if key not in known:
            if behaviour.unknown_properties == "refuse":
                raise Refused(otherwise)
        elif type(value) is not known[key]:
            raise Refused(otherwise)


def _check_job_texts(body: Mapping[str, Any]) -> None:
    if not body["messageName"].strip():
        raise Refused(Refusal.NAME_BLANK)
    if len(body.get("externalSystemName", "")) > EXTERNAL_LIMIT:
        raise Refused(Refusal.SYSTEM_NAME_LONG)
    if len(body.get("externalSystemReferenceId", "")) > EXTERNAL_LIMIT:
        raise Refused(Refusal.REFERENCE_LONG)
    if "scheduledDate" in body and not _is_instant(body["scheduledDate"]):
        raise Refused(Refusal.FAILURE)


def _is_instant(text: str) -> bool:
    """Tell whether `text` is an RFC 3339 instant; one in the past is, as the vendor's own sample."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _check_program(body: Mapping[str, Any], behaviour: Behaviour) -> None:
    qualifier = body.get("channelQualifier", "")
    if not qualifier.strip():
        raise Refused(Refusal.QUALIFIER_EMPTY)
    magic_ids.require_program(qualifier, behaviour)


def _check_contact(endpoint: Endpoint, contact: Any, behaviour: Behaviour) -> None:
    if not isinstance(contact, dict) or not _texts(contact.get("personalization")):
        raise Refused(Refusal.NOT_JSON)
    if behaviour.unknown_properties == "refuse" and not contact.keys() <= _CONTACT:
        raise Refused(Refusal.NOT_JSON)
    if endpoint is Endpoint.CONTACTS:
        identified = _number(contact.get("contactId")) or _lookup(contact.get("contactLookup"))
    else:
        identified = _number(contact.get("phoneNumber"))
    if not identified:
        raise Refused(Refusal.CONTACT_EMPTY)


def _number(value: Any) -> bool:
    """Tell whether a number is given: a string, or a JSON number as the vendor's type says."""
    return bool(value.strip()) if isinstance(value, str) else type(value) is int and value > 0


def _lookup(value: Any) -> bool:
    """Tell whether a lookup is given, with a name, a value and a channel in each of its keys."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(key, dict) and _texts(key) and all(map(key.get, _LOOKUP)) for key in value)


def _texts(value: Any) -> bool:
    """Tell whether `value` is absent or a map of strings."""
    return value is None or (
        isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    )


def _check_content(endpoint: Endpoint, body: Mapping[str, Any], behaviour: Behaviour) -> None:
    content: str = body.get("content", "")
    defaults: dict[str, str] = body.get("personalizationDefaults", {})
    if not content.strip():
        raise Refused(Refusal.CONTENT_EMPTY)
    if not _texts(defaults):
        raise Refused(Refusal.NOT_JSON)
    values = [contact.get("personalization") or {} for contact in body["contacts"]]
    texts = [content] if behaviour.limit_counts == "template" else _rendered(content, values, defaults)
    if any(len(text) > CONTENT_LIMIT for text in texts):
        raise Refused(Refusal.CONTENT_LONG)
    fields = behaviour.database_fields if endpoint is Endpoint.CONTACTS else ()
    unmatched = _unmatched(content, values, {*defaults, *fields})
    if unmatched:
        raise Refused(Refusal.TAG_UNMATCHED, tag=", ".join(unmatched))


def _rendered(content: str, values: list[dict[str, str]], defaults: dict[str, str]) -> list[str]:
    return [sms.substitute(content, each, defaults) for each in values]


def _unmatched(content: str, values: list[dict[str, str]], always: set[str]) -> list[str]:
    """Give the tags that some contact has no value for, in order of appearance."""
    open_tags = [tag for tag in sms.tags_in(content) if tag not in always]
    return [tag for tag in open_tags if not all(tag in each for each in values)]
