"""Sends as rendered for one target, and the people they go to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sendspec.model.endpoints import Endpoint
    from sendspec.model.locations import Location, Locations
    from sendspec.model.specs import Purpose


@dataclass(frozen=True, slots=True)
class Allowance:
    """A send's exception from a rule: in force up to and including `until` (None: for ever)."""

    rule: str
    reason: str
    until: datetime | None
    location: Location


@dataclass(frozen=True, slots=True)
class InlineContacts:
    """Contacts written in the campaign file, rendered; `locations` has one place a contact."""

    contacts: tuple[Mapping[str, Any], ...]
    locations: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class ContactFile:
    """A CSV file of contacts: `shown` is how messages name it, `location` where the YAML names it.

    `columns` maps the API's contact property (`contactId` or `phoneNumber`) to a header and
    `personalization` to a map of tag → header; None reads the headers themselves as those names.
    """

    path: Path
    shown: str
    columns: Mapping[str, Any] | None
    location: Location


class Contact(NamedTuple):
    """One recipient as read.

    `identity` is what recognises the recipient: the normalised number (digits only), the canonical
    JSON of a lookup, or '' where neither can be had. `given` names the identity properties that are
    present (a sound contact has one), `written` is the number as it stands in the file,
    `personalization` maps tag → value without the empty cells.
    """

    location: Location
    identity: str
    given: tuple[str, ...]
    written: str
    lookup: tuple[Mapping[str, str], ...] | None
    personalization: Mapping[str, str]


class Duplicate(NamedTuple):
    """A contact whose identity came before, at `first`; `conflicting` where the values differ."""

    contact: Contact
    first: Location
    conflicting: bool


@dataclass(frozen=True, slots=True)
class Send:
    """One send, rendered for one target.

    `payload` holds the API's properties of the send without its contacts (and, for contact-source,
    with `publishedMessageId`, which travels in the path); it is what the plan shows and diffs.
    """

    address: str
    campaign: str
    purpose: Purpose
    endpoint: Endpoint
    revision: int
    payload: Mapping[str, Any]
    payload_digest: str
    contacts: InlineContacts | ContactFile | None
    database_fields: frozenset[str]
    not_before: datetime | None
    not_after: datetime | None
    allow: tuple[Allowance, ...]
    locations: Locations


@dataclass(frozen=True, slots=True)
class AudienceFacts:
    """What one pass over the contacts of a send found.

    `rows` counts contacts as read, `count` recipients after duplicates; `batch_digests` has one
    SHA-256 a request over its exact contacts; `batch_segments` the number of SMS parts of each
    request over all its recipients, None where the text is not known here (`contentId`).
    """

    rows: int
    count: int
    batch_digests: tuple[bytes, ...]
    batch_segments: tuple[int, ...] | None

    @property
    def segments(self) -> int | None:
        """SMS parts over all recipients."""
        return None if self.batch_segments is None else sum(self.batch_segments)

    @property
    def digest(self) -> str:
        """SHA-256 over all recipients in order: personal data in effect, never print or store it."""
        return hashlib.sha256(b"".join(self.batch_digests)).hexdigest()
