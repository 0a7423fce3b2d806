"""The two ways through an audience: to learn what it is, and to send to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sendspec import sms
from sendspec.audience.contact_reader import contacts_of
from sendspec.audience.csv_header import NUMBER_PROPERTY
from sendspec.audience.dedupe import Recipients, duplicates
from sendspec.audience.fingerprint import digest_of
from sendspec.model import CONTACTS_PER_REQUEST, AudienceFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.dedupe import Identities
    from sendspec.model import Contact, Duplicate, Send

T = TypeVar("T")


class Observer(Protocol):
    """Who looks on while an audience is surveyed; a rule, for instance."""

    def see(self, contacts: Sequence[Contact]) -> None:
        """Look at up to 1,000 recipients, in order, after duplicates were taken out."""

    def see_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        """Look at up to 1,000 contacts that were taken out; called after all recipients were seen."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The contacts of one request, in the API's form; numbered from 1, with their SHA-256."""

    number: int
    contacts: tuple[Mapping[str, Any], ...]
    digest: bytes


def scan(send: Send, observers: Sequence[Observer] = ()) -> AudienceFacts | None:
    """Go through the contacts of `send` once, in the order they will be sent, and say what they are.

    The watchers see every recipient and then, if there are any, every duplicate, which cost a
    second pass. None for contact-source, whose contacts only the vendor knows. Raises SpecError
    with every problem of an unreadable file; the watchers may then have seen a part of it.
    """
    contacts = contacts_of(send)
    if contacts is None:
        return None
    recipients, count_segments = Recipients(contacts), _segment_counter(send)
    digests: list[bytes] = []
    segments: list[int] = []
    count = 0
    for batch in _chunks(recipients):
        for observer in observers:
            observer.see(batch)
        count += len(batch)
        digests.append(digest_of(_in_api_form(send, batch)))
        segments.append(count_segments(batch))
    if observers and recipients.dropped:
        _show_duplicates(send, recipients.repeated, observers)
    return AudienceFacts(
        rows=count + recipients.dropped,
        count=count,
        batch_digests=tuple(digests),
        batch_segments=None if _content(send) is None else tuple(segments),
    )


def batches(send: Send) -> Iterator[Batch]:
    """Give the contacts of `send`, one request at a time; nothing for contact-source.

    The digests are those of `scan`, unless the file changed since: compare before sending.
    Raises SpecError where it has become unreadable, after the batches before that place.
    """
    for number, batch in enumerate(_chunks(Recipients(contacts_of(send) or ())), start=1):
        contacts = tuple(_in_api_form(send, batch))
        yield Batch(number, contacts, digest_of(contacts))


def _show_duplicates(send: Send, repeated: Identities, observers: Sequence[Observer]) -> None:
    for chunk in _chunks(duplicates(contacts_of(send) or (), repeated)):
        for observer in observers:
            observer.see_duplicates(chunk)


def _chunks(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    source = iter(items)
    while chunk := tuple(islice(source, CONTACTS_PER_REQUEST)):
        yield chunk


def _in_api_form(send: Send, contacts: Iterable[Contact]) -> Iterator[dict[str, Any]]:
    """Give contacts as the request carries them; a number that is none goes as it was written."""
    own = NUMBER_PROPERTY[send.endpoint]
    for _, identity, _, written, lookup, values in contacts:
        body: dict[str, Any] = {own: identity or written} if written else {}
        if lookup is not None:
            body["contactLookup"] = list(lookup)
        if values:
            body["personalization"] = values
        yield body


def _content(send: Send) -> str | None:
    """Give the text of `send` where it is known: a published message (`contentId`) wins over it."""
    content = send.payload.get("content")
    return content if isinstance(content, str) and not send.payload.get("contentId") else None


def _segment_counter(send: Send) -> Callable[[Sequence[Contact]], int]:
    """Give the function that counts the segments of `send` to some contacts; 0 for unknown text."""
    content = _content(send) or ""
    if not sms.tags_in(content):
        each = sms.segments(content)
        return lambda contacts: each * len(contacts)
    defaults = {tag: str(value) for tag, value in send.payload.get("personalizationDefaults", {}).items()}
    return lambda contacts: sum(
        sms.segments(sms.substitute(content, contact.personalization, defaults)) for contact in contacts
    )
