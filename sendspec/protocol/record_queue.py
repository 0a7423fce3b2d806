"""Entries on their way to the ledger: those that wait, and those of the one append in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.ledger import Settled
from sendspec.protocol.transitions import ProtocolDefect
from sendspec.protocol.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.ledger import Entry


class RecordQueue:
    """Entries that the ledger does not have yet; one append at a time carries all that wait."""

    def __init__(self) -> None:
        self.waiting: list[Entry] = []
        self.in_progress: tuple[Entry, ...] = ()
        self.failed = False
        """Whether the ledger failed; it takes no entry after that."""

    def __bool__(self) -> bool:
        return bool(self.waiting or self.in_progress)

    def __iter__(self) -> Iterator[Entry]:
        yield from self.in_progress
        yield from self.waiting

    def add(self, entry: Entry) -> None:
        """Queue an entry, unless the ledger failed."""
        if not self.failed:
            self.waiting.append(entry)

    def start(self) -> Record | None:
        """Return the next append, or None if one is in progress or nothing waits."""
        if self.in_progress or not self.waiting:
            return None
        self.in_progress, self.waiting = tuple(self.waiting), []
        return Record(self.in_progress)

    def finish(self) -> tuple[Entry, ...]:
        """Return the entries of the append that ended.

        Raises:
            ProtocolDefect: no append is in progress.
        """
        if not self.in_progress:
            raise ProtocolDefect("the end of an append was reported, and none is in progress")
        entries, self.in_progress = self.in_progress, ()
        return entries

    def fail(self) -> None:
        """Drop everything, because the ledger failed."""
        self.finish()
        self.waiting.clear()
        self.failed = True

    def withdraw(self) -> tuple[Entry, ...]:
        """Take back an append that never started: keep its outcomes, return the other entries."""
        entries, self.in_progress = self.in_progress, ()
        self.waiting[:0] = [entry for entry in entries if isinstance(entry, Settled)]
        return tuple(entry for entry in entries if not isinstance(entry, Settled))

    def take_outcomes(self) -> tuple[Settled, ...]:
        """Remove everything that waits, and return the outcomes among it."""
        outcomes = tuple(entry for entry in self.waiting if isinstance(entry, Settled))
        self.waiting.clear()
        return outcomes
