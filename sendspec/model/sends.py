"""Sends as rendered for one target, and their contacts."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from msgspec import Struct, field

from sendspec.model.number_facts import NumberFacts
from sendspec.model.zone_facts import ZoneFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from io import RawIOBase
    from pathlib import Path

    from sendspec.model.contact_facts import LongTexts, MissingValue, Repetitions
    from sendspec.model.diagnostics import Problem
    from sendspec.model.locations import Location, Locations
    from sendspec.model.number_facts import Occurrences
    from sendspec.model.send_endpoints import Endpoint
    from sendspec.model.specs import CampaignNotes, Purpose
    from sendspec.model.text_defects import ValueDefect
    from sendspec.model.text_facts import TextFacts


class Allowance(Struct, frozen=True):
    """A send's exception from a rule, valid until and including `until`, or always if None."""

    rule: str
    reason: str
    until: datetime | None
    location: Location


class Audience(Struct, frozen=True):
    """What a send declares about its recipients.

    `countries` are ISO codes and `timezones` IANA names, none if any may occur: each recipient is in one
    of them. `size` is the number of recipients of a contact source, None if it is not declared.
    """

    countries: tuple[str, ...] = ()
    timezones: tuple[str, ...] = ()
    size: int | None = None


class ExpectedRecipients(Struct, frozen=True):
    """The number of recipients that a person expects, and the largest difference from it in recipients."""

    recipients: int
    difference_max: int = 0


class InlineContacts(Struct, frozen=True):
    """Contacts written in the campaign file, rendered; `locations` has one location per contact."""

    contacts: tuple[Mapping[str, Any], ...]
    locations: tuple[Location, ...]


class ReadObserver(Protocol):
    """Receives how much of a list was read, for the progress of a scan."""

    def on_read(self, count: int) -> None:
        """Receive the number of bytes that were read from the disk, of a compressed file too."""
        ...

    def on_rows(self, count: int) -> None:
        """Receive the number of rows that were read of a query, whose size is not known."""
        ...


class OutsideList(Struct, frozen=True):
    """A list outside of the repository, as the specs name it, below the directory of such lists.

    `name` is its path in that directory, `sha256` the digest of the file as stored, in lower case, and
    `location` where the YAML has the digest. `is_absent` means that this machine does not have the list.
    """

    name: str
    sha256: str
    location: Location
    is_absent: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ContactFile:
    """A file of contacts: `shown` is its name in messages, `location` is where the YAML names it.

    `columns` maps the API's contact property (`contactId` or `phoneNumber`) to a header and
    `personalization` to a map of tag → header. If it is None, the headers are those names themselves.
    `may_be_empty` accepts a header without contacts. `observer` receives each read. `content` opens a list
    that is not read at `path`, which only identifies it then. `outside` is None for a list of the project.
    """

    path: Path
    shown: str
    columns: Mapping[str, Any] | None
    location: Location
    may_be_empty: bool = False
    observer: ReadObserver | None = dataclasses.field(default=None, compare=False, repr=False)
    content: Callable[[], RawIOBase] | None = dataclasses.field(default=None, compare=False, repr=False)
    outside: OutsideList | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What identifies the contents: the path, and the digest that the specs name."""
        return (str(self.path), None if self.outside is None else self.outside.sha256)

    @property
    def name(self) -> str:
        """The name in the specs of a list outside of the repository, else that in messages."""
        return self.shown if self.outside is None else self.outside.name

    @property
    def is_absent(self) -> bool:
        """Whether this machine does not have the list; to read it raises SpecError."""
        return self.outside is not None and self.outside.is_absent


@dataclasses.dataclass(frozen=True, slots=True)
class ContactQuery:
    """A query whose rows are contacts: `sql` is its text, `connection` the name of where it runs.

    `shown` is its name in messages, `columns` is as in ContactFile, `location` is that of the query in
    the YAML. `observer` receives the rows.
    """

    connection: str
    sql: str
    shown: str
    columns: Mapping[str, Any] | None
    location: Location
    may_be_empty: bool = False
    observer: ReadObserver | None = dataclasses.field(default=None, compare=False, repr=False)


ContactList = ContactFile | ContactQuery
"""A list of contacts that is read in blocks."""


class UnusableContacts(Struct, frozen=True):
    """Contacts whose file, or an exclude list, cannot be used; only a finished send does not need them."""

    problems: tuple[Problem, ...]


class Contact(NamedTuple):
    """One recipient as read.

    `identity` identifies the recipient: the normalised number (digits only) or the canonical JSON of a
    lookup. It is '' if the contact is refused, because it has no usable identity. `given` names the
    identity properties that are present (a valid contact has one), `written` is the number as written
    in the file, and `personalization` maps tag → value without the empty cells. `timezone` is the time
    zone as written, '' if there is none; no request contains it.
    """

    location: Location
    identity: str
    given: tuple[str, ...]
    written: str
    lookup: tuple[Mapping[str, str], ...] | None
    personalization: Mapping[str, str]
    timezone: str = ""


class Send(Struct, frozen=True):
    """One send, rendered for one target.

    `payload` holds the API's properties of the send without its contacts (and, for contact-source,
    with `publishedMessageId`, which is in the path). The plan shows and compares it. `exclude` has the
    lists of project, campaign and send, each once. `compact_content` is `content` without the line breaks
    that only block style and template statements add, None if it has none of these.
    `axes` are the names of the matrix axes in alphabetical order, which is the order of their values in
    the address. `formerly` has the addresses that the send had before it was renamed. `expected` is None if
    a person did not state how many recipients the send has.
    """

    address: str
    campaign: str
    purpose: Purpose
    endpoint: Endpoint
    revision: int
    payload: Mapping[str, Any]
    payload_digest: str
    contacts: InlineContacts | ContactFile | ContactQuery | UnusableContacts | None
    database_fields: frozenset[str]
    not_before: datetime | None
    not_after: datetime | None
    allow: tuple[Allowance, ...]
    locations: Locations
    notes: CampaignNotes | None = None
    audience: Audience = field(default_factory=Audience)
    exclude: tuple[ContactFile, ...] = ()
    compact_content: str | None = None
    axes: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    expected: ExpectedRecipients | None = None

    @property
    def files(self) -> tuple[ContactFile, ...]:
        """The contact file, if it has one, and the exclude lists."""
        return (*((self.contacts,) if isinstance(self.contacts, ContactFile) else ()), *self.exclude)

    @property
    def has_outside_lists(self) -> bool:
        """Whether a list of it is outside of the repository, so that it need not stay after it was sent."""
        return any(file.outside is not None for file in self.files)

    @property
    def absent_lists(self) -> tuple[ContactFile, ...]:
        """The lists that decide about its recipients and that this machine does not have."""
        if not self.endpoint.traits.has_contacts:
            return ()  # The lists have no effect.
        return tuple(file for file in self.files if file.is_absent)

    @property
    def inline_text(self) -> str | None:
        """The text in `content`, or None if the vendor has it: `contentId` wins over `content`."""
        content = self.payload.get("content")
        return content if isinstance(content, str) and not self.payload.get("contentId") else None


class ExcludeFacts(Struct, frozen=True):
    """What an exclude list did to the contacts of one send.

    `removed` counts the contacts that it removed, without those that an earlier list removed. Of these,
    `removed_nationally` have a number that the list has only without its country code. `numbers` counts the
    numbers of the list, and `survey` has the facts about them. `without_number` are its rows without one, and
    `hiding` those with a cell whose later lines have digits like other rows.
    """

    file: ContactFile
    removed: int
    numbers: int
    survey: NumberFacts
    without_number: Occurrences | None = None
    hiding: Occurrences | None = None
    removed_nationally: int = 0


class FileDate(Struct, frozen=True):
    """The date of a file: that of its last commit, or of its last change on this disk.

    With `is_limit` the date is only the latest possible one, because older commits are not in the clone.
    """

    at: datetime
    is_commit: bool
    is_limit: bool = False


class AudienceFacts(Struct, frozen=True):
    """Facts of one scan over the contacts of a send.

    `count` is the number of recipients. `duplicates` counts the contacts that repeat a recipient,
    `refused` those without a usable identity, which sendspec never sends. `excluded` has the counts of
    each exclude list, `lookups` the recipients without a number, which no list can have. `batch_digests`
    has the SHA-256 of the exact contacts of each request, `batch_segments` the number of SMS segments of
    each request over all its recipients, None if only the vendor has the text (`contentId`).
    `compact_segments` is their sum for the send's `compact_content`, None if it has none.
    `numbers` has the facts about phone numbers.
    `value_defects` has the defects of values by kind. `similar_lookups` are the lookups that
    differ from an earlier one only in notation.
    `repeated` and `conflicting` are the duplicates with the same and with other values, None if there are
    none or if the scan did not compare them. `without_identity` and `several_identities` are refused.
    `missing_values` has the tags of the text that some recipients have no value for, and `too_long` the
    filled texts that the API does not accept; `too_long_ucs2` those too long for text outside GSM-7.
    `zones` has the candidate time zones.
    `text` has the facts about the text, None if only the vendor has it.
    `area_codes` counts the recipients by the area codes of states with hours of their own.

    Of a finished send, only the facts about recipients and their numbers are there; those about texts,
    values and time zones are empty, because people have read them.
    """

    count: int
    batch_digests: tuple[bytes, ...]
    batch_segments: tuple[int, ...] | None
    duplicates: int = 0
    refused: int = 0
    numbers: NumberFacts = field(default_factory=NumberFacts)
    excluded: tuple[ExcludeFacts, ...] = ()
    lookups: int = 0
    compact_segments: int | None = None
    value_defects: tuple[ValueDefect, ...] = ()
    similar_lookups: Occurrences | None = None
    repeated: Repetitions | None = None
    conflicting: Repetitions | None = None
    without_identity: Occurrences | None = None
    several_identities: Occurrences | None = None
    missing_values: tuple[MissingValue, ...] = ()
    area_codes: Mapping[str, int] = field(default_factory=dict)
    too_long: LongTexts | None = None
    too_long_ucs2: LongTexts | None = None
    zones: ZoneFacts = field(default_factory=ZoneFacts)
    text: TextFacts | None = None

    @property
    def rows(self) -> int:
        """Contacts as read: each is a recipient, a duplicate, refused or excluded."""
        return self.count + self.duplicates + self.refused + self.excluded_count

    @property
    def excluded_count(self) -> int:
        """Contacts that the exclude lists removed."""
        return sum(facts.removed for facts in self.excluded)

    @property
    def segments(self) -> int | None:
        """SMS segments over all recipients."""
        return None if self.batch_segments is None else sum(self.batch_segments)

    @property
    def digest(self) -> str:
        """SHA-256 over all recipients in order; never print or store it, because it reveals short lists."""
        return hashlib.sha256(b"".join(self.batch_digests)).hexdigest()
