"""The table of ledgers: the values of `ledger` in sendspec.yaml and their classes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.git_ledger import GitLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from sendspec.ledger.interface import Ledger
    from sendspec.model import Target

LEDGERS: Final[Mapping[str, Callable[[Path, Target, Collection[str] | None], Ledger]]] = MappingProxyType(
    {
        "file": FileLedger.for_target,
        "git": GitLedger.for_target,
    }
)


def make_ledger(directory: Path, target: Target, campaigns: Collection[str] | None = None) -> Ledger:
    """Return the ledger of a target of the project in `directory`; this reads and writes nothing.

    `campaigns` are the names of those in the specs, None if they are not known.
    """
    return LEDGERS[target.ledger](directory, target, campaigns)
