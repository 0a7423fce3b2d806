"""Stable reason codes: why a send has its place in the plan, and why a request has its state.

The core decides with these; `sendspec.report.phrases` has a sentence for each. The values are part
of the JSON formats and of the ledger, so they never change their meaning.
"""

from __future__ import annotations

from enum import StrEnum


class PlanReason(StrEnum):
    """Why apply would, or would not, send."""

    NEW = "new"
    NEW_REVISION = "new-revision"
    """Earlier revisions were sent: the recipients get another message."""
    RESUMED = "resumed"
    """An earlier run sent a part."""
    ALREADY_SENT = "already-sent"
    TOO_EARLY = "too-early"
    """`notBefore` is in the future."""
    EXPIRED = "expired"
    """`notAfter` is in the past."""
    BLOCKED = "blocked"
    """Findings of level error block the send."""
    EDITED = "edited"
    RECIPIENTS_CHANGED = "recipients-changed"
    REVISION_LOWERED = "revision-lowered"
    OUTCOME_UNKNOWN = "outcome-unknown"
    IN_PROGRESS = "in-progress"
    """Another run may be sending the open requests."""
    REMOVED = "removed"
    """The ledger has the send, the specs do not."""


class OutcomeReason(StrEnum):
    """Why a request has its state."""

    ACCEPTED = "accepted"
    ACCEPTED_OTHER_STATUS = "accepted-other-status"
    """A 2xx with an id, but not the documented status."""
    ACCEPTED_EARLIER = "accepted-earlier"
    """A repeated request was refused because its name exists: an earlier attempt was accepted."""
    REFUSED = "refused"
    REFUSED_AFTER_UNCLEAR = "refused-after-unclear"
    """A repeated request was refused, which does not settle the earlier attempt."""
    NOT_CONNECTED = "not-connected"
    """No byte of the request left this machine."""
    TOKEN_UNAVAILABLE = "token-unavailable"  # noqa: S105 - a code, not a secret
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - a code, not a secret
    CREDENTIALS_REFUSED = "credentials-refused"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    """The exchange broke after the first byte."""
    UNUSABLE_ANSWER = "unusable-answer"
    """An answer that proves neither acceptance nor refusal."""
    MISSING_ID = "missing-id"
    CONTRADICTORY_ANSWER = "contradictory-answer"
    """A 2xx with an id and error texts."""
    CONTACTS_CHANGED = "contacts-changed"
    INTERNAL_ERROR = "internal-error"
    RUN_STOPPED = "run-stopped"
    EARLIER_REQUEST_FAILED = "earlier-request-failed"
    EXPIRED = "expired"
    INTENT_TOO_OLD = "intent-too-old"
    TAKEN_OVER = "taken-over"
    """Another run considered this one lost and repeated the request."""
    RUN_LOST = "run-lost"
    """The run that recorded the intent ended without recording an outcome."""
    RUN_ENDED = "run-ended"
    """This run ended before the answer came."""
    NOT_POSTED = "not-posted"
    """This run ended before it posted the request."""
    STATED = "stated"
    """A person said what happened; the evidence holds their words."""


class SettledBy(StrEnum):
    """Who settled a request."""

    RUN = "run"
    PERSON = "person"
    LOG = "log"


class StatusReason(StrEnum):
    """Why the status of a transaction is known, or not."""

    SETTLED = "settled"
    """The vendor has processed every contact."""
    PROCESSING = "processing"
    NOT_FOUND_YET = "not-found-yet"
    """The vendor does not know the transaction yet, or never will: it gives both one answer."""
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    """The vendor refuses to answer, however often it is asked."""
    NOT_QUERIED = "not-queried"
