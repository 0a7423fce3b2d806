"""What a deliberate defect is.

A mutant replaces a text that occurs exactly once in a file of the package, so that the table cannot
rot unseen; `caught` names the invariants that may notice it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


CHECK: Final = "check_invariants(self._snapshot(commands))"
"""The one call of the machine's own checks."""


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
            machine = package / "protocol" / "machine.py"
            text = machine.read_text(encoding="utf-8")
            if text.count(CHECK) != 1:
                raise ValueError(f"protocol/machine.py has {CHECK!r} {text.count(CHECK)} times")
            machine.write_text(text.replace(CHECK, "pass"), encoding="utf-8")


DOUBLE: Final = ("once", "no blind repeat")
"""What notices that something was, or would have been, sent twice."""

LIMITS: Final = "limits"
"""What notices that limits contradict each other: the package refuses to load."""
