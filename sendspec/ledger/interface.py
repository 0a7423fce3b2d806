"""The protocols that every ledger implements; `tests/test_ledger_contract.py` is their suite."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.journal_entries import Entry
    from sendspec.ledger.merge import MergeResult, Version
    from sendspec.model import GroupDigests, LedgerState, RequestKey


def new_run_name() -> str:
    """Return a name that no other run has: 32 hexadecimal digits."""
    return uuid.uuid4().hex


class LedgerSession(Protocol):
    """The write access of one run to a ledger; the end of the session folds the journal.

    `state` is the content of the ledger when the session started. A ledger with a lock has turned
    the intents of ended runs into `unknown` in it.
    """

    state: LedgerState
    run: str
    """The name of this run in the ledger and in its outcome log."""
    double_acceptances: tuple[RequestKey, ...]
    """Requests of appended acceptances that another run had recorded as accepted, with another id."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Make `entries` durable, all or none of them; they are durable when this returns.

        Raises:
            LedgerConflict: another run wrote first about a request of `entries`.
            LedgerError: `entries` may or may not be durable, and the session refuses further entries.
        """
        ...

    def keep_groups(self, groups: GroupDigests) -> None:
        """Store joint digests at the end of the session, unless it fails; they are only a shortcut."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Ledger(Protocol):
    """The durable record of one target."""

    @property
    def location(self) -> str:
        """Where the ledger is, as it follows "a ledger" in a sentence: "in specs"."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether other machines write to it, so that it outlives this one and has no lock."""
        ...

    def create(self, initial: LedgerState | None = None) -> bool:
        """Create the ledger with the records of `initial`, or none, if it does not exist.

        Return whether it was created.

        Raises:
            Locked: another run holds the ledger.
            LedgerError: the ledger cannot be written, or a part of an earlier ledger is left.
        """
        ...

    def read(self) -> LedgerState:
        """Return the current content; neither lock nor change the ledger.

        Raises:
            LedgerMissing: the ledger must exist and does not.
            LedgerError: the ledger cannot be read, is corrupt, or belongs to another account.
        """
        ...

    def merge(
        self, copies: Sequence[Path], *, accept_edits: bool, versions: Sequence[Version] = ()
    ) -> MergeResult:
        """Merge both sides of a conflict in the ledger, copies of it in files, and other versions.

        With `accept_edits` lockfiles that do not match their digest are read, too.

        Raises:
            Locked: another run holds the ledger.
            LedgerError: a version cannot be read, or two versions contradict each other.
        """
        ...

    def open(self) -> LedgerSession:
        """Start a session.

        Raises:
            Locked: another run holds the ledger.
            LedgerError: as for `read`.
        """
        ...
