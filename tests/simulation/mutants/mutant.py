"""A deliberate defect: a replacement of one text in a file of the package.

The text must occur exactly once, so a mutant that no longer fits the code fails its test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

_ROOT: Final = Path(__file__).resolve().parents[3]


class Mutant(NamedTuple):
    """One defect; `caught` names the invariants that may notice it first."""

    name: str
    file: str
    old: str
    new: str
    caught: tuple[str, ...]
    noticed_by: str = "schedules"
    """The part of the simulation that notices it first: a family with its setup, or the random schedules."""
    unchecked: bool = False
    """Whether the machine's own checks are off, so that the simulation alone must notice the defect."""
    second: tuple[str, str] | None = None
    """A second replacement in the file, if another line prevents the defect."""

    def apply(self, package: Path) -> None:
        """Apply the defect to a copy of the package.

        Raises:
            ValueError: the text does not occur exactly once.
        """
        replace_texts(package / self.file, self.name, (self.old, self.new), *filter(None, (self.second,)))
        if self.unchecked:
            NO_GUARD.apply(package)
            NO_CHECK.apply(package)


def link_package(directory: Path) -> Path:
    """Create a package of links to the folders and files of the project, and return it."""
    package = directory / "sendspec"
    _link_entries(_ROOT / "sendspec", package)
    (directory / "schemas").symlink_to(_ROOT / "schemas")
    return package


def _link_entries(source: Path, copy: Path) -> None:
    """Create a folder with a link to each entry of `source`; those of its bytecode are links, too."""
    copy.mkdir()
    for entry in source.iterdir():
        if entry.name == "__pycache__":
            _link_entries(entry, copy / entry.name)
        else:
            (copy / entry.name).symlink_to(entry)


def _unlink_folders(path: Path) -> None:
    """Replace the links to folders on the way to a file of a linked package by folders of links."""
    for folder in reversed(path.parents):
        if folder.is_symlink():
            source = folder.readlink()
            folder.unlink()
            _link_entries(source, folder)


def replace_texts(path: Path, name: str, *replacements: tuple[str, str]) -> None:
    """Replace texts in a file of a linked package, for the mutant of this name.

    Raises:
        ValueError: a text does not occur exactly once.
    """
    _unlink_folders(path)
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        if text.count(old) != 1:
            raise ValueError(f"{name}: {path.name} has {old!r} {text.count(old)} times")
        text = text.replace(old, new)
    path.unlink()  # The file is a link to the original.
    path.write_text(text, encoding="utf-8")
    # The copy has the bytecode of the original, which saves compiling all other modules.
    for outdated in path.parent.glob(f"__pycache__/{path.stem}.*"):
        outdated.unlink()


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

DOUBLE: Final = ("once", "no blind repeat", "processed")
"""The invariants that notice that a request was, or would be, sent twice."""

LIMITS: Final = "limits"
"""Not an invariant: the package does not load, because limits contradict each other."""
