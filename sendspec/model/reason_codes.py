"""Stable reason codes: why a send has its sign, a request its state, and a transaction its status.

The core decides with these; `sendspec.report` and `sendspec.record_phrases` have the sentences. The
values are part of the JSON formats and of the ledger, so their meaning never changes.
"""

from __future__ import annotations

from enum import StrEnum


class PlanReason(StrEnum):
    """Why apply would send, or would not."""

    NEW = "new"
    """No request of this revision, and no earlier revision, was sent."""
    NEW_REVISION = "new-revision"
    """An earlier revision was sent, so its recipients get another message."""
    RESUMED = "resumed"
    """An earlier run sent a part; apply sends the rest."""
    REPEATED = "repeated"
    """Apply repeats a request of unknown outcome, because the vendor refuses a second job of its name."""
    ALREADY_SENT = "already-sent"
    """The vendor accepted every request."""
    TOO_EARLY = "too-early"
    """`notBefore` is in the future."""
    EXPIRED = "expired"
    """`notAfter` is in the past."""
    BLOCKED = "blocked"
    """Findings of level error block the send."""
    EDITED = "edited"
    """The specs differ from what was sent, and the revision was not raised."""
    RECIPIENTS_CHANGED = "recipients-changed"
    """Only the recipients differ from those of the accepted requests."""
    REVISION_LOWERED = "revision-lowered"
    """The ledger has a higher revision than the specs."""
    OUTCOME_UNKNOWN = "outcome-unknown"
    """It is not known whether the vendor accepted a request; a person must settle it."""
    IN_PROGRESS = "in-progress"
    """Another run may be sending every request of unknown outcome."""
    REMOVED = "removed"
    """The ledger has the send, and the specs do not."""


class OutcomeReason(StrEnum):
    """Why a request has its state."""

    ACCEPTED = "accepted"
    """The documented status with a usable id."""
    ACCEPTED_OTHER_STATUS = "accepted-other-status"
    """A 2xx with an id, but not the documented status."""
    ACCEPTED_EARLIER = "accepted-earlier"
    """The vendor refused a repeated request because its name exists: an earlier attempt was accepted."""
    REFUSED = "refused"
    """The vendor refused the request."""
    REFUSED_AFTER_UNCLEAR = "refused-after-unclear"
    """The vendor refused a repeated request, which does not settle the earlier attempt."""
    NOT_CONNECTED = "not-connected"
    """No byte of the request left this machine."""
    TOKEN_UNAVAILABLE = "token-unavailable"  # noqa: S105 - a code, not a secret
    """The vendor granted no access token, so the request was not posted."""
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - a code, not a secret
    """The vendor refused the access token of the request."""
    CREDENTIALS_REFUSED = "credentials-refused"
    """The vendor refused the credentials, so the request was not posted."""
    BUSY = "busy"
    """The vendor refused the request because too many were in progress."""
    NO_ANSWER = "no-answer"
    """The exchange broke after the first byte."""
    UNUSABLE_ANSWER = "unusable-answer"
    """An answer that proves neither acceptance nor refusal."""
    MISSING_ID = "missing-id"
    """A 2xx without a usable id."""
    CONTRADICTORY_ANSWER = "contradictory-answer"
    """A 2xx with an id and error texts."""
    OTHER_REQUEST = "other-request"
    """The answer has the name or the id of another request."""
    CONTACTS_CHANGED = "contacts-changed"
    """The contacts are no longer those of the plan, so the request was not posted."""
    INTERNAL_ERROR = "internal-error"
    """An unexpected exception in sendspec."""
    RUN_STOPPED = "run-stopped"
    """The run was stopped before it posted the request."""
    EARLIER_REQUEST_FAILED = "earlier-request-failed"
    """An earlier request of the send was refused or is unknown, so this one was not posted."""
    EXPIRED = "expired"
    """The window of the send expired before the request was posted."""
    INTENT_TOO_OLD = "intent-too-old"
    """The request waited so long that another run may consider this run lost."""
    TOO_LATE = "too-late"
    """The request was ready only after the last instant at which its first byte may leave."""
    TAKEN_OVER = "taken-over"
    """Another run considered this one lost and repeated the request."""
    RUN_LOST = "run-lost"
    """The run that recorded the intent ended without recording an outcome."""
    RUN_ENDED = "run-ended"
    """This run ended before the answer came."""
    NOT_POSTED = "not-posted"
    """This run ended before it posted the request."""
    STATED = "stated"
    """A person stated the outcome; the evidence quotes them."""


class SettledBy(StrEnum):
    """The source of the state of a request."""

    RUN = "run"
    """The run that posted it."""
    PERSON = "person"
    """A person, with `sendspec resolve`."""
    LOG = "log"
    """The log of a run."""


class StatusReason(StrEnum):
    """Why the status of a transaction is known, or is not."""

    SETTLED = "settled"
    """The vendor has processed every contact."""
    PROCESSING = "processing"
    """The vendor has not processed every contact yet."""
    NOT_FOUND_YET = "not-found-yet"
    """The vendor does not know the transaction yet, or never will; its answer is the same."""
    BUSY = "busy"
    """The vendor refused the query because too many calls were in progress."""
    UNAVAILABLE = "unavailable"
    """The vendor did not answer, or a later query may succeed."""
    REFUSED = "refused"
    """The vendor refused the query for good."""
    NOT_QUERIED = "not-queried"
    """The vendor was not queried, and the ledger has no status."""
