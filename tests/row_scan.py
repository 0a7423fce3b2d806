"""Scans of an audience that show each contact to observers, for tests that look at single contacts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sendspec import audience
from sendspec.audience.contacts import contacts_of
from sendspec.audience.dedupe import Recipients, duplicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import AudienceFacts, Send


def scan(send: Send, observers: Sequence = ()) -> AudienceFacts | None:
    """Return the facts of the audience, after the observers received its contacts up to 1,000 at a time."""
    facts = audience.scan(send)
    if not observers:
        return facts

    def on_refused(refused: Sequence) -> None:
        for observer in observers:
            observer.on_refused(refused)

    recipients = Recipients(contacts_of(send) or (), on_refused)
    for batch in chunks(recipients):
        for observer in observers:
            observer.on_contacts(batch)
    for chunk in chunks(duplicates(contacts_of(send) or (), recipients.repeated)):
        for observer in observers:
            observer.on_duplicates(chunk)
    return facts


def chunks(items: Iterable) -> Iterator[tuple]:
    source = iter(items)
    while chunk := tuple(islice(source, 1000)):
        yield chunk
