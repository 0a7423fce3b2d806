"""The vendor: it accepts or refuses, remembers names, and counts what it accepted by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec.model import Endpoint
from tests.simulation.replies import ACCEPTANCE, NAME_TAKEN

if TYPE_CHECKING:
    from sendspec.model import RequestKey
    from tests.simulation.replies import Reply


class Submission(NamedTuple):
    """What one POST carries, as far as two of them may differ."""

    key: RequestKey
    endpoint: Endpoint
    payload: str
    """Digest of the payload."""
    audience: str
    """Digest of the whole audience that the request is a part of, empty for contact-source."""
    name: str
    """The message name, empty for the two immediate endpoints."""


class Vendor:
    """One organisation at the vendor."""

    def __init__(self) -> None:
        self.accepted: dict[RequestKey, list[Submission]] = {}
        self.names: set[str] = set()
        self.late: list[Submission] = []
        """Requests that are still on their way although nobody waits for their answer."""

    def receive(self, submission: Submission, reply: Reply) -> Reply:
        """Take a request in; give the reply, which is `reply` unless a taken name forbids it."""
        if reply.takes_name and submission.endpoint is Endpoint.CONTACT_SOURCE:
            self.names.add(submission.name)
            return NAME_TAKEN
        if not reply.accepted or self._accept(submission) or not reply.definite:
            return reply
        return NAME_TAKEN

    def catch_up(self) -> None:
        """Let everything arrive that is still on its way."""
        while self.late:
            self.receive(self.late.pop(), ACCEPTANCE)

    def _accept(self, submission: Submission) -> bool:
        if submission.endpoint is Endpoint.CONTACT_SOURCE:
            if submission.name in self.names:
                return False
            self.names.add(submission.name)
        self.accepted.setdefault(submission.key, []).append(submission)
        return True
