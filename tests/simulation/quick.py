"""A short simulation that notices every mutant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.families import FAMILIES, run_family
from tests.simulation.schedules import run_schedules

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from tests.simulation.failure import Failure

SCHEDULES: Final = "schedules"
_KILLS: Final = "kills"
"""The only family that takes longer than all others together."""


def run_quick(first: str) -> Failure | None:
    """Run the part called `first`, then the others, until an invariant breaks; return the failure."""
    families = [name for name in FAMILIES if not name.startswith(_KILLS)]
    parts: list[tuple[str, Callable[[], tuple[Counter[str], Failure | None]]]] = [
        (SCHEDULES, lambda: run_schedules(range(4000))),
        *((name, lambda name=name: run_family(name)) for name in families),
    ]
    for _, part in sorted(parts, key=lambda named: not named[0].startswith(first)):
        failure = part()[1]
        if failure is not None:
            return failure
    return None
