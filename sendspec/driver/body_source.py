"""Exact bodies of the requests of a plan, streamed from the contact files."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from sendspec.audience import ExcludeLists, batches
from sendspec.errors import SendspecError
from sendspec.protocol import RequestSettled
from sendspec.render import request_body, request_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.audience import Batch
    from sendspec.model import AudienceFacts, Plan, RequestKey, Send
    from sendspec.protocol import Event


class BodySource:
    """The bodies of a plan's requests; each stays in memory until its request is settled.

    A repeated post therefore has the same bytes. As an observer of the run it drops settled bodies.
    """

    def __init__(self, plan: Plan) -> None:
        self._due = {planned.address: planned for planned in plan.to_send}
        self._lists = ExcludeLists()
        self._streams: dict[str, Iterator[Batch]] = {}
        self._bodies: dict[RequestKey, bytes] = {}

    def take(self, key: RequestKey) -> tuple[str, bytes]:
        """Return the path and the body of a request.

        Raises:
            SendspecError: the contacts cannot be read any more, or differ from the plan.
        """
        planned = self._due[key.address]
        send, facts = planned.send, planned.facts
        if key not in self._bodies:
            contacts = () if facts is None else self._contacts(send, facts, key)
            self._bodies[key] = request_body(send, contacts)
        return request_path(send), self._bodies[key]

    def on_event(self, event: Event) -> None:
        """Drop the body of a settled request."""
        if isinstance(event, RequestSettled):
            self._bodies.pop(event.result.key, None)

    def close(self) -> None:
        """Close the contact files."""
        for stream in self._streams.values():
            if isinstance(stream, Generator):
                stream.close()

    def _contacts(self, send: Send, facts: AudienceFacts, key: RequestKey) -> tuple[Mapping[str, Any], ...]:
        stream = self._streams.setdefault(key.address, batches(send, self._lists))
        digest = facts.batch_digests[key.batch - 1]
        for batch in stream:
            if batch.number == key.batch and batch.digest == digest:
                return batch.contacts
            if batch.number >= key.batch:
                break
        raise SendspecError(
            f"{key}: the contacts changed after the plan was made; the request was not sent",
            hint="do not change contact files during an apply, and run it again",
        )
