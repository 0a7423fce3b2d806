"""Spec files that a verb rewrites: which ones, and how they are replaced."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sendspec.cli._lib.project_directory import PROJECT_FILE
from sendspec.cli._lib.project_paths import CAMPAIGNS
from sendspec.errors import SendspecError, SpecError
from sendspec.load.project_files import MISSING_HINT, campaign_files, read_inside, resolve_inside
from sendspec.load.yaml_parser import BYTES_MAX
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.cli._lib.project_paths import ProjectPaths


class SpecFile(NamedTuple):
    """A spec of a project: its path as in messages, the name of its schema, and its project directory."""

    path: Path
    schema: str
    directory: Path

    @property
    def shown(self) -> str:
        """The path as in messages."""
        return self.path.as_posix()

    def read(self) -> bytes:
        """Return the content; raise SpecError if the file cannot be read or is outside the project."""
        missing = "run `sendspec init` to create it" if self.schema == "project" else MISSING_HINT
        return read_inside(self.directory, self.path, BYTES_MAX, missing=missing)

    def replace(self, before: bytes, after: bytes) -> None:
        """Write another content beside the file, and give it the name and the mode of the file.

        A link in the project stays a link: the file that it leads to is replaced.

        Raises:
            SendspecError: the file cannot be written, or its content is not `before` any more.
            SpecError: the file is outside the project now.
        """
        real = resolve_inside(self.directory, self.path)
        temporary: str | None = None
        try:
            os.close(os.open(real, os.O_WRONLY | os.O_CLOEXEC))  # A file without write permission stays.
            status = real.stat()
            handle, temporary = tempfile.mkstemp(
                prefix=f".{real.name[:100]}.", suffix=".tmp", dir=real.parent
            )
            with os.fdopen(handle, "wb") as file:
                file.write(after)
                with suppress(PermissionError):  # Only root may keep the owner of another user's file.
                    os.fchown(handle, status.st_uid, status.st_gid)
                os.fchmod(handle, stat.S_IMODE(status.st_mode))
            if real.read_bytes() != before:
                raise SendspecError(
                    f"{self.shown} changed while it was formatted; it was not written",
                    hint="run the command again",
                )
            Path(temporary).replace(real)
            temporary = None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SendspecError(
                f"cannot write {self.shown}: {reason}; the file is unchanged",
                hint="make the file and its folder writable, or free disk space",
            ) from error
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)


def spec_files(project: ProjectPaths) -> Iterator[SpecFile]:
    """Yield the specs among the paths of a project.

    Raises:
        SpecError: after the others, with all paths that are not specs, and folders that cannot be read.
    """
    directory = Path(project.directory)
    problems: list[Problem] = []
    named = [path for path in project.paths if not path.is_dir()]
    if len(named) < len(project.paths) or not project.paths:
        if project.contains((directory / PROJECT_FILE).as_posix()):
            yield SpecFile(directory / PROJECT_FILE, "project", directory)
        try:
            files = campaign_files(directory, CAMPAIGNS)
        except SpecError as error:
            files = ()
            problems += error.problems
        for path in files:
            if path not in named and project.contains(path.as_posix()):
                yield SpecFile(path, "campaign", directory)
    for path in named:
        if (schema := _schema_of(path.relative_to(directory))) is not None:
            yield SpecFile(path, schema, directory)
        else:
            message = "this file is not a spec"
            hint = f"name {PROJECT_FILE}, or YAML files in {CAMPAIGNS}/"
            problems.append(Problem(Location(path.as_posix()), message, hint))
    if problems:
        raise SpecError(problems)


def _schema_of(path: Path) -> str | None:
    """Return the schema of a file by its path in the project directory, None if it is not a spec."""
    if path.as_posix() == PROJECT_FILE:
        return "project"
    is_campaign = path.parts[0] == CAMPAIGNS and path.suffix.lower() in {".yaml", ".yml"}
    return "campaign" if is_campaign and not any(part.startswith(".") for part in path.parts) else None
