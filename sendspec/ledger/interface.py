"""What a ledger must be able to do, whatever it is kept in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from sendspec.ledger.entries import Entry
    from sendspec.model import LedgerState


class LedgerSession(Protocol):
    """One run's exclusive hold on a ledger; leaving it folds what was appended.

    `state` is what the ledger held when the session began, with every intent of a run that is gone
    turned into `unknown`.
    """

    state: LedgerState
    run: str
    """What this run is called in the ledger and in its log."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Make `entries` durable, all or none of them; they are durable when this returns.

        Raises:
            LedgerError: nothing may be assumed about `entries`, and the session takes no more.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Ledger(Protocol):
    """The durable memory of one target."""

    def read(self) -> LedgerState:
        """Read what the ledger holds now, without holding or changing it.

        Raises:
            LedgerError: it cannot be read, is damaged, or belongs to another account.
        """
        ...

    def open(self) -> LedgerSession:
        """Take the ledger for this run alone.

        Raises:
            Locked: another run holds it.
            LedgerError: as for `read`.
        """
        ...
