"""The base that a user names: a ref of the project's repository, or the directory of another checkout."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.base_specs.commit_files import CommitFiles
from sendspec.base_specs.directory_files import DirectoryFiles
from sendspec.base_specs.object_reader import ObjectReader
from sendspec.errors import LedgerError, SendspecError, Usage
from sendspec.model import ComparedBase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.plan_difference import BaseFiles

_NAMES: str = "name a branch such as origin/main, or the project directory of another checkout"


@contextmanager
def open_base(name: str, directory: Path) -> Iterator[BaseFiles]:
    """Yield the base of that name for a project directory.

    A ref means the newest commit that it has in common with HEAD, as the comparison of a pull request does.

    Raises:
        Usage: the name is empty, looks like an option, means both a ref and a directory, or means the
            project itself.
        SendspecError: it means neither, or git's objects of the base are missing.
    """
    if not name.strip() or name.startswith("-") or not name.isprintable():
        raise Usage(f"--against cannot use the name {name!r}", hint=_NAMES)
    other = _project_in(Path(name), directory)
    if other is not None and other.resolve() == directory.resolve():
        raise Usage("--against names the project itself", hint=_NAMES)
    reader = ObjectReader(directory)
    commit = _find_commit(reader, name, is_directory=other is not None)
    if other is not None and commit is not None:
        hint = f"write ./{name} for the directory, or refs/heads/{name} for the branch"
        raise Usage(f"--against {name} is both a directory and a git ref", hint=hint)
    if other is not None:
        files: CommitFiles | DirectoryFiles = DirectoryFiles(ComparedBase(name), other, directory)
    elif commit is not None:
        files = _at_branching_point(reader, name, commit, directory)
    else:
        message = f"'{name}' is neither a git ref of this clone nor a directory with a project"
        raise SendspecError(message, hint=reader.fetch_hint(name))
    try:
        yield files
    finally:
        files.close()


def _find_commit(reader: ObjectReader, name: str, *, is_directory: bool) -> str | None:
    try:
        return reader.find_commit(name)
    except LedgerError as error:
        if is_directory:
            return None  # A directory needs no clone.
        raise SendspecError(f"cannot read the base '{name}': {error}", hint=error.hint) from error


def _project_in(named: Path, directory: Path) -> Path | None:
    """Return the project in a directory that a user names: itself, or the one at the same path in it."""
    try:
        if not named.is_dir():
            return None
        candidates = [named] if directory.is_absolute() else [named, named / directory]
        return next((found for found in candidates if (found / "sendspec.yaml").is_file()), None)
    except OSError:
        return None


def _at_branching_point(reader: ObjectReader, name: str, commit: str, directory: Path) -> CommitFiles:
    """Return the files of the newest commit that a ref and HEAD have in common."""
    head = reader.find_commit("HEAD")
    start = commit if head is None else reader.merge_base(commit, head)
    if start is None and head is not None and commit in reader.raw_commit(head).parents:
        start = commit  # A shallow clone has the merge commit of a pull request, and hides its parents.
    if start is None:
        raise SendspecError(
            f"this clone does not have a commit that '{name}' and HEAD have in common",
            hint="run `git fetch --unshallow origin`, or check the ref",
        )
    base = ComparedBase(
        name,
        commit=start,
        committed_at=reader.raw_commit(start).at,
        newer_commits=reader.count_newer(commit, start) if start != commit else 0,
    )
    return CommitFiles(reader, base, start, directory, tip=commit)
