"""Dates of files of a project: of the last commit if the file is unmodified, else of the file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.errors import LedgerError
from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendspec.ledger.git_process import GitProcess
    from sendspec.model import ContactFile, FileDate

_GLOB: Final = lazy_pattern(r"[*?\[\\]")
_SECONDS_MAX: Final = 20


def date_reader(directory: Path, *, of_merge: bool = False) -> Callable[[Path], FileDate | None]:
    """Return a function that returns the date of a file of a project directory, None if it has none.

    A checkout gives every file the time of the checkout, so git is asked first. With `of_merge`, a change
    that a merge brought into this branch has the date of the merge, instead of the one on its own branch.
    """
    from sendspec.ledger.git_process import GitProcess

    git = GitProcess(directory, _SECONDS_MAX)

    def date_of(path: Path) -> FileDate | None:
        try:
            return _commit_date(git, path, of_merge=of_merge) or _file_date(path)
        except LedgerError:  # The project is not in a work tree, or git cannot use it.
            return _file_date(path)

    return date_of


def list_date_reader(directory: Path) -> Callable[[ContactFile], FileDate | None]:
    """Return a function that returns the date of an exclude list of a project, None if it has none.

    A list outside of the repository has the time of its download, but it existed when the first commit named
    its digest.
    """
    from sendspec.ledger.git_process import GitProcess

    git, file_date = GitProcess(directory, _SECONDS_MAX), date_reader(directory)

    def date_of(file: ContactFile) -> FileDate | None:
        if file.outside is None:
            return file_date(file.path)
        try:
            return _digest_date(git, directory, file.outside.sha256) or _file_date(file.path)
        except LedgerError:
            return _file_date(file.path)

    return date_of


def _commit_date(git: GitProcess, path: Path, *, of_merge: bool) -> FileDate | None:
    """Return the date of the last commit of an unmodified file, None for another file."""
    from sendspec.model import FileDate

    name = f":(literal){path}"
    followed = ("--first-parent",) if of_merge else ()
    log = git.call(("log", "-1", "--format=%ct %P", *followed, "--", name), None)
    seconds, _, parents = log.stdout.decode(errors="replace").strip().partition(" ")
    if log.returncode != 0 or not seconds.isdecimal():
        return None
    if git.call(("diff", "--quiet", "--no-ext-diff", "--no-textconv", "HEAD", "--", name), None).returncode:
        return None
    # The oldest commit of a shallow clone has no parents and contains every file.
    shallow = not parents and _is_shallow(git)
    return FileDate(datetime.fromtimestamp(int(seconds), UTC), is_commit=True, is_limit=shallow)


def _digest_date(git: GitProcess, directory: Path, digest: str) -> FileDate | None:
    """Return the date of the first commit whose specs have a digest, None if no commit has it."""
    from sendspec.model import FileDate

    folder = _GLOB.sub(r"\\\g<0>", str(directory.resolve()))
    specs = (f":(glob){folder}/**/*.yaml", f":(glob){folder}/**/*.yml")
    log = git.call(("log", "-i", f"-S{digest}", "--format=%ct %P", "--", *specs), None)
    commits = log.stdout.decode(errors="replace").strip().split("\n")
    seconds, _, parents = commits[-1].partition(" ")
    if log.returncode != 0 or not seconds.isdecimal():
        return None
    shallow = not parents and _is_shallow(git)
    return FileDate(datetime.fromtimestamp(int(seconds), UTC), is_commit=True, is_limit=shallow)


def _is_shallow(git: GitProcess) -> bool:
    return git.call(("rev-parse", "--is-shallow-repository"), None).stdout.strip() == b"true"


def _file_date(path: Path) -> FileDate | None:
    from sendspec.model import FileDate

    try:
        return FileDate(datetime.fromtimestamp(path.stat().st_mtime, UTC), is_commit=False)
    except (OSError, OverflowError, ValueError):
        return None
