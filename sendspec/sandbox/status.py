"""Status operation: each call for a transaction reports more of its contacts, until all are processed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.sandbox import error_messages, responses
from sendspec.sandbox.magic_ids import delivery_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Endpoint
    from sendspec.sandbox.request_store import AcceptedBatch, Store
    from sendspec.sandbox.responses import Answer
    from sendspec.sandbox.vendor_unknowns import Behaviour

_IDENTITIES = ("phoneNumber", "contactId", "contactLookup")


class StatusOperation:
    """Counts the status calls of each transaction, because its progress depends on their number.

    A transaction that an earlier sandbox accepted is always processed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: dict[str, int] = {}

    def answer(self, transaction: str, behaviour: Behaviour) -> Answer:
        """Count one status call, and return its answer."""
        batch = self._store.batch(transaction)
        if batch is None:
            return not_found(behaviour)
        call = self._calls[transaction] = self._calls.get(transaction, 0) + 1
        unknown_calls = 0 if batch.earlier else behaviour.unknown_calls
        if call <= unknown_calls:
            return not_found(behaviour)
        steps = 0 if batch.earlier else behaviour.status_calls
        return responses.success(200, progress(batch, call - unknown_calls, steps))


def progress(batch: AcceptedBatch, call: int, steps: int) -> dict[str, Any]:
    """Return the status at call number `call` (from 1) of a batch that is processed after `steps` calls."""
    total = len(batch.contacts)
    processed = total if call > steps else total * call // (steps + 1)
    return {
        "totalContacts": total,
        "contactsProcessed": processed,
        "contactStatus": [_contact(batch.endpoint, contact) for contact in batch.contacts[:processed]],
        "errors": [],
    }


def not_found(behaviour: Behaviour) -> Answer:
    """Return the 200 for an unknown id, with the text in the place that the behaviour sets."""
    if behaviour.unknown_status_in == "data":
        return responses.success(200, error_messages.STATUS_UNKNOWN)
    if behaviour.unknown_status_in == "errors":
        empty: dict[str, Any] = {"totalContacts": 0, "contactsProcessed": 0, "contactStatus": []}
        return responses.success(200, {**empty, "errors": [error_messages.STATUS_UNKNOWN]})
    return responses.failure(200, error_messages.STATUS_UNKNOWN)


def _contact(endpoint: Endpoint, contact: Mapping[str, Any]) -> dict[str, Any]:
    refusal = delivery_refusal(endpoint, contact)
    status: dict[str, Any] = {"smsSent": refusal is None}
    if refusal is not None:
        status["message"] = refusal
    return status | {key: contact[key] for key in _IDENTITIES if contact.get(key)}
