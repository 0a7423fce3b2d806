"""Files of a repository for GitHub Actions: reads the existing ones, and writes what has to change."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.console import error_reason
from sendspec.cli._lib.context import find_target
from sendspec.cli._lib.project_directory import PROJECT_FILE, find_project_directory
from sendspec.errors import LedgerError, SendspecError, Usage
from sendspec.model import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendspec.cli._lib.console import Console
    from sendspec.github_setup import Call, Change

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .-]*")
_TARGET: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")


class Repository:
    """The work tree around a project directory, which may not exist yet."""

    def __init__(self, directory: str) -> None:
        """Find the work tree.

        Raises:
            SendspecError: there is none.
        """
        from sendspec.ledger.safe_git_directory import find_work_tree

        self._directory = Path(directory)
        try:
            self.root = find_work_tree(self._directory).root
        except LedgerError as error:
            raise SendspecError(
                f"{directory} is not in a git repository; nothing was written",
                hint="run `git init`, or change to a clone of the repository",
            ) from error

    def call(self, target: str) -> Call:
        """Return the project directory, from the root, with a target, which must be one of the project.

        If the project does not exist yet, any valid name is accepted.

        Raises:
            SendspecError: the target does not exist, or another project directory has its git ledger, or
                the directory has a name that a workflow cannot contain as it is.
        """
        from sendspec.github_setup import Call

        if not _TARGET.fullmatch(target):
            raise Usage(f"'{target}' is not the name of a target", hint="use a name such as production")
        self._refuse_shared_ledger(target)
        name = self.name
        if name != "." and not all(map(_NAME.fullmatch, name.split("/"))):
            raise SendspecError(
                f"a workflow cannot contain the name of {self._directory}; nothing was written",
                hint="use letters, digits, spaces, dots, - and _ in the name of the directory",
            )
        return Call(name, target)

    def _refuse_shared_ledger(self, target: str) -> None:
        from sendspec.ledger.other_projects import refuse_shared_ledger

        remote = "origin"
        if self.has_project:
            from sendspec.load import load_project

            found = find_target(load_project(self._directory, os.environ), target)
            if found.ledger != "git":
                return
            remote = found.ledger_remote
        try:
            refuse_shared_ledger(self._directory, target, remote)
        except LedgerError as error:
            raise SendspecError(f"{error}; nothing was written", hint=error.hint) from error

    @property
    def name(self) -> str:
        """The project directory from the root of the work tree."""
        return self._directory.resolve().relative_to(self.root).as_posix()

    @property
    def has_project(self) -> bool:
        """Whether the directory has a project."""
        return (self._directory / PROJECT_FILE).exists()

    def default_branch(self, named: str | None) -> str:
        """Return the default branch: the named one, else that of the remote.

        Raises:
            SendspecError: it is not known, or a workflow would take its name for a pattern.
        """
        from sendspec.ledger.git_process import default_branch

        branch = named if named is not None else default_branch(self.root)
        if branch is None:
            raise SendspecError(
                "the remote 'origin' names no default branch; nothing was written",
                hint="name the branch whose pushes send: --default-branch NAME",
            )
        if not _BRANCH.fullmatch(branch):
            raise SendspecError(
                f"a workflow takes the name of the branch '{branch}' for a pattern; nothing was written",
                hint="give the default branch a simple name such as main",
            )
        return branch

    def read(self, path: str) -> str | None:
        """Return the text of a file, None if it does not exist.

        Raises:
            SendspecError: it cannot be read, or a link leads to it.
        """
        file = self.root / path
        if file.resolve() != file:
            raise SendspecError(
                f"{path} is a link, or is below one; nothing was written",
                hint="replace the link by the file or folder that it leads to",
            )
        try:
            return file.read_bytes().decode() if os.path.lexists(file) else None
        except (OSError, ValueError) as error:
            raise SendspecError(
                f"cannot read {path}: {error_reason(error)}; nothing was written",
                hint="make it a text file in UTF-8 that you may read",
            ) from error

    def write(self, changes: Iterable[Change]) -> None:
        """Write the texts of new and updated files.

        Raises:
            SendspecError: a file cannot be written; the ones before it are written.
        """
        for change in changes:
            file = self.root / change.path
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(change.text.encode())
            except OSError as error:
                raise SendspecError(
                    f"cannot write {change.path}: {error_reason(error)}",
                    hint="check the permissions of the folder, or free disk space; then run this again",
                ) from error


def write_github_files(
    console: Console, directory: str | None, target: str | None, pinned: str | None, branch_name: str | None
) -> None:
    """Write the files of a target, and report each; leave files that a person edited.

    Without a target, the existing jobs of the directory, or of the repository if that is None too, are
    updated. If there are none, the sandbox is the target.

    Raises:
        Usage: the commit of this sendspec is not known.
        SendspecError: a file cannot be read or written, or an edited file lacks what the target needs.
    """
    from sendspec.github_setup import ChangeKind, Pin, known_calls, repository_changes
    from sendspec.report.github_files import change_notes, change_text, edited_error, next_steps

    place = directory or find_project_directory()
    repository = Repository(place)
    known = known_calls(repository.read)
    call = None
    if target is not None or not _has_jobs(repository, known, directory):
        call = repository.call(target or SANDBOX)
    pin, branch = Pin.of_this_version(pinned), repository.default_branch(branch_name)
    changes = repository_changes(repository.read, pin, branch, call)
    repository.write(change for change in changes if change.kind in (ChangeKind.NEW, ChangeKind.UPDATED))
    for change in changes:
        console.info(change_text(change))
    for line in change_notes(changes, known if call is None else (call,), branch):
        console.info(line)
    if call is not None:
        for line in next_steps(call.target, place, has_project=repository.has_project):
            console.info(line)
    error = edited_error(changes, pin, None if call is None else call.target)
    if error is not None:
        raise error


def _has_jobs(repository: Repository, known: Sequence[Call], directory: str | None) -> bool:
    if directory is None:
        return bool(known)
    return repository.name in {call.directory for call in known}
