"""Operations of the API: every call that the sandbox serves, by name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Operation(StrEnum):
    """One operation of the API; the three that send have the names of the endpoints in the specs."""

    CONTACT_SOURCE = "contact-source"
    CONTACTS = "contacts"
    EXTERNAL_CONSENT = "external-consent"
    STATUS = "status"
    PROGRAMS = "programs"
    PUBLISHED_MESSAGES = "published-messages"
    TOKEN = "token"  # noqa: S105 - the name of an operation, not a secret


SEND_OPERATIONS: Final = frozenset({Operation.CONTACT_SOURCE, Operation.CONTACTS, Operation.EXTERNAL_CONSENT})
