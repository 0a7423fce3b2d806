"""Sends with contacts, for the tests of the audience package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import ContactFile, Endpoint, InlineContacts, Location, Locations, Purpose, Send

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendspec.model import Contact
    from tests.row_scan.dedupe import Duplicate

YAML = Location("specs/campaigns/sale.yaml", 4, 5)
MAPPED = Location("specs/campaigns/sale.yaml", 9, 7)


def us(line: int, area: int = 212) -> str:
    """Return a number that is reserved for fiction; `line` is 0 to 99."""
    return f"1{area}55501{line:02}"


def a_send(
    contacts: InlineContacts | ContactFile | None,
    endpoint: Endpoint = Endpoint.CONTACTS,
    **payload: Any,
) -> Send:
    columns = ("contacts", "columns")
    return Send(
        address="sale/teaser",
        campaign="sale",
        purpose=Purpose.TRANSACTIONAL,
        endpoint=endpoint,
        revision=1,
        payload=payload or {"content": "Your order is on its way."},
        payload_digest="sha256:0",
        contacts=contacts,
        database_fields=frozenset(),
        not_before=None,
        not_after=None,
        allow=(),
        locations=Locations(YAML, {(*columns, "personalization", "FIRST NAME"): MAPPED}),
    )


def from_file(path: Path, columns: Mapping[str, Any] | None = None, **options: Any) -> Send:
    return a_send(ContactFile(path, path.name, columns, YAML), **options)


def from_text(folder: Path, text: str | bytes, **options: Any) -> Send:
    path = folder / "vip.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return from_file(path, **options)


def inline(*contacts: Mapping[str, Any], **options: Any) -> Send:
    locations = tuple(Location(YAML.file, 20 + at, 9) for at in range(len(contacts)))
    return a_send(InlineContacts(contacts, locations), **options)


class Recorder:
    """An observer that stores all contacts, refused ones and duplicates, and the size of each batch."""

    def __init__(self) -> None:
        self.contacts: list[Contact] = []
        self.duplicates: list[Duplicate] = []
        self.refused: list[Contact] = []
        self.batch_sizes: list[int] = []

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        assert not self.duplicates, "a recipient came after a duplicate"
        self.contacts += contacts
        self.batch_sizes.append(len(contacts))

    def on_refused(self, contacts: Sequence[Contact]) -> None:
        self.refused += contacts

    def on_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        self.duplicates += duplicates
        self.batch_sizes.append(len(duplicates))
