"""The plan: for each address what apply would do, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from sendspec.model.people import People
from sendspec.model.reason_codes import PlanReason

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.legal_hours import HoursAt, ZoneHours
    from sendspec.model.diagnostics import Finding
    from sendspec.model.moves import Move
    from sendspec.model.people import AlsoGet
    from sendspec.model.plan_differences import PlanDifference
    from sendspec.model.pricing import Pricing
    from sendspec.model.records import RequestRecord, SendRecord, VendorJob
    from sendspec.model.sends import AudienceFacts, Send
    from sendspec.model.vendor_catalog import PublishedMessage, SmsProgram


class Sign(StrEnum):
    """The sign of an action: the first character of its line in a plan."""

    SEND = "+"
    RESUME = ">"
    WAITING = "@"
    DONE = "="
    EDITED = "~"
    UNKNOWN = "?"
    BLOCKED = "!"
    EXPIRED = "x"
    REMOVED = "-"


class Change(NamedTuple):
    """A property that differs between the ledger and the specs.

    `recipients` holds counts; equal counts mean other recipients, another order or other values.
    """

    field: str
    sent: Any
    now: Any


class PlannedSend(Struct, frozen=True):
    """What apply would do with a send of the specs, and why.

    `record` is None if the ledger has no such address, `facts` if the vendor keeps the contacts.
    `batches` are the requests that apply would post now, `pending` those that remain, blocked or not.
    `changes` compare with `base_revision` in the ledger. `unknown` are the requests without a known
    outcome, `in_progress` those of them that another run may be sending. `obstacle` is the reason why
    apply cannot repeat an unknown request now. `repeat_from` is the earliest time at which apply repeats
    it, None if immediately. `blocking_rules` are the rules behind `blocked`.
    `at_vendor` are the send jobs of all revisions that the vendor has and will start.
    `hours` are the legal hours of its recipients at the time of the plan, None if apply does not wait for
    any. `limits` are the legal hours of each zone that its recipients may be in, of which `hours` follow,
    for a blocked, waiting or scheduled send too, and in the sandbox; empty if nothing is pending.
    `limits_digest` is the digest of these, None if there are none or apply does not wait for hours.
    `also_get` are the sends that most of its recipients get shortly before it, as far as rules compare
    lists: none if the rule `overlap` is off.
    `moved_from` are the former addresses of the record. `moves` are what apply records about them, before
    it sends anything.
    `program` and `message` are what the vendor's lists have about the ids in the payload, None if nothing.
    """

    sign: Sign
    reason: PlanReason
    send: Send
    facts: AudienceFacts | None = None
    record: SendRecord | None = None
    batches: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    base_revision: int | None = None
    unknown: tuple[RequestRecord, ...] = ()
    in_progress: tuple[RequestRecord, ...] = ()
    blocking_rules: tuple[str, ...] = ()
    obstacle: PlanReason | None = None
    repeat_from: datetime | None = None
    at_vendor: tuple[VendorJob, ...] = ()
    moved_from: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    program: SmsProgram | None = None
    message: PublishedMessage | None = None
    hours: HoursAt | None = None
    limits: frozenset[ZoneHours] = frozenset()
    limits_digest: str | None = None
    also_get: tuple[AlsoGet, ...] = ()

    @property
    def legal_from(self) -> datetime | None:
        """The first legal instant for a send that is due outside the legal hours of its recipients."""
        return self.hours.next_start if self.hours is not None and self.hours.interval is None else None

    @property
    def legal_until(self) -> datetime | None:
        """The end of the legal hours in which apply may post the send now."""
        return self.hours.interval.end if self.hours is not None and self.hours.interval is not None else None

    @property
    def address(self) -> str:
        """The address of the send."""
        return self.send.address

    @property
    def has_contact_source(self) -> bool:
        """Whether only the vendor has its contacts, instead of a list that this machine may lack."""
        return not self.send.endpoint.traits.has_contacts


class RemovedSend(Struct, frozen=True):
    """A send that the ledger has and the specs do not: apply does nothing about it."""

    address: str
    record: SendRecord
    in_progress: tuple[RequestRecord, ...] = ()
    sign: Sign = Sign.REMOVED
    reason: PlanReason = PlanReason.REMOVED
    at_vendor: tuple[VendorJob, ...] = ()


Action = PlannedSend | RemovedSend


class Plan(Struct, frozen=True):
    """What apply would do for one target: frozen, sorted by address, digested if a ledger was read.

    `planned_at` is the instant that the plan was made for, in UTC; the digest covers neither it nor `people`,
    the different people of all pending requests.

    `selection` has the patterns of `--send`; if there are any, `unselected` counts the other sends of
    the specs, which are neither checked nor planned. `matching_groups` are the groups of finished lists
    whose joint digests in the ledger match. `online` means that the vendor's lists were read for it.
    `pricing` has the prices of segments, None if the project has none.
    `difference` compares with the plan of a base, None without one; the digest does not cover it.
    """

    target: str
    account: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    digest: str
    planned_at: datetime
    people: People = field(default_factory=People)
    selection: tuple[str, ...] = ()
    unselected: int = 0
    matching_groups: frozenset[str] = frozenset()
    online: bool = False
    pricing: Pricing | None = None
    difference: PlanDifference | None = None

    @property
    def sends(self) -> tuple[PlannedSend, ...]:
        """The sends of the specs."""
        return tuple(action for action in self.actions if isinstance(action, PlannedSend))

    @property
    def waiting(self) -> tuple[PlannedSend, ...]:
        """The sends that wait for their `notBefore`, or for the legal hours of their recipients."""
        return tuple(send for send in self.sends if send.sign is Sign.WAITING)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves that apply records before it sends anything."""
        return tuple(move for send in self.sends for move in send.moves)

    @property
    def to_send(self) -> tuple[PlannedSend, ...]:
        """The sends of which apply would post a request now."""
        return tuple(send for send in self.sends if send.batches)
