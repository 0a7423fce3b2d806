"""Settings of the nearest project for verbs that also work without one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project_directory import DEFAULT_DIRECTORY, find_project_directory, nearest_project
from sendspec.errors import SendspecError, SpecError

if TYPE_CHECKING:
    from sendspec.model import Project


def read_settings(directory: str | None) -> Project | None:
    """Return the project in `directory`, or in the nearest one, without its campaigns.

    Return None without a project, or if its settings cannot be read; then print why. A page of help must
    not need correct settings, because an error about them may recommend it.
    """
    from sendspec.load import load_settings

    try:
        if directory is None:
            if nearest_project() is None and not Path(DEFAULT_DIRECTORY, "sendspec.yaml").is_file():
                return None
            directory = find_project_directory()
        return load_settings(Path(directory), os.environ)
    except SendspecError as error:
        console = Console()
        if isinstance(error, SpecError):
            from sendspec.report.text import problem_text

            for problem in error.problems:
                console.info(problem_text(problem))
        else:
            console.info(f"warning: {error}")
        console.info(
            "warning: the settings of the project are not shown; levels and options are the defaults"
        )
        return None
