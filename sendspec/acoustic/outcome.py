"""The meaning of an answer for the request that was posted: the decision table of the send protocol.

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

If the documentation is unclear, the table chooses the side on which nothing is ever sent twice:

- A 2xx other than the documented 201 or 202 counts as accepted if it brings an id, because only an
  accepted request has one. An id beside error texts is a contradiction, so it counts as unknown.
- The status of the concurrency refusal is not documented, but its text names the cause. A 4xx says that
  the server did nothing, and 503 that it could do nothing. Another 5xx with the same text may come from
  a call that the vendor made while it processed ours, so it counts as unknown.
- After an ambiguous attempt only `already exists` says something about that attempt. The vendor may
  decide any other refusal before it checks the name, so the earlier attempt stays unknown. BUSY,
  TOKEN_EXPIRED and UNSENT describe one attempt alone, after an ambiguous one too.
- The vendor also answers `already exists` if the name was in use before the first attempt. The API has
  no call that distinguishes the two, so the reason ACCEPTED_EARLIER admits the doubt.
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
"""Refusals that a proxy, or the vendor, may send for a request that it has already passed on."""

_NAME_EXISTS_TEXT: Final = ("a sms with the name:", "already exists")
_LARGEST_JOB_ID: Final = 2**63 - 1
_LONGEST_TRANSACTION_ID: Final = 256
_NO_SECRETS: Final = Redactor()


class FailureKind(Enum):
    """How far an exchange got that ended without an answer."""

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
    """An exchange without an answer; `detail` quotes the operating system or the library."""

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
    """Return the outcome of a POST to `endpoint`; pure, raises nothing for any bytes.

    `repeated` means that an earlier attempt of the same POST may have been accepted. `redactor` masks
    the evidence, which has at most 300 characters.
    """
    if isinstance(answer, Failure):
        verdict, reason = _FAILURES[answer.kind]
        return Outcome(verdict, reason, short(answer.detail, redactor))
    envelope = read_envelope(answer.body)
    if is_success(answer.status):
        return _judge_success(answer, envelope, endpoint, redactor)
    verdict, reason = _judge_error(answer, envelope, endpoint, repeated=repeated)
    return Outcome(verdict, reason, short(answer_evidence(answer, envelope), redactor))


def is_success(status: int) -> bool:
    """Return whether a status is a 2xx."""
    return 200 <= status < 300  # noqa: PLR2004 - HTTP's own classes


def is_client_error(status: int) -> bool:
    """Return whether a status is a 4xx."""
    return 400 <= status < 500  # noqa: PLR2004 - HTTP's own classes


def is_vendor_refusal(answer: Answer, envelope: Envelope) -> bool:
    """Return whether the vendor itself refused, so that nothing was accepted or passed on."""
    definite = is_client_error(answer.status) and answer.status not in TRANSIENT
    return definite and envelope.vendors and envelope.data is None


def is_concurrency_refusal(answer: Answer, envelope: Envelope) -> bool:
    """Return whether the vendor refused because too many requests ran in parallel; see the module."""
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


def answer_evidence(answer: Answer, envelope: Envelope) -> str:
    """Return the status and the texts of an answer as evidence, not masked yet."""
    if envelope.errors:
        return f"answered {answer.status}: {'; '.join(map(str, envelope.errors))}"
    if envelope.vendors:
        return f"answered {answer.status}{'' if is_success(answer.status) else ' without a reason'}"
    kind = answer.headers.get("content-type", "no content type")
    return f"answered {answer.status}, not in the vendor's form ({kind}, {len(answer.body):,} bytes)"


def _judge_success(answer: Answer, envelope: Envelope, endpoint: Endpoint, redactor: Redactor) -> Outcome:
    value = envelope.data.get("id") if isinstance(envelope.data, dict) else None
    traits = endpoint.traits
    job_id = _job_id(value) if traits.id_kind is IdKind.JOB else None
    transaction_id = _transaction_id(value) if traits.id_kind is IdKind.TRANSACTION else None
    evidence = short(answer_evidence(answer, envelope), redactor)
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
    refused = is_vendor_refusal(answer, envelope)
    # This check comes first, because the name in the text is the user's and may contain the others.
    if refused and endpoint.traits.repeatable and _says_name_exists(envelope):
        return _NAME_EXISTS[repeated]
    if is_concurrency_refusal(answer, envelope):
        return Verdict.BUSY, OutcomeReason.BUSY
    if not refused:
        return Verdict.UNKNOWN, OutcomeReason.UNUSABLE_ANSWER
    if answer.status == UNAUTHORIZED:
        return Verdict.TOKEN_EXPIRED, OutcomeReason.TOKEN_REFUSED
    if repeated:
        return Verdict.UNKNOWN, OutcomeReason.REFUSED_AFTER_UNCLEAR
    return Verdict.REFUSED, OutcomeReason.REFUSED


def _says_name_exists(envelope: Envelope) -> bool:
    texts = (error.text.strip().rstrip(".").lower() for error in envelope.errors)
    return any(
        text.startswith(_NAME_EXISTS_TEXT[0]) and text.endswith(_NAME_EXISTS_TEXT[1]) for text in texts
    )


def _job_id(value: Any) -> int | None:
    # A bool is an int in Python, and the JSON writer of the ledger stops at 64 bits.
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_JOB_ID
    return value if valid else None


def _transaction_id(value: Any) -> str | None:
    # The id goes into URLs, terminals and the ledger, so it must be printable.
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return None
    return value if len(value) <= _LONGEST_TRANSACTION_ID else None
