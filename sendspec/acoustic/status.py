"""What became of a transaction: 202 only means that the vendor has taken the batch.

Invalid numbers and missing consent show here and nowhere else. `smsSent` means handed to the carrier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import read_envelope, short
from sendspec.acoustic.outcome import Failure, described, is_client_error, is_success, refuses, says_busy
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable

if TYPE_CHECKING:
    from sendspec.acoustic.outcome import Answer
    from sendspec.redact import Redactor

_NOT_FOUND: Final = "transaction status not found"


@dataclass(frozen=True, slots=True)
class FailedContact:
    """A recipient who got nothing: `identity` is personal data, `message` is masked."""

    identity: str = field(repr=False)
    message: str


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """How far a transaction is; `errors` are the vendor's own about the whole of it, masked."""

    total: int
    processed: int
    sent: int
    failed: tuple[FailedContact, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFoundYet:
    """The vendor does not know the transaction: too early, or an id that never was; it does not say."""


def read_status(answer: Answer | Failure, redactor: Redactor) -> StatusAnswer | NotFoundYet:
    """Read the answer of the status call.

    Where the vendor puts its "not found" text is not documented: it counts anywhere in the body but
    among the contacts. So does an empty status, since every transaction has a contact.

    Raises:
        VendorUnavailable: no answer, or one that asking again later may better; VendorBusy where fewer at
            once may.
        VendorError: the vendor refuses to say, or says something that cannot be read.
    """
    if isinstance(answer, Failure):
        raise VendorUnavailable(f"no status: {short(answer.detail, redactor)}")
    envelope = read_envelope(answer.body)
    if is_success(answer.status) and isinstance(envelope.data, dict):
        found = _read_data(envelope.data, redactor)
        if found is not None:
            return found
    speaks = is_success(answer.status) or is_client_error(answer.status)
    if speaks and _says_not_found(answer.body.decode(errors="replace")):
        return NotFoundYet()
    message = f"no status: {short(described(answer, envelope), redactor)}"
    final = refuses(answer, envelope) or (is_success(answer.status) and envelope.vendors)
    if says_busy(answer, envelope):
        raise VendorBusy(message)
    if final:
        raise VendorError(message)
    raise VendorUnavailable(message)


def _read_data(data: dict[str, Any], redactor: Redactor) -> StatusAnswer | NotFoundYet | None:
    total, processed = _count(data.get("totalContacts")), _count(data.get("contactsProcessed"))
    if total is None or processed is None:
        return None
    errors = tuple(short(_text(error), redactor) for error in _list(data.get("errors")))
    if any(map(_says_not_found, errors)) or (total == 0 and not errors):
        return NotFoundYet()
    contacts = [entry for entry in _list(data.get("contactStatus")) if isinstance(entry, dict)]
    failed = (
        FailedContact(_identity(entry), short(_text(entry.get("message") or "no reason given"), redactor))
        for entry in contacts
        if entry.get("smsSent") is False
    )
    sent = sum(entry.get("smsSent") is True for entry in contacts)
    return StatusAnswer(total, processed, sent, tuple(failed), errors)


def _says_not_found(text: str) -> bool:
    return _NOT_FOUND in text.lower()


def _count(found: Any) -> int | None:
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if found >= 0 else None


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _identity(entry: dict[str, Any]) -> str:
    for name in ("phoneNumber", "contactId", "contactLookup"):
        if entry.get(name) is not None:
            return _text(entry[name])
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
