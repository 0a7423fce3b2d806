"""A history that broke an invariant, client_outcome so that a person can follow it."""

from __future__ import annotations

from typing import NamedTuple


class Failure(NamedTuple):
    """Which history it was, what it broke, and everything that happened in it."""

    label: str
    violation: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((*self.trace, f"{self.label}: {self.violation}"))
