"""Contacts of lists that name them by the fields of a lookup, one record at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.audience.api_contacts import api_contact, columns_of
from sendspec.audience.columnar_contacts import broken_records
from sendspec.model import Location
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.csv_header import Layout
    from sendspec.model import Endpoint


def lookup_contacts(block: ColumnBlock, layout: Layout, shown: str, endpoint: Endpoint) -> ContactColumns:
    """Return the contacts of a block of the list `shown`, without blank records.

    A contact has a lookup only if each of its fields has a value, because the API requires all of them.
    """
    cells = list(zip(*block.columns, strict=True))
    records = [at for at, row in enumerate(cells) if any(map(str.strip, row))]
    contacts = [
        api_contact(_in_api_form(cells[at], layout, endpoint), Location(shown, block.lines[at]), endpoint)
        for at in records
    ]
    # Line breaks in values are found as in a campaign file; without tags only hidden records remain.
    broken = broken_records(block, records, {})
    columns = columns_of(contacts, shown, endpoint)
    return replace(columns, broken=broken, unread_zones=layout.unread_zones)


def _in_api_form(row: Sequence[str], layout: Layout, endpoint: Endpoint) -> dict[str, Any]:
    contact: dict[str, Any] = {"personalization": {tag: row[at] for tag, at in layout.tags}}
    if layout.timezone is not None:
        contact["timezone"] = row[layout.timezone]
    if layout.number >= 0:
        contact[endpoint.number_property] = row[layout.number]
    if all(row[key.offset].strip() for key in layout.lookup):
        contact["contactLookup"] = [
            {"name": key.name, "value": row[key.offset], "channel": key.channel} for key in layout.lookup
        ]
    return contact
