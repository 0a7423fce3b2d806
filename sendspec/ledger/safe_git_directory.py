"""The work tree of a git ledger: the folder with `.git` above the project directory.

A commit cannot contain `.git`, but it can contain `HEAD`, `config`, `objects` and `refs`. git takes a
folder with these files for a bare repository and runs the commands in its `config`. So sendspec finds
`.git` itself, passes it to every call, and refuses a work tree with such a folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

_REPOSITORY_FILES: Final = ("HEAD", "objects", "refs")
"""Names by which git recognises a bare repository (setup.c, `is_git_directory`)."""


class WorkTree(Struct, frozen=True):
    """The root of a work tree and its `.git`, which is a folder, or a file in a linked work tree."""

    root: Path
    git_dir: Path


def find_work_tree(directory: Path) -> WorkTree:
    """Return the work tree that contains a project directory.

    Raises:
        LedgerError: no folder above has `.git`, or a folder below it looks like a repository.
    """
    start = directory.resolve()
    for folder in (start, *start.parents):
        if all((folder / name).exists() for name in _REPOSITORY_FILES):
            raise LedgerError(
                f"{folder} has the files of a git repository",
                hint=f"remove {', '.join(_REPOSITORY_FILES)} from it, and check who committed them",
            )
        if (folder / ".git").exists():
            return WorkTree(folder, folder / ".git")
    raise LedgerError(
        f"{directory} is not in a clone of a git repository",
        hint="use a clone of the repository with the ledger branch, or set `ledger: file` for this target",
    )
