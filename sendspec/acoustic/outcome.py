"""What an answer means for the request that was posted: the table of the send protocol, once.

| what happened                                                          | verdict       |
|------------------------------------------------------------------------|---------------|
| no byte left this machine                                              | UNSENT        |
| 2xx with a well-formed id and no error text                            | SENT          |
| the name exists already (contact-source), after an ambiguous attempt   | SENT, no id   |
| the concurrency refusal's text, as 4xx or 503                          | BUSY          |
| 401 in the vendor's envelope                                           | TOKEN_EXPIRED |
| another 4xx in the vendor's envelope, but 408 and 429                  | REFUSED       |
| the same, after an ambiguous attempt                                   | UNKNOWN       |
| anything else                                                          | UNKNOWN       |

Where the documentation leaves room, the side is taken on which nothing is ever sent twice:

- A 2xx other than the documented 201 or 202 is accepted when it brings an id: only an accepted
  request has one. An id beside error texts contradicts itself: unknown.
- The status of the concurrency refusal is not documented, its text names what happened. As a 4xx the
  server says that it did nothing, as 503 that it could do nothing; in another 5xx the same text may
  come from a call that the vendor made half-way through ours: unknown.
- After an ambiguous attempt only `already exists` tells about that attempt. Any other refusal may have
  been decided before the name was looked at, so it leaves the earlier attempt unknown. BUSY,
  TOKEN_EXPIRED and UNSENT speak of this attempt alone, after an ambiguous one too.
- Whoever else had the name before the first attempt makes the vendor say `already exists` as well; no
  call of the API can tell the two apart, and the evidence says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import read_envelope, short
from sendspec.model import IdKind, Outcome, OutcomeReason, Verdict
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.acoustic.envelope import Envelope
    from sendspec.model import Endpoint

BUSY_TEXT: Final = "max number of concurrent"
UNAUTHORIZED: Final = 401
SERVICE_UNAVAILABLE: Final = 503
TRANSIENT: Final = frozenset({408, 429})
"""Refusals that a proxy, or the vendor, may give for a request that it has passed on already."""

_NAME_TAKEN: Final = ("a sms with the name:", "already exists")
_LARGEST_JOB_ID: Final = 2**63 - 1
_LONGEST_TRANSACTION_ID: Final = 256
_NO_SECRETS: Final = Redactor()


class FailureKind(Enum):
    """How far an exchange came that brought no answer."""

    NOT_CONNECTED = auto()
    """DNS, refused, connect timeout, TLS, no free connection: no byte of the request left."""
    BROKEN = auto()
    """Anything after the first byte: timeout, reset, protocol error, an answer that is too large."""


_FAILURES: Final = {
    FailureKind.NOT_CONNECTED: (Verdict.UNSENT, OutcomeReason.NOT_CONNECTED),
    FailureKind.BROKEN: (Verdict.UNKNOWN, OutcomeReason.NO_ANSWER),
}


_NAME_EXISTS: Final = (
    (Verdict.REFUSED, OutcomeReason.REFUSED),
    (Verdict.SENT, OutcomeReason.ACCEPTED_EARLIER),
)
"""The meaning of `already exists`, for a first and for a repeated request."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exchange without an answer; `detail` is what the operating system or the library said."""

    kind: FailureKind
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, headers by lower-case name, the body unpacked."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def judge(
    answer: Answer | Failure, endpoint: Endpoint, *, repeated: bool, redactor: Redactor = _NO_SECRETS
) -> Outcome:
    """Say what `answer` means for a POST to `endpoint`; pure, and raises nothing whatever the bytes.

    `repeated` tells that an earlier attempt of this very POST may have been accepted. The evidence is
    masked by `redactor` and at most 300 characters long.
    """
    if isinstance(answer, Failure):
        verdict, reason = _FAILURES[answer.kind]
        return Outcome(verdict, reason, short(answer.detail, redactor))
    envelope = read_envelope(answer.body)
    if is_success(answer.status):
        return _judge_success(answer, envelope, endpoint, redactor)
    verdict, reason = _judge_error(answer, envelope, endpoint, repeated=repeated)
    return Outcome(verdict, reason, short(described(answer, envelope), redactor))


def is_success(status: int) -> bool:
    """Tell whether a status is a 2xx."""
    return 200 <= status < 300  # noqa: PLR2004 - HTTP's own classes


def is_client_error(status: int) -> bool:
    """Tell whether a status is a 4xx."""
    return 400 <= status < 500  # noqa: PLR2004 - HTTP's own classes


def refuses(answer: Answer, envelope: Envelope) -> bool:
    """Tell whether the vendor itself refused: nothing was accepted, and nothing passed on."""
    definite = is_client_error(answer.status) and answer.status not in TRANSIENT
    return definite and envelope.vendors and envelope.data is None


def says_busy(answer: Answer, envelope: Envelope) -> bool:
    """Tell whether the vendor refused because too many requests were under way; see the module."""
    if not is_client_error(answer.status) and answer.status != SERVICE_UNAVAILABLE:
        return False
    if envelope.data is not None:
        return False
    text = (
        "\n".join(error.text for error in envelope.errors)
        if envelope.vendors
        else answer.body.decode(errors="replace")
    )
    return BUSY_TEXT in text.lower()


def described(answer: Answer, envelope: Envelope) -> str:
    """Return the status and the texts of an answer as evidence, not masked yet."""
    if envelope.errors:
        return f"answered {answer.status}: {'; '.join(map(str, envelope.errors))}"
    if envelope.vendors:
        return f"answered {answer.status}{'' if is_success(answer.status) else ' without a reason'}"
    kind = answer.headers.get("content-type", "no content type")
    return f"answered {answer.status}, not in the vendor's form ({kind}, {len(answer.body):,} bytes)"


def _judge_success(answer: Answer, envelope: Envelope, endpoint: Endpoint, redactor: Redactor) -> Outcome:
    found = envelope.data.get("id") if isinstance(envelope.data, dict) else None
    traits = endpoint.traits
    job_id = _job_id(found) if traits.id_kind is IdKind.JOB else None
    transaction_id = _transaction_id(found) if traits.id_kind is IdKind.TRANSACTION else None
    evidence = short(described(answer, envelope), redactor)
    if job_id is None and transaction_id is None:
        return Outcome(Verdict.UNKNOWN, OutcomeReason.MISSING_ID, evidence)
    if envelope.errors:
        return Outcome(Verdict.UNKNOWN, OutcomeReason.CONTRADICTORY_ANSWER, evidence)
    documented = answer.status == traits.accepted_status
    reason = OutcomeReason.ACCEPTED if documented else OutcomeReason.ACCEPTED_OTHER_STATUS
    return Outcome(Verdict.SENT, reason, f"answered {answer.status}", job_id, transaction_id)


def _judge_error(
    answer: Answer, envelope: Envelope, endpoint: Endpoint, *, repeated: bool
) -> tuple[Verdict, OutcomeReason]:
    refused = refuses(answer, envelope)
    # Before the other texts: the name in it is the user's, and may say anything.
    if refused and endpoint.traits.repeatable and _says_name_taken(envelope):
        return _NAME_EXISTS[repeated]
    if says_busy(answer, envelope):
        return Verdict.BUSY, OutcomeReason.BUSY
    if not refused:
        return Verdict.UNKNOWN, OutcomeReason.UNUSABLE_ANSWER
    if answer.status == UNAUTHORIZED:
        return Verdict.TOKEN_EXPIRED, OutcomeReason.TOKEN_REFUSED
    if repeated:
        return Verdict.UNKNOWN, OutcomeReason.REFUSED_AFTER_UNCLEAR
    return Verdict.REFUSED, OutcomeReason.REFUSED


def _says_name_taken(envelope: Envelope) -> bool:
    texts = (error.text.strip().rstrip(".").lower() for error in envelope.errors)
    return any(text.startswith(_NAME_TAKEN[0]) and text.endswith(_NAME_TAKEN[1]) for text in texts)


def _job_id(found: Any) -> int | None:
    # bool is an int to Python, and JSON writers of the ledger end at 64 bits.
    sound = isinstance(found, int) and not isinstance(found, bool) and 0 < found <= _LARGEST_JOB_ID
    return found if sound else None


def _transaction_id(found: Any) -> str | None:
    # It goes into URLs, terminals and the ledger; isprintable refuses lone surrogates as well.
    if not isinstance(found, str) or not found.strip() or not found.isprintable():
        return None
    return found if len(found) <= _LONGEST_TRANSACTION_ID else None
