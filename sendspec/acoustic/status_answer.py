"""Parser of the status call, which reports the delivery of one transaction.

A 202 means only that the vendor took the batch; invalid numbers and missing consent appear only in
the status. `smsSent` means that the vendor handed the message to the carrier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.acoustic.envelope import TRY_AGAIN, read_envelope, short
from sendspec.acoustic.outcome import (
    Failure,
    answer_evidence,
    is_client_error,
    is_concurrency_refusal,
    is_success,
    is_vendor_refusal,
)
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.model import DeliveryReason

if TYPE_CHECKING:
    from sendspec.acoustic.outcome import Answer
    from sendspec.redact import Redactor

_NOT_FOUND: Final = "transaction status not found"
_NO_REASON: Final = "no reason given"


@dataclass(frozen=True, slots=True)
class FailedContact:
    """A recipient who got no message; `identity` is personal data, `message` is masked."""

    identity: str = field(repr=False)
    message: str

    @property
    def reason(self) -> DeliveryReason:
        """The code of the vendor's message."""
        return DeliveryReason.of(self.message)


class StatusAnswer(Struct, frozen=True):
    """The progress of a transaction in contacts; `errors` concern the whole transaction and are masked."""

    total: int
    processed: int
    sent: int
    failed: tuple[FailedContact, ...]
    errors: tuple[str, ...]


class NotFoundYet(Struct, frozen=True):
    """The answer for an unknown transaction: the call is too early, or the id does not exist."""


def read_status(answer: Answer | Failure, redactor: Redactor) -> StatusAnswer | NotFoundYet:
    """Return the meaning of the answer of the status call.

    The vendor does not document the place of its "not found" text, so the text counts anywhere in the
    body except among the contacts. An empty status counts as not found, because every transaction has
    a contact.

    Raises:
        VendorBusy: too many requests are in progress; a later call may succeed.
        VendorUnavailable: the vendor gave no usable answer; a later call may succeed.
        VendorError: the vendor refused the call, or its answer has an unknown form.
    """
    if isinstance(answer, Failure):
        detail = short(answer.detail, redactor.foreign)
        raise VendorUnavailable(f"cannot get the status: {detail}", hint=TRY_AGAIN)
    envelope = read_envelope(answer.body)
    if is_success(answer.status) and isinstance(envelope.data, dict):
        status = _read_data(envelope.data, redactor)
        if status is not None:
            return status
    by_vendor = is_success(answer.status) or is_client_error(answer.status)
    if by_vendor and _has_not_found_text(answer.body.decode(errors="replace")):
        return NotFoundYet()
    is_unreadable = is_success(answer.status) and envelope.vendors
    note = " without a readable status" if is_unreadable and not envelope.errors else ""
    message = f"cannot get the status: {answer_evidence(answer, envelope, redactor.foreign)}{note}"
    if is_concurrency_refusal(answer, envelope):
        raise VendorBusy(message, hint=TRY_AGAIN)
    if is_unreadable or is_vendor_refusal(answer, envelope):
        raise VendorError(message)
    raise VendorUnavailable(message, hint=TRY_AGAIN)


def _read_data(data: dict[str, Any], redactor: Redactor) -> StatusAnswer | NotFoundYet | None:
    total, processed = _count(data.get("totalContacts")), _count(data.get("contactsProcessed"))
    if total is None or processed is None:
        return None
    errors = tuple(short(_text(error), redactor.foreign) for error in _list(data.get("errors")))
    if any(map(_has_not_found_text, errors)) or (total == 0 and not errors):
        return NotFoundYet()
    contacts = [entry for entry in _list(data.get("contactStatus")) if isinstance(entry, dict)]
    failed = (_failed_contact(entry, redactor) for entry in contacts if entry.get("smsSent") is False)
    sent = sum(entry.get("smsSent") is True for entry in contacts)
    return StatusAnswer(total, processed, sent, tuple(failed), errors)


def _failed_contact(entry: dict[str, Any], redactor: Redactor) -> FailedContact:
    own = [_text(entry[name]) for name in ("phoneNumber", "contactId") if entry.get(name) is not None]
    lookups = [item for item in _list(entry.get("contactLookup")) if isinstance(item, dict)]
    personal = [*own, *(_text(item.get("value") or "") for item in lookups)]
    message = _text(entry.get("message") or _NO_REASON)
    return FailedContact(_identity(entry), short(message, lambda text: redactor.foreign(text, personal)))


def _has_not_found_text(text: str) -> bool:
    return _NOT_FOUND in text.lower()


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _identity(entry: dict[str, Any]) -> str:
    for name in ("phoneNumber", "contactId", "contactLookup"):
        if entry.get(name) is not None:
            return _text(entry[name])
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
