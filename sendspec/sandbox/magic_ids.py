"""What exists in the sandbox's organisation: any id, but for a few reserved ones that reach a refusal.

The reserved ids borrow the numbers of HTTP: 403 belongs to another organisation, 404 does not
exist, 400 is not enabled for SMS, 410 is inactive. Reserved phone numbers reach the refusals that
show only in the status call: they are accepted like any other when they are sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Endpoint
from sendspec.sandbox import error_messages
from sendspec.sandbox.error_messages import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.sandbox.behaviour import Behaviour

PROGRAM: Final = "148372"
MESSAGE: Final = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
SOURCE: Final = "4396816"
"""The ids of the vendor's own samples; they are what the two lists show first."""

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

PAGE: Final = 50
"""How many published messages one page lists, as the vendor documents it."""

_SAMPLES: Final = 59

_NUMBER: Final = re.compile(r"\+?[1-9]\d{7,14}")
_INVALID: Final = re.compile(r"\+?(1[2-9]\d{2}555018\d|4477009008\d\d)")
_NOT_OPTED_IN: Final = re.compile(r"\+?(1[2-9]\d{2}555019\d|4477009009\d\d)")
_ABSENT: Final = "@example.invalid"


def require_published_message(identifier: str, behaviour: Behaviour) -> None:
    """Raise Refused where the published message is unknown or belongs to another organisation."""
    refusal = MESSAGES_REFUSED.get(identifier)
    if refusal is None and not _exists(identifier, behaviour.published_messages):
        refusal = Refusal.MESSAGE_UNKNOWN
    if refusal is not None:
        raise Refused(refusal, id=identifier)


def require_contact_source(identifier: int, behaviour: Behaviour) -> None:
    """Raise Refused where the contact source cannot be sent to."""
    refusal = SOURCES_REFUSED.get(str(identifier))
    if refusal is None and (identifier < 1 or not _exists(str(identifier), behaviour.contact_sources)):
        refusal = Refusal.SOURCE_UNKNOWN
    if refusal is not None:
        raise Refused(refusal, id=identifier)


def require_program(identifier: str, behaviour: Behaviour) -> None:
    """Raise Refused where the SMS program is unknown or inactive."""
    if identifier in PROGRAMS_REFUSED or not _exists(identifier, behaviour.programs):
        raise Refused(Refusal.PROGRAM, id=identifier)


def programs(behaviour: Behaviour) -> list[dict[str, Any]]:
    """Give the list of SMS programs, an inactive one last."""
    listed = [(each, "ACTIVE") for each in behaviour.programs or (PROGRAM,)]
    return [_program(identifier, state) for identifier, state in [*listed, (INACTIVE_PROGRAM, "INACTIVE")]]


def published_messages(behaviour: Behaviour) -> list[dict[str, Any]]:
    """Give the list of published messages: those of the switches, else samples for more than a page."""
    samples = (MESSAGE, *(f"00000000-0000-4000-8000-{number:012d}" for number in range(1, _SAMPLES + 1)))
    return [
        {
            "id": identifier,
            "name": f"Published message {number}",
            "campaignName": "Sandbox",
            "contactSourceId": int(SOURCE),
            "programIds": [program["id"] for program in programs(behaviour)[:1]],
        }
        for number, identifier in enumerate(behaviour.published_messages or samples, start=1)
    ]


def delivery_refusal(endpoint: Endpoint, contact: Mapping[str, Any]) -> str | None:
    """Say why a contact of an accepted request got no SMS, or None where it got one.

    A contact is judged by its number, with a lookup by the values of the lookup. Consent matters
    to *contacts* only: *external-consent* checks none.
    """
    for identity in _identities(contact):
        if _INVALID.fullmatch(identity):
            return error_messages.INVALID_NUMBER
        if _NOT_OPTED_IN.fullmatch(identity) and endpoint is Endpoint.CONTACTS:
            return error_messages.NOT_OPTED_IN
        if identity.endswith(_ABSENT):
            return error_messages.NO_SUCH_CONTACT
        if not contact.get("contactLookup") and not _NUMBER.fullmatch(identity):
            return error_messages.INVALID_NUMBER
    return None


def _identities(contact: Mapping[str, Any]) -> list[str]:
    lookup = contact.get("contactLookup")
    if lookup:
        return [str(key["value"]) for key in lookup]
    return [str(contact.get("contactId") or contact.get("phoneNumber"))]


def _exists(identifier: str, listed: tuple[str, ...]) -> bool:
    return not listed or identifier in listed


def _program(identifier: str, state: str) -> dict[str, Any]:
    return {
        "id": int(identifier) if identifier.isdecimal() else identifier,
        "programName": f"Program {identifier}",
        "campaignName": "Sandbox",
        "code": "12345",
        "senderId": "12345",
        "status": state,
        "type": "SHORT_CODE",
        "country": "US",
    }
