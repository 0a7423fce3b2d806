"""Two send jobs have the same name, or names that look the same.

What: `messageName` must be used once: in this tree, and in everything that the ledger has ever sent
or may have sent, earlier revisions of the same send included. A name that differs from another only
by upper and lower case or by spaces is a warning.

Why: the API refuses the second job of a name. That refusal is also what makes a contact-source
request safe to repeat after a failure; with two sends of one name it would no longer tell whose job
it found. Names that only look the same are taken as different, and so guard nothing.

Source: Acoustic Campaign, sending to a contact source: 400 `A SMS with the name: <name> already
exists`; `Sale` and `Sale ` are two names.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: spring-sale
        scheduledDate: "2030-03-01T14:00:00Z"
      - id: reminder
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: spring-sale
        scheduledDate: "2030-03-08T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: "{{ campaign }}-{{ send.id }}"
        scheduledDate: "2030-03-01T14:00:00Z"
      - id: reminder
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: "{{ campaign }}-{{ send.id }}"
        scheduledDate: "2030-03-08T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec.model import Endpoint, Level, RequestState
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import LedgerState, Send, SendRecord
    from sendspec.rules._lib.base import Context


class _Use(NamedTuple):
    """One use of a name: by which send and revision, and how to say so."""

    name: str
    address: str
    revision: int
    said: str


class DuplicateMessageName(Rule):
    """Names that are used twice."""

    id = "duplicate-message-name"
    level = Level.ERROR

    def check_project(self, context: Context) -> Iterable[Violation]:
        """Compare every name with those that are taken, in the ledger first and then in the tree."""
        taken = _Taken(_in_ledger(context.ledger))
        sends = [send for send in context.sends if send.endpoint is Endpoint.CONTACT_SOURCE]
        for send in sends:
            location = send.locations.of("messageName")
            name = send.payload.get("messageName", "")
            use = _Use(name, send.address, send.revision, f"{send.address} ({location.file}:{location.line})")
            if taken.holds(use):
                continue
            report = _report(send, use, taken)
            if report is not None:
                yield report
            taken.add(use)


def _report(send: Send, use: _Use, taken: _Taken) -> Violation | None:
    location = send.locations.of("messageName")
    if (same := taken.same(use)) is not None:
        message, hint = _told(use, same)
        return Violation(message, location, hint, send=send)
    if (similar := taken.similar(use)) is not None:
        message = f"messageName '{use.name}' looks like '{similar.name}' of {similar.said}"
        hint = "the vendor takes them for two names; make them differ visibly"
        return Violation(message, location, hint, Level.WARNING, send)
    return None


def _told(use: _Use, same: _Use) -> tuple[str, str]:
    if use.address == same.address:
        message = f"messageName '{use.name}' was used by revision {same.revision} of this send"
        return message, f"a new revision needs a new name: '{use.name}-{use.revision}', for example"
    message = f"messageName '{use.name}' is used by {same.said} too"
    return message, "give each send its own, for example '{{ campaign }}-{{ send.id }}'"


class _Taken:
    """The uses of names so far, by the name and by how it looks."""

    def __init__(self, uses: Iterable[_Use]) -> None:
        self._by_name: dict[str, list[_Use]] = {}
        self._by_look: dict[str, list[_Use]] = {}
        for use in uses:
            self.add(use)

    def add(self, use: _Use) -> None:
        self._by_name.setdefault(use.name, []).append(use)
        self._by_look.setdefault(_look(use.name), []).append(use)

    def holds(self, use: _Use) -> bool:
        """Whether this very use is in the ledger: then it was accepted, whoever came after it."""
        return any(other[:3] == use[:3] for other in self._by_name.get(use.name, ()))

    def same(self, use: _Use) -> _Use | None:
        return next(iter(self._by_name.get(use.name, ())), None)

    def similar(self, use: _Use) -> _Use | None:
        uses = self._by_look.get(_look(use.name), ())
        return next((other for other in uses if other.address != use.address), None)


def _look(name: str) -> str:
    return " ".join(name.casefold().split())


def _in_ledger(ledger: LedgerState) -> Iterator[_Use]:
    for address, record in ledger.sends.items():
        for revision in record.revisions:
            name = revision.payload.get("messageName")
            if isinstance(name, str) and _may_exist(revision):
                said = f"{address} in the ledger (revision {revision.revision})"
                yield _Use(name, address, revision.revision, said)


def _may_exist(record: SendRecord) -> bool:
    """Whether the vendor may have a job of this record; a refused request took no name."""
    return any(request.state is not RequestState.NOT_SENT for request in record.requests)
