"""What apply would do: the plan and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sendspec.model.diagnostics import Finding
    from sendspec.model.records import RequestRecord, SendRecord
    from sendspec.model.sends import AudienceFacts, Send


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
    """One property that differs between what the ledger says was sent and what the specs say.

    `recipients` has counts; two that are equal mean other people, another order or other values.
    """

    field: str
    sent: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Action:
    """What apply would do about one address, and why.

    `batches` are the numbers of the requests that would go out now; `send` is None for what is
    only in the ledger, `record` None for what is only in the specs. `pending` are the requests that
    are still to go out, also while something holds them back; `against` is the revision that
    `changes` compares with; `in_progress` are open requests that a run may be sending right now.
    """

    sign: Sign
    address: str
    send: Send | None
    facts: AudienceFacts | None
    record: SendRecord | None
    batches: tuple[int, ...]
    changes: tuple[Change, ...]
    why: str
    pending: tuple[int, ...] = ()
    against: int | None = None
    in_progress: tuple[RequestRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply would do for one target: frozen, sorted by address, digested."""

    target: str
    account: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    digest: str
