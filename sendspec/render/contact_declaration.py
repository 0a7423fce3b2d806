"""Contacts of a send: inline in the spec, in a file that the spec names, or the rows of its query."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from msgspec import Struct, field

from sendspec.errors import SpecError
from sendspec.load import MISSING_HINT, resolve_inside
from sendspec.model import ContactFile, ContactQuery, InlineContacts, Problem, UnusableContacts
from sendspec.render.list_names import check_name
from sendspec.render.outside_lists import OutsideEntry, find_outside_list
from sendspec.render.query_checks import query_defect
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import RawIOBase
    from pathlib import Path

    from sendspec.model import Location
    from sendspec.render.string_renderer import StringRenderer


_PATH_HINT: Final = "write a path relative to the campaign file, such as ../contacts/vip.csv"


class ListFinder(Protocol):
    """Finds the lists that the specs name."""

    def find(self, path: Path) -> FoundList | Problem:
        """Return the list at a path inside the project directory, or the problem with it."""


class FoundList(NamedTuple):
    """A list: its path identifies it, `shown` is its name in messages.

    `content` opens it if it is not a file at `path`.
    """

    path: Path
    shown: str
    content: Callable[[], RawIOBase] | None = None


class Lists(Struct, frozen=True):
    """Where the lists of a render are: those of the project, and the directory of those outside of it."""

    project: ListFinder
    outside: Path | None


class ContactFileFinder(Struct, frozen=True):
    """Finds contact files inside the project directory; caches the result of each path."""

    directory: Path
    cache: dict[Path, FoundList | Problem] = field(default_factory=dict)

    def find(self, path: Path) -> FoundList | Problem:
        """Return the regular file with all symlinks and `..` resolved, or the problem with it."""
        result = self.cache.get(path)
        if result is None:
            result = self.cache[path] = self._find(path)
        return result

    def _find(self, path: Path) -> FoundList | Problem:
        try:
            real = resolve_inside(self.directory, path)
            shown = (self.directory / real.relative_to(self.directory.resolve())).as_posix()
            return FoundList(real, shown)
        except SpecError as error:
            [problem] = error.problems
            suggestion = self._suggestion(path) if problem.hint == MISSING_HINT else None
            return problem._replace(hint=suggestion or problem.hint)

    def _suggestion(self, path: Path) -> str | None:
        with suppress(OSError, RuntimeError, ValueError):
            folder = path.parent.resolve()
            if folder.is_relative_to(self.directory.resolve()):
                others = sorted({entry.name for entry in folder.iterdir()} - {path.name})
                return did_you_mean(path.name, others)
        return None


def find_contacts(
    renderer: StringRenderer, lists: Lists, campaign: Path, rendered: Any
) -> InlineContacts | ContactFile | ContactQuery | UnusableContacts | None:
    """Return the contacts of a rendered send, or add a problem; `campaign` is the file of its campaign.

    A file that cannot be found is returned with its problem, because a finished send does not need it.
    """
    if isinstance(rendered, list):
        locations = tuple(renderer.locations.of("contacts", index) for index in range(len(rendered)))
        return InlineContacts(tuple(rendered), locations)
    if not isinstance(rendered, dict) or renderer.has_problem("contacts", "file"):
        return None
    if "sql" in rendered:
        return _query(renderer, rendered)
    if "sha256" in rendered:
        return _outside(renderer, lists.outside, rendered)
    return _inside(renderer, lists.project, campaign.parent, rendered)


def _inside(
    renderer: StringRenderer, files: ListFinder, folder: Path, rendered: Mapping[str, Any]
) -> ContactFile | UnusableContacts | None:
    path, invalid = ("contacts", "file"), check_name(rendered["file"], _PATH_HINT)
    if invalid is not None:
        renderer.add_problem(path, *invalid)
        return None
    file = files.find(folder / rendered["file"])
    if isinstance(file, Problem):
        message = f"{file.message}: '{rendered['file']}'"
        return UnusableContacts((Problem(renderer.locations.of(*path), message, file.hint),))
    return contact_file(file, rendered.get("columns"), renderer.locations.of(*path))


def contact_file(found: FoundList, columns: Mapping[str, Any] | None, location: Location) -> ContactFile:
    """Return the file of a list that the specs name at `location`, with this mapping of columns."""
    return ContactFile(found.path, found.shown, columns, location, content=found.content)


def _outside(
    renderer: StringRenderer, directory: Path | None, rendered: Mapping[str, Any]
) -> ContactFile | UnusableContacts | None:
    path, locations = ("contacts", "sha256"), renderer.locations
    if renderer.has_problem(*path):
        return None
    found = find_outside_list(
        directory,
        OutsideEntry(
            rendered["file"],
            rendered["sha256"],
            rendered.get("columns"),
            locations.of("contacts", "file"),
            locations.key(*path),
        ),
    )
    return UnusableContacts((found,)) if isinstance(found, Problem) else found


def _query(renderer: StringRenderer, rendered: Mapping[str, Any]) -> ContactQuery | None:
    path, connection = ("contacts", "sql"), rendered["connection"]
    if renderer.has_problem(*path):
        return None
    if "sha256" in rendered:
        message = "a query has no sha256, because its rows are read when it runs"
        renderer.add_problem(("contacts", "sha256"), message, "remove sha256")
        return None
    defect = query_defect(rendered["sql"])
    if defect is not None:
        renderer.add_problem(path, *defect)
        return None
    return ContactQuery(
        connection=connection,
        sql=rendered["sql"].strip(),
        shown=f"query on {connection}",
        columns=rendered.get("columns"),
        location=renderer.locations.of(*path),
    )
