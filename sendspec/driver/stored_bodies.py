"""Exact bodies of the requests of a plan, from its contact store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.render import BodyTemplate, request_path

if TYPE_CHECKING:
    from sendspec.audience import ContactStore
    from sendspec.model import Plan, RequestKey


class BodySource:
    """The bodies of a plan's requests, made when they are posted; many threads may use it together.

    A repeated post has the same bytes, because both come from the store.
    """

    def __init__(self, plan: Plan, store: ContactStore) -> None:
        self._due = {planned.address: planned for planned in plan.to_send}
        self._templates = {address: BodyTemplate.of(planned.send) for address, planned in self._due.items()}
        self._store = store

    def take(self, key: RequestKey) -> tuple[str, bytes]:
        """Return the path and the body of a request.

        Raises:
            SendspecError: the store does not have the contacts of the plan.
        """
        planned = self._due[key.address]
        lines = b""
        if planned.facts is not None:
            lines = self._store.read(key.address, key.batch, planned.facts.batch_digests[key.batch - 1])
        return request_path(planned.send), self._templates[key.address].body(lines)
