"""What flows between the rooms: frozen data, no behaviour beyond reading itself.

The words are those of the documentation: a *campaign* is one YAML file, a *send* one entry of its
`sends` (several with a matrix), a *request* one HTTP call. `SendSpec` is a send as written, `Send`
a send as rendered for one target.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

CONTACTS_PER_REQUEST: Final = 1000
"""The most contacts one request may carry, as the API documents it."""

NodePath = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something is written: `file` as a person would open it, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Places:
    """The place of every value below one node, by its path of keys and indexes; `keys` has their keys'."""

    root: Place
    by_path: Mapping[NodePath, Place] = field(default_factory=dict)
    keys: Mapping[NodePath, Place] = field(default_factory=dict)

    def of(self, *path: str | int) -> Place:
        """Give the place of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), 0, -1):
            found = self.by_path.get(path[:end])
            if found is not None:
                return found
        return self.root

    def key(self, *path: str | int) -> Place:
        """Give the place of the key that names the value at `path`, or of the nearest value around it."""
        found = self.keys.get(path)
        return self.of(*path) if found is None else found


class Problem(NamedTuple):
    """Something that keeps a file from being understood; sorts by place."""

    place: Place
    message: str
    hint: str | None = None


class Level(StrEnum):
    """How much a finding weighs: an error blocks apply, a warning and an info never do."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about one place; `address` is None where it concerns the whole project."""

    rule: str
    level: Level
    message: str
    place: Place
    address: str | None = None
    hint: str | None = None
    allowed: str | None = None
    """The reason of the `allow` entry that excepts this finding, else None; it then blocks nothing."""


class Endpoint(StrEnum):
    """The three calls that send; the names are sendspec's, the calls the API's."""

    CONTACT_SOURCE = "contact-source"
    CONTACTS = "contacts"
    EXTERNAL_CONSENT = "external-consent"


class Purpose(StrEnum):
    """Why a campaign is sent; the law and the carriers treat the two differently."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class Target:
    """Where sends go: an organisation and its host; `base_url` None is the built-in sandbox."""

    name: str
    base_url: str | None
    ledger: str = "file"
    concurrency: int = 10
    vars: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """What a ledger belongs to: the organisation's host, the same however a run reaches it."""
        if self.base_url is None:
            return "sandbox"
        return self.base_url.partition("://")[2].rstrip("/").lower()

    @property
    def is_real(self) -> bool:
        """Whether its sends can reach people: not the sandbox, nor whatever listens on this machine."""
        if self.base_url is None:
            return False
        host = urlsplit(self.base_url).hostname or ""
        try:
            return not ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What `sendspec.yaml` says of one rule: `level` None keeps the rule's own, `off` silences it."""

    level: Level | None = None
    off: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class SendSpec:
    """One entry of a campaign's `sends` as written: strings are still templates.

    `properties` holds everything but `id`, `endpoint`, `matrix` and `revision`: the API's own
    properties, and sendspec's `contacts`, `notBefore`, `notAfter`, `allow`, `databaseFields`.
    """

    id: str
    endpoint: Endpoint
    revision: int
    matrix: Mapping[str, tuple[str | int | float | bool, ...]]
    properties: Mapping[str, Any]
    places: Places


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign file."""

    name: str
    purpose: Purpose
    vars: Mapping[str, Any]
    sends: tuple[SendSpec, ...]
    file: Path
    place: Place


@dataclass(frozen=True, slots=True)
class Project:
    """A project directory, understood: its targets, its rule settings and its campaigns."""

    directory: Path
    targets: Mapping[str, Target]
    rules: Mapping[str, RuleSetting]
    campaigns: tuple[Campaign, ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A send's exception from a rule: in force up to and including `until` (None: for ever)."""

    rule: str
    reason: str
    until: datetime | None
    place: Place


@dataclass(frozen=True, slots=True)
class InlineContacts:
    """Contacts written in the campaign file, rendered; `places` has one place a contact."""

    contacts: tuple[Mapping[str, Any], ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ContactFile:
    """A CSV file of contacts: `shown` is how messages name it, `place` where the YAML names it.

    `columns` maps the API's contact property (`contactId` or `phoneNumber`) to a header and
    `personalization` to a map of tag → header; None reads the headers themselves as those names.
    """

    path: Path
    shown: str
    columns: Mapping[str, Any] | None
    place: Place


class Contact(NamedTuple):
    """One recipient as read.

    `identity` is what recognises the recipient: the normalised number (digits only), the canonical
    JSON of a lookup, or '' where neither can be had. `given` names the identity properties that are
    present (a sound contact has one), `written` is the number as it stands in the file,
    `personalization` maps tag → value without the empty cells.
    """

    place: Place
    identity: str
    given: tuple[str, ...]
    written: str
    lookup: tuple[Mapping[str, str], ...] | None
    personalization: Mapping[str, str]


class Duplicate(NamedTuple):
    """A contact whose identity came before, at `first`; `conflicting` where the values differ."""

    contact: Contact
    first: Place
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
    places: Places


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


class RequestState(StrEnum):
    """What the ledger knows of one request."""

    INTENT = "intent"
    SENT = "sent"
    NOT_SENT = "not-sent"
    UNKNOWN = "unknown"


class RequestKey(NamedTuple):
    """What makes two requests the same request within one target and account."""

    address: str
    revision: int
    batch: int

    def __str__(self) -> str:
        return f"{self.address}#{self.batch}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the status call said of one transaction; `reasons` counts refusals by masked reason."""

    total: int
    processed: int
    sent: int
    failed: int
    reasons: Mapping[str, int]
    at: str


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request in the ledger; `at` is RFC 3339 in UTC, `evidence` why the state is what it is."""

    batch: int
    state: RequestState
    at: str
    attempts: int = 1
    job_id: int | None = None
    transaction_id: str | None = None
    evidence: str | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    """How many recipients a send was fixed to, and the stretched digest that recognises them."""

    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class SendRecord:
    """One revision of one send in the ledger; `earlier` has the revisions before, newest first."""

    endpoint: Endpoint
    revision: int
    payload: Mapping[str, Any]
    payload_digest: str
    recipients: Recipients | None
    requests: tuple[RequestRecord, ...] = ()
    earlier: tuple[SendRecord, ...] = ()

    @property
    def expected_requests(self) -> int:
        """How many requests the whole send takes."""
        return 1 if self.recipients is None else requests_for(self.recipients.count)

    @property
    def all_requests(self) -> tuple[RequestRecord, ...]:
        """The requests of this and of every earlier revision."""
        return tuple(request for record in (self, *self.earlier) for request in record.requests)


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Everything the ledger knows of one target, by address."""

    target: str
    account: str
    sends: Mapping[str, SendRecord] = field(default_factory=dict)


class Verdict(StrEnum):
    """What an answer, or its absence, means for the request that was posted."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"
    """No byte left this machine: may be tried again in this run."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a verdict, not a secret
    BUSY = "busy"
    """The vendor refused because too many requests were under way."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's verdict, the id it brought, and the masked evidence for it."""

    verdict: Verdict
    evidence: str
    job_id: int | None = None
    transaction_id: str | None = None


class Sign(StrEnum):
    """The first character of a plan's line."""

    SEND = "+"
    RESUME = ">"
    WAITING = "@"
    DONE = "="
    EDITED = "~"
    UNKNOWN = "?"
    BLOCKED = "!"
    PASSED = "x"
    GONE = "-"


class Change(NamedTuple):
    """One property that differs between what the ledger says was sent and what the specs say."""

    field: str
    sent: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Action:
    """What apply would do about one address, and why.

    `batches` are the numbers of the requests that would go out now; `send` is None for what is
    only in the ledger, `record` None for what is only in the specs.
    """

    sign: Sign
    address: str
    send: Send | None
    facts: AudienceFacts | None
    record: SendRecord | None
    batches: tuple[int, ...]
    changes: tuple[Change, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply would do for one target: frozen, sorted by address, digested."""

    target: str
    account: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    digest: str


def requests_for(recipients: int) -> int:
    """Give how many requests a number of recipients takes."""
    return -(-recipients // CONTACTS_PER_REQUEST)
