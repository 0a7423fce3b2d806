"""Project directory of a command line that names none: the nearest one above, else `specs`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sendspec.cli._lib.console import Console
from sendspec.errors import Usage

DEFAULT_DIRECTORY: Final = "specs"
PROJECT_FILE: Final = "sendspec.yaml"


def nearest_project() -> str | None:
    """Return the nearest directory with `sendspec.yaml`, from the current one upwards, else None.

    The search ends at the root of a git work tree, because files above it are not part of what was
    reviewed. The result is relative to the current directory.
    """
    try:
        current = Path.cwd()
    except OSError:  # Another process removed the current directory.
        return None
    for folder in (current, *current.parents):
        if os.path.isfile(folder / PROJECT_FILE):  # noqa: PTH113 - `Path.is_file` raises if it may not look
            return os.path.relpath(folder, current)
        if os.path.lexists(folder / ".git"):
            return None
    return None


def find_project_directory() -> str:
    """Return the directory for a command line without DIR, and name it unless it is `specs`.

    Raises:
        Usage: there are two candidates, and the wrong one could be sent.
    """
    nearest = nearest_project()
    if nearest is None:
        return DEFAULT_DIRECTORY
    if os.path.isfile(Path(DEFAULT_DIRECTORY) / PROJECT_FILE):  # noqa: PTH113 - as above
        raise Usage(
            f"two project directories are possible: {nearest} and {DEFAULT_DIRECTORY}",
            hint=f"name one of them as DIR: `{nearest}` or `{DEFAULT_DIRECTORY}`",
        )
    Console().info(f"using the project directory {nearest} ({Path(nearest).resolve()})")
    return nearest
