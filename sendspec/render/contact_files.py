"""Where a send's contacts are: written in the spec, or in a file that is named there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from sendspec.errors import SpecError
from sendspec.load import resolve_inside
from sendspec.model import ContactFile, InlineContacts, Problem
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.render.string_renderer import Strings


@dataclass(frozen=True, slots=True)
class ContactFiles:
    """Finds contact files, each once, and never one outside the project directory."""

    directory: Path
    known: dict[Path, Path | Problem] = field(default_factory=dict)

    def find(self, path: Path) -> Path | Problem:
        """Give the regular file, every symlink and `..` followed, or what is wrong with it."""
        found = self.known.get(path)
        if found is None:
            found = self.known[path] = self._find(path)
        return found

    def shown(self, real: Path) -> str:
        """Give a file of the project directory as a person would open it."""
        return (self.directory / real.relative_to(self.directory.resolve())).as_posix()

    def _find(self, path: Path) -> Path | Problem:
        try:
            return resolve_inside(self.directory, path)
        except SpecError as error:
            [problem] = error.problems
            return problem._replace(hint=problem.hint or self._nearest(path))

    def _nearest(self, path: Path) -> str | None:
        with suppress(OSError, RuntimeError, ValueError):
            folder = path.parent.resolve()
            if folder.is_relative_to(self.directory.resolve()):
                others = sorted({entry.name for entry in folder.iterdir()} - {path.name})
                return did_you_mean(path.name, others)
        return None


def contacts_of(
    strings: Strings, files: ContactFiles, folder: Path, rendered: Any
) -> InlineContacts | ContactFile | None:
    """Give the contacts of a rendered send and note what is wrong; `folder` is that of its campaign."""
    if isinstance(rendered, list):
        locations = tuple(strings.locations.of("contacts", index) for index in range(len(rendered)))
        return InlineContacts(tuple(rendered), locations)
    if not isinstance(rendered, dict) or strings.is_broken("contacts", "file"):
        return None
    path, wrong = ("contacts", "file"), _wrong_name(rendered["file"])
    if wrong is not None:
        strings.problem(path, *wrong)
        return None
    found = files.find(folder / rendered["file"])
    if isinstance(found, Problem):
        strings.problem(path, f"{found.message}: '{rendered['file']}'", found.hint)
        return None
    return ContactFile(found, files.shown(found), rendered.get("columns"), strings.locations.of(*path))


def _wrong_name(name: str) -> tuple[str, str] | None:
    hint = "a path is relative to the file that names it, as in ../contacts/vip.csv"
    if not name.strip():
        return "'file' is empty", hint
    if "\\" in name:
        return f"a path is written with /, not with \\: '{name}'", hint
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        return f"a path may not be absolute: '{name}'", hint
    return None
