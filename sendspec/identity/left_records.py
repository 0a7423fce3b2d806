"""The records of sends that left the specs, and the search for a renamed send among them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sendspec.load.address_values import address_key, value_text
from sendspec.model import RequestState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import Send, SendRecord


class LeftRecords:
    """The records of sends that left the specs, by each of their texts and numbers of recipients."""

    def __init__(self, records: Iterable[tuple[str, SendRecord]] = ()) -> None:
        self.by_text: dict[tuple[str, str], list[tuple[str, SendRecord]]] = defaultdict(list)
        self.by_count: dict[int, list[tuple[str, SendRecord]]] = defaultdict(list)
        for address, latest in records:
            for record in latest.revisions if latest.may_have_been_sent else ():
                for text in texts_of(record.payload):
                    self.by_text[text].append((address, latest))
                if record.recipients is not None:
                    self.by_count[record.recipients.count].append((address, latest))


class FormerSend(NamedTuple):
    """A record that may have been sent, and may be that of a send under another name."""

    address: str
    record: SendRecord
    has_same_text: bool

    @property
    def was_accepted(self) -> bool:
        """Whether the vendor accepted a request; if not, the outcome of one is unknown."""
        return any(request.state is RequestState.SENT for request in self.record.all_requests)

    @property
    def day(self) -> str:
        """The day, in UTC, of the newest request that may have been sent."""
        instants = [
            request.at for request in self.record.all_requests if request.state is not RequestState.NOT_SENT
        ]
        return f"{max(instants):%Y-%m-%d}"


def former_sends(left: LeftRecords, send: Send, recipients: int | None) -> Iterator[FormerSend]:
    """Yield the records with the text of a send, or with as many recipients, the most similar first.

    `recipients` is None if only the vendor has the contacts.
    """
    by_text = dict(item for text in texts_of(send.payload) for item in left.by_text.get(text, ()))
    by_count = {} if recipients is None else dict(left.by_count.get(recipients, ()))
    found = [
        FormerSend(address, record, address in by_text)
        for address, record in {**by_count, **by_text}.items()
        if address != send.address
    ]
    name, values = address_key(send.address)
    campaign, _, id_ = name.partition("/")

    def similarity(former: FormerSend) -> tuple[int, str]:
        former_name, former_values = address_key(former.address)
        former_campaign, _, former_id = former_name.partition("/")
        same = (
            former_campaign == campaign,
            former_id == id_,
            former_values == values,
            former.has_same_text,
            former.address in by_count,
        )
        return -sum(same), former.address

    yield from sorted(found, key=similarity)


def texts_of(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the properties of a payload that make a message the same one, without differences in spaces."""
    for name in ("content", "contentId", "publishedMessageId", "messageName"):
        text = payload.get(name)
        if isinstance(text, str) and text.strip():
            yield name, " ".join(value_text(text).split())
