"""Scans of an audience: one for its facts and its observers, one for the batches to send."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sendspec import sms
from sendspec.audience.contacts import contacts_of
from sendspec.audience.dedupe import Recipients, duplicates
from sendspec.audience.exclusion import ExcludeLists
from sendspec.audience.fingerprint import digest_of
from sendspec.audience.number_survey import NumberSurvey
from sendspec.model import CONTACTS_PER_REQUEST, AudienceFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.dedupe import IdentitySet
    from sendspec.model import Contact, Duplicate, Send

_Item = TypeVar("_Item")


class Observer(Protocol):
    """The receiver of contacts during a scan, such as the contact check of a rule."""

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        """Receive up to 1,000 recipients, in order and without duplicates."""

    def on_refused(self, contacts: Sequence[Contact]) -> None:
        """Receive up to 1,000 contacts without a usable identity, which are never sent."""

    def on_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        """Receive up to 1,000 duplicates; called after the last `on_contacts`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The contacts of one request, in the API's form; numbered from 1, with their SHA-256."""

    number: int
    contacts: tuple[Mapping[str, Any], ...]
    digest: bytes


def scan(
    send: Send, observers: Sequence[Observer] = (), lists: ExcludeLists | None = None
) -> AudienceFacts | None:
    """Return the facts of the audience of `send`; None for contact-source.

    The observers receive every recipient in sending order, then every duplicate. Duplicates cost a
    second pass over the file. `lists` has the exclude lists that other sends of the run have read.

    Raises:
        SpecError: the file is not readable; it has every problem. The observers may have received
            some of the contacts.
    """
    contacts = contacts_of(send)
    if contacts is None:
        return None
    survey = NumberSurvey(send.audience.countries)
    receivers: tuple[Observer, ...] = (survey, *observers)

    def on_refused(refused: Sequence[Contact]) -> None:
        for receiver in receivers:
            receiver.on_refused(refused)

    exclusion = (lists or ExcludeLists()).exclusion_of(send) if send.exclude else None
    recipients, count_segments = Recipients(contacts, on_refused, exclusion), _segment_counter(send)
    digests: list[bytes] = []
    segments: list[int] = []
    count = lookups = 0
    for batch in _chunks(recipients):
        for receiver in receivers:
            receiver.on_contacts(batch)
        count += len(batch)
        lookups += sum(contact.lookup is not None for contact in batch)
        digests.append(digest_of(_in_api_form(send, batch)))
        segments.append(count_segments(batch))
    if observers and recipients.duplicate_count:
        _scan_duplicates(send, recipients.repeated, observers)
    return AudienceFacts(
        count=count,
        batch_digests=tuple(digests),
        batch_segments=None if send.inline_text is None else tuple(segments),
        duplicates=recipients.duplicate_count,
        refused=recipients.refused_count,
        numbers=survey.facts(),
        excluded=exclusion.facts if exclusion else (),
        lookups=lookups,
    )


def batches(send: Send, lists: ExcludeLists | None = None) -> Iterator[Batch]:
    """Yield the contacts of `send`, one request at a time; nothing for contact-source.

    The digests are those of `scan` unless the file has changed, so compare them before sending.

    Raises:
        SpecError: the file is no longer readable; raised after the batches before that location.
    """
    exclusion = (lists or ExcludeLists()).exclusion_of(send) if send.exclude and send.contacts else None
    recipients = Recipients(contacts_of(send) or (), exclusion=exclusion)
    for number, batch in enumerate(_chunks(recipients), start=1):
        contacts = tuple(_in_api_form(send, batch))
        yield Batch(number, contacts, digest_of(contacts))


def _scan_duplicates(send: Send, repeated: IdentitySet, observers: Sequence[Observer]) -> None:
    for chunk in _chunks(duplicates(contacts_of(send) or (), repeated)):
        for observer in observers:
            observer.on_duplicates(chunk)


def _chunks(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    source = iter(items)
    while chunk := tuple(islice(source, CONTACTS_PER_REQUEST)):
        yield chunk


def _in_api_form(send: Send, contacts: Iterable[Contact]) -> Iterator[dict[str, Any]]:
    """Yield recipients as the request carries them."""
    number_property = send.endpoint.number_property
    for _, identity, _, _, lookup, values in contacts:
        body: dict[str, Any] = (
            {number_property: identity} if lookup is None else {"contactLookup": list(lookup)}
        )
        if values:
            body["personalization"] = values
        yield body


def _segment_counter(send: Send) -> Callable[[Sequence[Contact]], int]:
    """Return a function that counts the segments of `send` to some contacts; 0 for unknown text."""
    content = send.inline_text or ""
    if not sms.tags_in(content):
        segments = sms.segments(content)
        return lambda contacts: segments * len(contacts)
    defaults = {tag: str(value) for tag, value in send.payload.get("personalizationDefaults", {}).items()}
    return lambda contacts: sum(
        sms.segments(sms.substitute(content, contact.personalization, defaults)) for contact in contacts
    )
