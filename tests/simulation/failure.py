"""A history that broke an invariant, with its trace."""

from __future__ import annotations

from typing import NamedTuple


class Failure(NamedTuple):
    """The label of a history, its violation, and its trace."""

    label: str
    violation: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((*self.trace, f"{self.label}: {self.violation}"))
