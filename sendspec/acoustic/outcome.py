"""The meaning of an answer for the request that was posted: the decision table of the send protocol.

| what happened                                                          | verdict       |
|------------------------------------------------------------------------|---------------|
| no byte left this machine                                              | UNSENT        |
| 2xx with a well-formed id and no error text                            | SENT          |
| a definite refusal:                                                    |               |
| - another request's name exists already                                | UNKNOWN       |
| - our name exists already (contact-source), after an ambiguous attempt | SENT, no id   |
| - the concurrency refusal                                              | BUSY          |
| - 401                                                                  | TOKEN_EXPIRED |
| - anything else, after an ambiguous attempt                            | UNKNOWN       |
| - anything else                                                        | REFUSED       |
| anything else                                                          | UNKNOWN       |

A refusal is definite if it is a 4xx in the vendor's envelope, without data. 408, 409, 425, 429 and 499
are not definite: a proxy or the vendor may answer them for a request that was already passed on.

If the documentation is unclear, the table chooses the side on which nothing is ever sent twice:

- A 2xx other than the documented 201 or 202 counts as accepted if it brings an id, because only an
  accepted request has one. An id beside error texts is a contradiction, so it counts as unknown.
- The concurrency refusal is known by its text alone, so the text must be a whole sentence of a definite
  refusal, and not a text of our own body that the vendor repeats.
- An answer about another name belongs to another request, so it says nothing about ours.
- After an ambiguous attempt only `already exists` says something about that attempt. The vendor may
  decide any other refusal before it checks the name, so the earlier attempt stays unknown. BUSY,
  TOKEN_EXPIRED and UNSENT describe one attempt alone, after an ambiguous one too.
- The vendor also answers `already exists` if the name was in use before the first attempt. The API has
  no call that distinguishes the two, so the reason ACCEPTED_EARLIER admits the doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.acoustic.answer_context import PostedBody, fold
from sendspec.acoustic.envelope import EVIDENCE_CHARACTERS, read_envelope, short
from sendspec.model import IdKind, Outcome, OutcomeReason, Verdict, read_job_id, read_transaction_id
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.acoustic.envelope import Envelope, Mask
    from sendspec.model import Endpoint

UNAUTHORIZED: Final = 401
TRANSIENT: Final = frozenset({408, 409, 425, 429, 499})
"""Refusals that a proxy, or the vendor, may send for a request that it has already passed on."""

_BUSY_TEXT: Final = "max number of concurrent"
_BUSY_SENTENCE: Final = re.compile(
    rf"[a-z ]{{0,60}}{_BUSY_TEXT}(?: [a-z]+){{1,6}}(?:[ :(]{{1,2}}\d{{1,3}}\)?)?(?: [a-z]+){{0,6}}\.?"
)
"""The whole folded text of the concurrency refusal; its exact words vary and are not documented."""

_NAME_EXISTS: Final = re.compile(r"a sms with the name:(?P<name>.*)already exists\.?", re.DOTALL)
_NO_SECRETS: Final = Redactor()
_EMPTY_BODY: Final = PostedBody()


class FailureKind(Enum):
    """How far an exchange got that ended without an answer."""

    NOT_CONNECTED = auto()
    """DNS, refused, connect timeout, TLS, no free connection: no byte of the request left."""
    TOO_LATE = auto()
    """The latest instant for the first byte passed before it left."""
    BROKEN = auto()
    """Anything after the first byte: timeout, reset, protocol error, an answer that is too large."""


_FAILURES: Final = {
    FailureKind.NOT_CONNECTED: (Verdict.UNSENT, OutcomeReason.NOT_CONNECTED),
    FailureKind.TOO_LATE: (Verdict.UNSENT, OutcomeReason.TOO_LATE),
    FailureKind.BROKEN: (Verdict.UNKNOWN, OutcomeReason.NO_ANSWER),
}


_OWN_NAME_EXISTS: Final = (
    (Verdict.REFUSED, OutcomeReason.REFUSED),
    (Verdict.SENT, OutcomeReason.ACCEPTED_EARLIER),
)
"""The meaning of `already exists`, for a first and for a repeated request."""


class Failure(Struct, frozen=True):
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
    answer: Answer | Failure,
    endpoint: Endpoint,
    *,
    repeated: bool,
    redactor: Redactor = _NO_SECRETS,
    body: PostedBody = _EMPTY_BODY,
) -> Outcome:
    """Return the outcome of a POST of `body` to `endpoint`; pure, raises nothing for any bytes.

    `repeated` means that an earlier attempt of the same POST may have been accepted. The evidence has at
    most 300 characters; `redactor` masks it, together with the contacts of `body`.
    """

    def mask(text: str) -> str:
        return redactor.foreign(text, body.personal, body.public_ids)

    if isinstance(answer, Failure):
        verdict, reason = _FAILURES[answer.kind]
        return Outcome(verdict, reason, short(answer.detail, mask))
    envelope = read_envelope(answer.body)
    evidence = answer_evidence(answer, envelope, mask)
    if is_success(answer.status):
        return _judge_success(answer, envelope, endpoint, evidence)
    verdict, reason = _judge_error(answer, envelope, endpoint, body, repeated=repeated)
    return Outcome(verdict, reason, evidence)


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


def is_concurrency_refusal(answer: Answer, envelope: Envelope, body: PostedBody = _EMPTY_BODY) -> bool:
    """Return whether the vendor refused because too many requests ran in parallel; see the module."""
    texts = [fold(error.text) for error in envelope.errors]
    says_busy = bool(texts) and all(_BUSY_SENTENCE.fullmatch(text) for text in texts)
    return says_busy and is_vendor_refusal(answer, envelope) and not body.contains(_BUSY_TEXT)


def answer_evidence(answer: Answer, envelope: Envelope, mask: Mask) -> str:
    """Return the status and the masked texts of an answer as evidence."""
    start = f"answered {answer.status}"
    if envelope.errors:
        texts = "; ".join(map(str, envelope.errors))
        return f"{start}: {short(texts, mask, EVIDENCE_CHARACTERS - len(start) - 2)}"
    if envelope.vendors:
        return f"{start}{'' if is_success(answer.status) else ' without a reason'}"
    kind = short(answer.headers.get("content-type", "no content type"), mask, EVIDENCE_CHARACTERS // 2)
    return f"{start}, not in the vendor's form ({kind}, {len(answer.body):,} bytes)"


def _judge_success(answer: Answer, envelope: Envelope, endpoint: Endpoint, evidence: str) -> Outcome:
    value = envelope.data.get("id") if isinstance(envelope.data, dict) else None
    traits = endpoint.traits
    job_id = read_job_id(value) if traits.id_kind is IdKind.JOB else None
    transaction_id = read_transaction_id(value) if traits.id_kind is IdKind.TRANSACTION else None
    if job_id is None and transaction_id is None:
        return Outcome(Verdict.UNKNOWN, OutcomeReason.MISSING_ID, evidence)
    if envelope.errors:
        return Outcome(Verdict.UNKNOWN, OutcomeReason.CONTRADICTORY_ANSWER, evidence)
    documented = answer.status == traits.accepted_status
    reason = OutcomeReason.ACCEPTED if documented else OutcomeReason.ACCEPTED_OTHER_STATUS
    return Outcome(Verdict.SENT, reason, f"answered {answer.status}", job_id, transaction_id)


def _judge_error(
    answer: Answer, envelope: Envelope, endpoint: Endpoint, body: PostedBody, *, repeated: bool
) -> tuple[Verdict, OutcomeReason]:
    if not is_vendor_refusal(answer, envelope):
        return Verdict.UNKNOWN, OutcomeReason.UNUSABLE_ANSWER
    # This check comes before the others, because the name is the user's and may contain their texts.
    names = tuple(_existing_names(envelope))
    if names:
        own = all(body.has_name(name, endpoint) for name in names)
        return _OWN_NAME_EXISTS[repeated] if own else (Verdict.UNKNOWN, OutcomeReason.OTHER_REQUEST)
    if is_concurrency_refusal(answer, envelope, body):
        return Verdict.BUSY, OutcomeReason.BUSY
    if answer.status == UNAUTHORIZED:
        return Verdict.TOKEN_EXPIRED, OutcomeReason.TOKEN_REFUSED
    if repeated:
        return Verdict.UNKNOWN, OutcomeReason.REFUSED_AFTER_UNCLEAR
    return Verdict.REFUSED, OutcomeReason.REFUSED


def _existing_names(envelope: Envelope) -> Iterator[str]:
    """Yield the names that exist already, according to the vendor's whole sentence about each."""
    for error in envelope.errors:
        match = _NAME_EXISTS.fullmatch(fold(error.text))
        if match is not None:
            yield match["name"]
