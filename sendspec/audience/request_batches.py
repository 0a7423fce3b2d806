"""Recipients of a list in batches of one request, with the other contacts in the order of the list."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sendspec import sms
from sendspec.audience.columnar_contacts import joined
from sendspec.audience.dedupe import RecipientFilter
from sendspec.audience.recipient_batch import RecipientBatch
from sendspec.model import CONTACTS_PER_REQUEST
from sendspec.text_defects import PlainCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.exclusion import Exclusion
    from sendspec.audience.value_defect_survey import ValueScan

_CHECKED_MIN: Final = 50
"""To compile the check takes as long as a closer look at so few contacts."""


class Recipients:
    """The first contact of each identity, one request at a time; iterate over it only once.

    `on_refused` receives up to 1,000 contacts without a usable identity at a time. `values` receives the
    records with line breaks. Both receive only contacts before the last one of the next batch. Values of
    up to `length_max()` characters need no closer look; None sets no limit.
    """

    def __init__(
        self,
        blocks: Iterable[ContactColumns],
        exclusion: Exclusion | None = None,
        on_refused: Callable[[ContactColumns], None] | None = None,
        values: ValueScan | None = None,
        length_max: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.filter = RecipientFilter(exclusion)
        self._blocks = blocks
        self._on_refused, self._values = on_refused, values
        self._length_max = length_max
        self._recipients = _Buffer()
        self._refused = _Buffer()

    def __iter__(self) -> Iterator[RecipientBatch]:
        for block in self._blocks:
            yield from self._batches(block)
        self._report_refused()
        if self._recipients:
            yield self._batch()

    def _batches(self, block: ContactColumns) -> Iterator[RecipientBatch]:
        offsets = self.filter.recipients(block)
        is_whole = len(offsets) == len(block)
        recipients = block if is_whole else block.take(offsets)
        refused = () if is_whole else [at for at, identity in enumerate(block.identities) if not identity]
        odd: Sequence[int] = sorted({*refused, *block.broken}) if refused or block.broken else ()
        start = 0
        while start < len(offsets):
            stop = min(len(offsets), start + CONTACTS_PER_REQUEST - len(self._recipients))
            self._recipients.add(recipients.slice(start, stop))
            if len(self._recipients) == CONTACTS_PER_REQUEST:
                odd = self._add_odd(block, odd, offsets[stop - 1])
                yield self._batch()
            start = stop
        self._add_odd(block, odd, len(block))

    def _batch(self) -> RecipientBatch:
        contacts = self._recipients.take()
        return RecipientBatch(contacts, self._check if len(contacts) >= _CHECKED_MIN else None)

    @cached_property
    def _check(self) -> PlainCheck:
        return PlainCheck(sms.GSM7_BASIC, self._length_max())

    def _add_odd(self, block: ContactColumns, odd: Sequence[int], last: int) -> Sequence[int]:
        """Report the refused and the broken records up to the offset `last`; return the other ones."""
        count = bisect_right(odd, last)
        refused = []
        for at in odd[:count]:
            if at in block.broken and self._values is not None:
                self._values.on_line_break(block.broken[at], block.location(at))
            if not block.identities[at]:
                refused.append(at)
        if self._on_refused is not None:
            for part in _parts(refused, len(self._refused)):
                self._refused.add(block.take(part))
                if len(self._refused) == CONTACTS_PER_REQUEST:
                    self._report_refused()
        return odd[count:]

    def _report_refused(self) -> None:
        if self._on_refused is not None and self._refused:
            self._on_refused(self._refused.take())


def _parts(offsets: Sequence[int], stored: int) -> Iterator[Sequence[int]]:
    """Yield the offsets in parts, so that the first one fills a request that has `stored` contacts."""
    start = 0
    while start < len(offsets):
        stop = start + CONTACTS_PER_REQUEST - stored
        yield offsets[start:stop]
        start, stored = stop, 0


class _Buffer:
    """Contacts of one list from several blocks."""

    def __init__(self) -> None:
        self._parts: list[ContactColumns] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, contacts: ContactColumns) -> None:
        self._parts.append(contacts)
        self._count += len(contacts)

    def take(self) -> ContactColumns:
        """Return the contacts, and start again."""
        contacts = joined(self._parts)
        self._parts, self._count = [], 0
        return contacts
