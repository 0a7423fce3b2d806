"""The cyclic garbage collector during a simulation."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALLOCATIONS: Final = 200_000


def collect_rarely() -> None:
    """Exempt existing objects from the collector, and run it rarely from now on.

    Few objects live long in a simulation, so the default threshold costs a fifth of its time. The collector
    must run, because every caught error that is kept makes a cycle, and a million schedules keep many.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely, and restore the usual threshold at the end."""
    thresholds = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
