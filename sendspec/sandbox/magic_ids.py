"""Magic ids: every id exists in the sandbox's organisation, except reserved ones that cause a refusal.

The reserved ids are named after statuses of HTTP: 403 belongs to another organisation, 404 does not
exist, 400 is not enabled for SMS, 410 is inactive. Reserved phone numbers are accepted like any other
number, and cause a refusal that appears only in the status call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.sandbox import error_messages
from sendspec.sandbox.error_messages import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Endpoint
    from sendspec.sandbox.vendor_unknowns import Behaviour

PROGRAM: Final = "148372"
MESSAGE: Final = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
SOURCE: Final = "4396816"
"""The ids of the vendor's samples; the two lists contain them first."""

PROGRAMS_REFUSED: Final = ("404", "410")
INACTIVE_PROGRAM: Final = "410"
SOURCES_REFUSED: Final[Mapping[str, Refusal]] = {
    "400": Refusal.SOURCE_NOT_ENABLED,
    "403": Refusal.SOURCE_FOREIGN,
    "404": Refusal.SOURCE_UNKNOWN,
}
MESSAGES_REFUSED: Final[Mapping[str, Refusal]] = {
    "403": Refusal.FORBIDDEN,
    "404": Refusal.MESSAGE_UNKNOWN,
    "00000000-0000-0000-0000-000000000403": Refusal.FORBIDDEN,
    "00000000-0000-0000-0000-000000000404": Refusal.MESSAGE_UNKNOWN,
}

_PHONE_NUMBER: Final = re.compile(r"\+?[1-9]\d{7,14}")
_INVALID_NUMBER: Final = re.compile(r"\+?(1[2-9]\d{2}555018\d|4477009008\d\d)")
_NOT_OPTED_IN_NUMBER: Final = re.compile(r"\+?(1[2-9]\d{2}555019\d|4477009009\d\d)")
_UNKNOWN_LOOKUP_ENDING: Final = "@example.invalid"


def require_contact_source(identifier: int, behaviour: Behaviour) -> None:
    """Raise Refused if the contact source is unknown, foreign or not enabled for SMS."""
    refusal = SOURCES_REFUSED.get(str(identifier))
    listed = behaviour.contact_sources
    known = not listed or str(identifier) in listed
    if refusal is None and (identifier < 1 or not known):
        refusal = Refusal.SOURCE_UNKNOWN
    if refusal is not None:
        raise Refused(refusal, id=identifier)


def delivery_refusal(endpoint: Endpoint, contact: Mapping[str, Any]) -> str | None:
    """Return the reason why a contact of an accepted request got no message, None if it got one.

    The reason depends on the number of the contact, or on the values of its lookup. Only the endpoint
    *contacts* checks consent.
    """
    for identity in _identities(contact):
        if _INVALID_NUMBER.fullmatch(identity):
            return error_messages.INVALID_NUMBER
        if _NOT_OPTED_IN_NUMBER.fullmatch(identity) and endpoint.traits.checks_consent:
            return error_messages.NOT_OPTED_IN
        if identity.endswith(_UNKNOWN_LOOKUP_ENDING):
            return error_messages.NO_SUCH_CONTACT
        if not contact.get("contactLookup") and not _PHONE_NUMBER.fullmatch(identity):
            return error_messages.INVALID_NUMBER
    return None


def _identities(contact: Mapping[str, Any]) -> list[str]:
    lookup = contact.get("contactLookup")
    if lookup:
        return [str(key["value"]) for key in lookup]
    return [str(contact.get("contactId") or contact.get("phoneNumber"))]
