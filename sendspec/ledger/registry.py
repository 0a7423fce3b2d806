"""The table of ledgers: the values of `ledger` in sendspec.yaml and their classes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.git_ledger import GitLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sendspec.ledger.interface import Ledger
    from sendspec.model import Target

LEDGERS: Final[Mapping[str, Callable[[Path, Target], Ledger]]] = MappingProxyType(
    {
        "file": FileLedger.for_target,
        "git": GitLedger.for_target,
    }
)


def make_ledger(directory: Path, target: Target) -> Ledger:
    """Return the ledger of a target of the project in `directory`; this reads and writes nothing."""
    return LEDGERS[target.ledger](directory, target)
