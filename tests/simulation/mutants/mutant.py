"""What a deliberate defect is.

A mutant replaces a text that occurs exactly once in a file of the package, so that the table cannot
rot unseen; `caught` names the invariants that may notice it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Mutant(NamedTuple):
    """One defect: what it is, where, which text becomes which, and what notices it."""

    name: str
    file: str
    old: str
    new: str
    caught: tuple[str, ...]
    noticed_by: str = "schedules"
    """Which part of the simulation notices it soonest: a family, or the random schedules."""
    unchecked: bool = False
    """Whether the machine's own checks are off, so that the simulation alone must notice the defect."""
    second: tuple[str, str] | None = None
    """Another text of the file and what it becomes, where one line alone is backed by another."""

    def apply(self, package: Path) -> None:
        """Put the defect into a copy of the package.

        Raises:
            ValueError: the text does not occur exactly once any more.
        """
        path = package / self.file
        text = path.read_text(encoding="utf-8")
        for old, new in ((self.old, self.new), *([self.second] if self.second else ())):
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {self.file} has {old!r} {text.count(old)} times")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        if self.unchecked:
            NO_GUARD.apply(package)
            NO_CHECK.apply(package)


NO_GUARD: Final = Mutant(
    "accepts an event that is impossible in a stage",
    "protocol/transitions.py",
    "TRANSITIONS.get((stage, trigger))",
    "TRANSITIONS.get((stage, trigger), stage)",
    ("guarded",),
    noticed_by="misreports",
)
NO_CHECK: Final = Mutant(
    "checks no invariant of the machine",
    "protocol/machine.py",
    "check_invariants(self._snapshot(commands))",
    "pass",
    ("guarded", "never stuck"),
    noticed_by="broken_states",
)

DOUBLE: Final = ("once", "no blind repeat")
"""What notices that something was, or would have been, sent twice."""

LIMITS: Final = "limits"
"""What notices that limits contradict each other: the package refuses to load."""
