"""The review: what a person needs to approve a plan, without the markup of any medium.

All texts in it are plain and untrusted. The writer of each medium makes them inert.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.model import Action, Finding, Plan, RemovedSend
    from sendspec.report.review.send_review import SendReview


class Readiness(StrEnum):
    """Whether a plan may be approved."""

    NOT_READY = "not-ready"
    """A finding of level error blocks the plan, or the only sends that would go out."""
    IN_PART = "in-part"
    """Each finding of level error blocks only its own send, and apply sends the others."""
    NO_LEGAL_HOUR = "no-legal-hour"
    """Nothing is blocked, but no pending send has an hour that is legal for all of its recipients."""
    READY = "ready"
    """Something is sent now or later, and nothing blocks it."""
    NOTHING_TO_SEND = "nothing-to-send"
    """Nothing is sent, and nothing is blocked."""


class FactName(StrEnum):
    """The question of a reviewer that a fact answers."""

    WHO = "who"
    WHEN = "when"
    COST = "cost"
    TWICE = "twice"


class Fact(NamedTuple):
    """An answer to a reviewer: `label` is the question in a word, `note` explains the value."""

    name: FactName
    label: str
    value: str
    note: str = ""


class Verdict(Struct, frozen=True):
    """The first lines of a review.

    `people` counts the different people whom the sends reach now or later, blocked or not, without those of
    contact sources. `headline` has the readiness and the counts. `subject` says what was planned. `facts` has
    one line a question. `errors` are the findings that block, each on its own, and `warnings` those to look
    at.
    """

    readiness: Readiness
    people: int
    headline: str
    subject: str
    facts: tuple[Fact, ...]
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    infos: tuple[Finding, ...]


class Start(NamedTuple):
    """The first instant at which people get a text, aware, in the time zone that a reader expects.

    `is_immediate` means that apply posts it as soon as it runs; `at` is then the time of the plan. `zone` is
    the name of the zone as people say it, such as `New York`. `is_at_vendor` means that the next apply gives
    the job to the vendor, who starts it at `at`. `is_blocked` means that errors keep apply from doing so.
    """

    at: datetime
    zone: str
    is_immediate: bool
    is_at_vendor: bool = False
    is_blocked: bool = False


class Recipient(StrEnum):
    """The recipient whose text is shown."""

    TYPICAL = "typical"
    LONGEST = "longest"
    SHORTEST = "shortest"
    DEFAULTS_ONLY = "defaults-only"
    FLIPPING = "flipping"


_READERS: Final = {
    Recipient.TYPICAL: "a typical recipient",
    Recipient.LONGEST: "the recipient with the most segments",
    Recipient.SHORTEST: "the recipient with the shortest text",
    Recipient.DEFAULTS_ONLY: "a recipient without values of their own",
    Recipient.FLIPPING: "a recipient whose values make the text UCS-2",
}


class CostlyCharacter(NamedTuple):
    """A character of a message that makes it UCS-2; `twin` may replace it in GSM-7, None if nothing does."""

    offset: int
    character: str
    name: str
    twin: str | None


class Message(Struct, frozen=True):
    """The text that one recipient reads; its values are masked if `is_masked`.

    `recipients` are the kinds of recipient that read it. `segment_starts` and `values` are offsets in
    `text`. `source` is the row of the recipient. `notes` are short sentences about its length and cost.
    """

    recipients: tuple[Recipient, ...]
    text: str
    source: str
    length: int
    is_gsm7: bool
    segment_starts: tuple[int, ...]
    values: tuple[tuple[int, int], ...]
    costly: tuple[CostlyCharacter, ...]
    notes: tuple[str, ...]
    is_masked: bool = True

    @property
    def reader(self) -> str:
        """Whose text it is."""
        return ", ".join(_READERS[recipient] for recipient in self.recipients)

    @property
    def encoding(self) -> str:
        """The name of the encoding."""
        return "GSM-7" if self.is_gsm7 else "UCS-2"

    @property
    def parts(self) -> tuple[str, ...]:
        """The text of each segment."""
        ends = (*self.segment_starts[1:], len(self.text))
        return tuple(self.text[start:end] for start, end in zip(self.segment_starts, ends, strict=True))


class Property(NamedTuple):
    """A property of the requests of a send, with what the vendor's lists have about it."""

    name: str
    value: Any
    note: str = ""


class Review(Struct, frozen=True):
    """What a person reads before approving a plan: the verdict first, the details last.

    `sends` are those that go out now or later, or that a person must decide about, in the order in which
    people get them. `removed` are no longer in the specs, but the vendor still has their jobs, or an outcome
    is unknown. `settled` are all others: sent, expired, removed. `notices` are warnings that every medium
    shows. `shows_values` says that messages have real values of recipients.
    """

    plan: Plan
    verdict: Verdict
    sends: tuple[SendReview, ...]
    removed: tuple[RemovedSend, ...]
    settled: tuple[Action, ...]
    notices: tuple[str, ...]
    shows_values: bool = False
