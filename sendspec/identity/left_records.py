"""What was sent and is not in the specs any more, and the search for a renamed send among it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.identity.message_text import texts_of
from sendspec.load.address_values import address_key
from sendspec.model import RequestState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import AudienceFacts, Send, SendRecord

_Text = tuple[str, str]


class PresentRecord(Struct, frozen=True):
    """A record whose send is in the specs.

    `facts` are those of the send's list now, None if it was not read. `has_same_list` means that the list
    is known to be that of the newest revision in the ledger.
    """

    address: str
    record: SendRecord
    send: Send
    facts: AudienceFacts | None
    has_same_list: bool


class FormerSend(Struct, frozen=True):
    """A record that may have been sent, and may be that of a send under another name.

    `has_same_text` means that no send of this address has the text any more. `present` is the record with
    the send that has the address now, None if the address left the specs.
    """

    address: str
    record: SendRecord
    has_same_text: bool
    present: PresentRecord | None

    @property
    def was_accepted(self) -> bool:
        """Whether the vendor accepted a request; if not, the outcome of one is unknown."""
        return any(request.state is RequestState.SENT for request in self.record.all_requests)

    @property
    def day(self) -> str:
        """The day, in UTC, of the newest request that may have been sent."""
        return day_of(self.record)

    def may_have_lost(self, facts: AudienceFacts) -> bool:
        """Return whether these recipients may be those that the address had, and does not have now."""
        own = None if self.present is None else self.present.facts
        return own is None or own.digest != facts.digest


class LeftRecords:
    """Records that may have been sent, by the texts and numbers of recipients that their sends lost.

    `left` are the records of addresses that left the specs. Of a record whose address is `present`, only
    what the send does not have any more counts: a text that was edited, or a list that was changed.
    """

    def __init__(
        self, left: Iterable[tuple[str, SendRecord]] = (), present: Iterable[PresentRecord] = ()
    ) -> None:
        self._records: dict[str, tuple[SendRecord, PresentRecord | None]] = {}
        self._by_text: dict[_Text, list[str]] = defaultdict(list)
        self._by_count: dict[int, list[str]] = defaultdict(list)
        self._unread: dict[tuple[_Text, int], list[str]] = defaultdict(list)
        for own in present:
            if own.record.may_have_been_sent:
                self._records[own.address] = own.record, own
                self._add_lost_parts(own)
        for address, latest in left:
            if latest.may_have_been_sent:
                self._records[address] = latest, None
                for record in latest.revisions:
                    self._add(address, record, texts_of(record.payload))

    def _add_lost_parts(self, own: PresentRecord) -> None:
        kept = set(texts_of(own.send.payload))
        for record in own.record.revisions:
            is_same = record.payload_digest == own.send.payload_digest
            texts = kept if is_same else set(texts_of(record.payload))
            for text in texts - kept:
                self._by_text[text].append(own.address)
            if record.recipients is None or (own.has_same_list and record is own.record):
                continue
            count = record.recipients.count
            if own.facts is not None:
                self._by_count[count].append(own.address)
                continue
            for text in texts:
                self._unread[text, count].append(own.address)

    def _add(self, address: str, record: SendRecord, texts: Iterable[_Text]) -> None:
        for text in texts:
            self._by_text[text].append(address)
        if record.recipients is not None:
            self._by_count[record.recipients.count].append(address)

    def former_sends(self, send: Send, recipients: int | None) -> Iterator[FormerSend]:
        """Yield the records with the text of a send, or with as many recipients, the most similar first.

        If the list of an address was not read, its text counts only together with the number of
        recipients. `recipients` is None if only the vendor has the contacts.
        """
        if not self._records:
            return
        texts = list(texts_of(send.payload))
        by_text = {address for text in texts for address in self._by_text.get(text, ())}
        by_count = set() if recipients is None else set(self._by_count.get(recipients, ()))
        unread = {
            address
            for text in texts
            if recipients is not None
            for address in self._unread.get((text, recipients), ())
        }
        found = [
            FormerSend(address, self._records[address][0], address in by_text, self._records[address][1])
            for address in by_text | by_count | unread
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


def day_of(record: SendRecord) -> str:
    """Return the day, in UTC, of the newest request that may have been sent."""
    instants = [request.at for request in record.all_requests if request.state is not RequestState.NOT_SENT]
    return f"{max(instants):%Y-%m-%d}"
