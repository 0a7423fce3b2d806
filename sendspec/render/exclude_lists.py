"""Exclude lists of a send: those of its project and campaign, and its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import ExcludeEntry, Problem
from sendspec.render.contact_declaration import contact_file
from sendspec.render.list_names import check_name
from sendspec.render.outside_lists import OutsideEntry, find_outside_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sendspec.model import ContactFile
    from sendspec.render.contact_declaration import Lists
    from sendspec.render.string_renderer import StringRenderer


def find_exclude_lists(
    renderer: StringRenderer,
    lists: Lists,
    inherited: Iterable[ExcludeEntry],
    campaign: Path,
    rendered: Sequence[Any],
) -> tuple[tuple[ContactFile, ...], tuple[Problem, ...]]:
    """Return each list once, in the order project, campaign, send, and a problem for each missing list.

    `rendered` has the entries of the send itself, whose paths are relative to the file `campaign`.
    """
    entries = [*inherited]
    for index, value in enumerate(rendered):
        places = (("exclude", index), ("exclude", index, "file"), ("exclude", index, "sha256"))
        if not any(renderer.has_problem(*place) for place in places):
            entries.append(ExcludeEntry.of(value, campaign.parent, renderer.locations, ("exclude", index)))
    found: dict[tuple[object, str], ContactFile] = {}
    problems: list[Problem] = []
    for entry in entries:
        file = _find(lists, entry)
        if isinstance(file, Problem):
            problems.append(file)
        else:
            found.setdefault((file.key, repr(file.columns)), file)
    return tuple(found.values()), tuple(problems)


def _find(lists: Lists, entry: ExcludeEntry) -> ContactFile | Problem:
    if entry.sha256 is not None:
        place = entry.digest_location or entry.location
        outside = OutsideEntry(entry.file, entry.sha256, entry.columns, entry.location, place)
        return find_outside_list(lists.outside, outside)
    invalid = check_name(entry.file, "write a path relative to this file, such as contacts/opt-out.csv")
    if invalid is not None:
        return Problem(entry.location, *invalid)
    found = lists.project.find(entry.folder / entry.file)
    if isinstance(found, Problem):
        return Problem(entry.location, f"{found.message}: '{entry.file}'", found.hint)
    return contact_file(found, entry.columns, entry.location)
