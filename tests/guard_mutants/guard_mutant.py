"""A deliberate defect of a guard, and the test that must fail because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.simulation.mutants.mutant import replace_texts

if TYPE_CHECKING:
    from pathlib import Path


class GuardMutant(NamedTuple):
    """A replacement of one text, which occurs exactly once, in a file of the package."""

    name: str
    file: str
    old: str
    new: str
    test: str
    """The test that must fail: its file below tests/, and its name, with its parameters if it has several."""

    def apply(self, package: Path) -> None:
        """Apply the defect to a copy of the package.

        Raises:
            ValueError: the text does not occur exactly once.
        """
        replace_texts(package / self.file, self.name, (self.old, self.new))
