"""Exclude lists of a send: those of its project and campaign, and its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import ExcludeEntry, Problem
from sendspec.render.contact_declaration import check_name, contact_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sendspec.model import ContactFile
    from sendspec.render.contact_declaration import ListFinder
    from sendspec.render.string_renderer import StringRenderer


def find_exclude_lists(
    renderer: StringRenderer,
    files: ListFinder,
    inherited: Iterable[ExcludeEntry],
    folder: Path,
    rendered: Sequence[Any],
) -> tuple[tuple[ContactFile, ...], tuple[Problem, ...]]:
    """Return each list once, in the order project, campaign, send, and a problem for each missing list.

    `rendered` has the entries of the send itself, whose paths are relative to `folder`.
    """
    entries = [*inherited]
    for index, value in enumerate(rendered):
        if not renderer.has_problem("exclude", index) and not renderer.has_problem("exclude", index, "file"):
            entries.append(ExcludeEntry.of(value, folder, renderer.locations.of("exclude", index)))
    found: dict[tuple[Path, str], ContactFile] = {}
    problems: list[Problem] = []
    for entry in entries:
        file = _find(files, entry)
        if isinstance(file, Problem):
            problems.append(file)
        else:
            found.setdefault((file.path, repr(file.columns)), file)
    return tuple(found.values()), tuple(problems)


def _find(files: ListFinder, entry: ExcludeEntry) -> ContactFile | Problem:
    invalid = check_name(entry.file, "write a path relative to this file, such as contacts/opt-out.csv")
    if invalid is not None:
        return Problem(entry.location, *invalid)
    found = files.find(entry.folder / entry.file)
    if isinstance(found, Problem):
        return Problem(entry.location, f"{found.message}: '{entry.file}'", found.hint)
    return contact_file(found, entry.columns, entry.location)
