"""The calls of the API by name, and the ones among them that send."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Call(StrEnum):
    """Every call that the sandbox serves for the API; the three that send are called as in the specs."""

    CONTACT_SOURCE = "contact-source"
    CONTACTS = "contacts"
    EXTERNAL_CONSENT = "external-consent"
    STATUS = "status"
    PROGRAMS = "programs"
    PUBLISHED_MESSAGES = "published-messages"
    TOKEN = "token"  # noqa: S105 - the name of a call, not a secret


SENDING: Final = frozenset({Call.CONTACT_SOURCE, Call.CONTACTS, Call.EXTERNAL_CONSENT})
