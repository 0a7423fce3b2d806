"""Lists outside of the repository, which the specs name with the digest of their contents."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.errors import SpecError
from sendspec.lazy_pattern import lazy_pattern
from sendspec.load import resolve_below
from sendspec.model import ContactFile, OutsideList, Problem
from sendspec.render.list_names import check_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Location

_DIGEST: Final = lazy_pattern(r"[0-9A-Fa-f]{64}")
_PATH_HINT: Final = "write a path relative to the contacts directory, such as vip.csv"


class OutsideEntry(Struct, frozen=True):
    """A list outside of the repository as the specs name it, with the locations of both texts."""

    name: str
    sha256: str
    columns: Mapping[str, Any] | None
    location: Location
    digest_location: Location


def find_outside_list(directory: Path | None, entry: OutsideEntry) -> ContactFile | Problem:
    """Return a list below the contacts directory, or the problem with its name or its digest.

    A list that this machine does not have is returned too, and `is_absent` says so. The content is checked
    when the list is read. Without `directory` every list is absent.
    """
    name, location = entry.name, entry.location
    if _DIGEST.fullmatch(entry.sha256) is None:
        hint = "run `sha256sum FILE`, and copy the digest"
        return Problem(entry.digest_location, "'sha256' is not a digest of 64 hexadecimal digits", hint)
    if (invalid := check_name(name, _PATH_HINT)) is not None:
        return Problem(location, *invalid)
    if posixpath.normpath(name).partition("/")[0] == "..":
        return Problem(location, f"a path must not leave the contacts directory: '{name}'", _PATH_HINT)
    try:
        path = None if directory is None else resolve_below(directory, name)
    except SpecError as error:
        [problem] = error.problems
        return Problem(location, f"{problem.message}: '{name}'", problem.hint)
    place = Path(name) if directory is None else directory / name
    outside = OutsideList(name, entry.sha256.lower(), entry.digest_location, is_absent=path is None)
    return ContactFile(path or place, name, entry.columns, location, outside=outside)


def absent_list_problem(file: ContactFile) -> Problem:
    """Return the problem of a list that this machine does not have, and without which nothing is sent."""
    return Problem(file.location, f"the list {file.name} is not on this machine", fetch_hint(file))


def fetch_hint(file: ContactFile) -> str:
    """Return what a person does about a list that this machine does not have."""
    if file.path == Path(file.name):
        return "fetch it, and name its directory with --contacts-dir or SENDSPEC_CONTACTS_DIR"
    return "fetch it into the contacts directory"
