"""Two send jobs have the same name, or similar names.

What: each `messageName` must be unique in the project and in the ledger. The ledger has the names of
every job that was or may have been sent, including earlier revisions of the same send. Two names that
differ only in case or spaces are a warning.

Why: the API refuses the second job of a name. This refusal makes a contact-source request safe to
repeat after a failure. With two sends of one name, the refusal would not identify the job. Similar
names look equal to people, but the API does not refuse the second one.

Source: Acoustic Campaign, sending to a contact source: 400 `A SMS with the name: <name> already
exists`; `Sale` and `Sale ` are two names.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale
        scheduledDate: "2030-03-01T14:00:00Z"
      - id: reminder
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale
        scheduledDate: "2030-03-08T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: "{{ campaign }}-{{ send.id }}"
        scheduledDate: "2030-03-01T14:00:00Z"
      - id: reminder
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: "{{ campaign }}-{{ send.id }}"
        scheduledDate: "2030-03-08T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from sendspec.model import Level, RequestState
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import LedgerState, Send, SendRecord
    from sendspec.rules._lib.rule import RuleContext


class _Use(NamedTuple):
    """One use of a name by a send and revision; `send` is None for those in the ledger."""

    name: str
    address: str
    revision: int
    send: Send | None

    @property
    def user(self) -> str:
        """The send and revision, for a message."""
        if self.send is None:
            return f"{self.address} in the ledger (revision {self.revision})"
        location = self.send.locations.of("messageName")
        return f"{self.address} ({location.file}:{location.line})"


class DuplicateMessageName(Rule):
    """Names of send jobs that are not unique."""

    id = "duplicate-message-name"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "same-name": "another send uses the name",
        "earlier-revision": "an earlier revision of the send used the name",
        "similar-name": "another send uses a name that differs only in case or spaces",
    }

    def check_project(self, context: RuleContext) -> Iterable[Violation]:
        """Compare every name with the names in the ledger, and then with those in the specs."""
        names = _NameIndex(_ledger_uses(context.ledger))
        sends = [send for send in context.sends if send.endpoint.traits.repeatable]
        for send in sends:
            use = _Use(send.payload.get("messageName", ""), send.address, send.revision, send)
            if names.has(use):
                continue
            violation = _violation(send, use, names)
            if violation is not None:
                yield violation
            names.add(use)


def _violation(send: Send, use: _Use, names: _NameIndex) -> Violation | None:
    if (same := names.same(use)) is not None:
        location = send.locations.of("messageName")
        if use.address == same.address:
            message = f"revision {same.revision} of this send already used messageName '{use.name}'"
            hint = f"give the new revision a new name, for example '{use.name}-{use.revision}'"
            return Violation("earlier-revision", message, location, hint, send=send)
        message = f"messageName '{use.name}' is also used by {same.user}"
        hint = "give each send its own name, for example '{{ campaign }}-{{ send.id }}'"
        return Violation("same-name", message, location, hint, send=send)
    if (similar := names.similar(use)) is not None:
        location = send.locations.of("messageName")
        message = f"messageName '{use.name}' looks like '{similar.name}' of {similar.user}"
        hint = "make the names visibly different, because the API treats them as two names"
        return Violation("similar-name", message, location, hint, Level.WARNING, send)
    return None


class _NameIndex:
    """The uses of names so far, by exact name and by name without case and extra spaces."""

    def __init__(self, uses: Iterable[_Use]) -> None:
        self._by_name: dict[str, list[_Use]] = {}
        self._by_folded_name: dict[str, list[_Use]] = {}
        for use in uses:
            self.add(use)

    def add(self, use: _Use) -> None:
        self._by_name.setdefault(use.name, []).append(use)
        self._by_folded_name.setdefault(_folded(use.name), []).append(use)

    def has(self, use: _Use) -> bool:
        """Return whether the ledger has this use, which the API then accepted before any other."""
        return any(other[:3] == use[:3] for other in self._by_name.get(use.name, ()))

    def same(self, use: _Use) -> _Use | None:
        return next(iter(self._by_name.get(use.name, ())), None)

    def similar(self, use: _Use) -> _Use | None:
        uses = self._by_folded_name.get(_folded(use.name), ())
        return next((other for other in uses if other.address != use.address), None)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _ledger_uses(ledger: LedgerState) -> Iterator[_Use]:
    for address, record in ledger.sends.items():
        for revision in record.revisions:
            name = revision.payload.get("messageName")
            if isinstance(name, str) and _may_exist(revision):
                yield _Use(name, address, revision.revision, None)


def _may_exist(record: SendRecord) -> bool:
    """Return whether the vendor may have a job of this record; a refused request used no name."""
    return any(request.state is not RequestState.NOT_SENT for request in record.requests)
