"""The vendor: it accepts or refuses, knows the names in use, and counts accepted requests by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec.model import Endpoint
from tests.simulation.replies import ACCEPTANCE, NAME_TAKEN

if TYPE_CHECKING:
    from sendspec.model import RequestKey
    from tests.simulation.replies import Reply


class Submission(NamedTuple):
    """The parts of a POST in which two posts can differ."""

    key: RequestKey
    endpoint: Endpoint
    payload: str
    """Digest of the payload."""
    audience: str
    """Digest of the whole audience of the send, empty for contact-source."""
    name: str
    """Message name, empty for the two immediate endpoints."""
    text: str = ""
    """Digest of the payload without its message name."""


class Vendor:
    """One organisation at the vendor."""

    def __init__(self) -> None:
        self.accepted: dict[RequestKey, list[Submission]] = {}
        self.names: set[str] = set()
        self.late: list[Submission] = []
        """Requests in transit whose sender no longer waits."""

    def receive(self, submission: Submission, reply: Reply) -> Reply:
        """Receive a request; return the reply, which is `reply` unless the name is taken."""
        if reply.takes_name and submission.endpoint is Endpoint.CONTACT_SOURCE:
            self.names.add(submission.name)
            return NAME_TAKEN
        if not reply.accepted or self._accept(submission) or not reply.definite:
            return reply
        return NAME_TAKEN

    def catch_up(self) -> None:
        """Let all requests in transit arrive."""
        while self.late:
            self.receive(self.late.pop(), ACCEPTANCE)

    def _accept(self, submission: Submission) -> bool:
        if submission.endpoint is Endpoint.CONTACT_SOURCE:
            if submission.name in self.names:
                return False
            self.names.add(submission.name)
        self.accepted.setdefault(submission.key, []).append(submission)
        return True
