"""The status call: a transaction that progresses from call to call until it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.sandbox import error_messages, responses
from sendspec.sandbox.magic_ids import delivery_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.model import Endpoint
    from sendspec.sandbox.behaviour import Behaviour
    from sendspec.sandbox.responses import Answer
    from sendspec.sandbox.store import Store

_IDENTITIES = ("phoneNumber", "contactId", "contactLookup")


class Statuses:
    """How often each transaction of this run was asked for; one accepted earlier is settled."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: dict[str, int] = {}

    def answer(self, transaction: str, behaviour: Behaviour) -> Answer:
        """Answer one status call, and remember it."""
        found = self._store.transaction(transaction)
        if found is None:
            return not_found(behaviour)
        call = self._calls[transaction] = self._calls.get(transaction, 0) + 1
        late = 0 if found.earlier else behaviour.unknown_calls
        if call <= late:
            return not_found(behaviour)
        steps = 0 if found.earlier else behaviour.status_calls
        return responses.success(200, document(found.endpoint, found.contacts, call - late, steps))


def document(
    endpoint: Endpoint, contacts: Sequence[Mapping[str, Any]], call: int, steps: int
) -> dict[str, Any]:
    """Give the status at the `call`-th call (from 1) of a transaction that settles after `steps` calls."""
    total = len(contacts)
    processed = total if call > steps else total * call // (steps + 1)
    return {
        "totalContacts": total,
        "contactsProcessed": processed,
        "contactStatus": [_contact(endpoint, contact) for contact in contacts[:processed]],
        "errors": [],
    }


def not_found(behaviour: Behaviour) -> Answer:
    """Give the 200 of an id that is not known, or not yet; where its text stands is a switch."""
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
