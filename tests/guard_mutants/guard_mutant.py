"""A deliberate defect of a guard, and the test that must fail because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
        path = package / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has {self.old!r} {text.count(self.old)} times")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        # The copy has the bytecode of the original, which saves compiling all other modules.
        for outdated in path.parent.glob(f"__pycache__/{path.stem}.*"):
            outdated.unlink()
