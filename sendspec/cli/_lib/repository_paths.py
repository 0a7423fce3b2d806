"""Names of files from the root of the repository, as programs need them that show findings beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Finding


def relocate(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the names of their files from the root of the repository.

    The root is the nearest folder with `.git` above a file, else `$GITHUB_WORKSPACE`. The name of a file
    outside of both stays.
    """
    findings = tuple(findings)
    names = {name: repository_path(name) for name in {finding.location.file for finding in findings}}
    return tuple(
        replace(finding, location=finding.location._replace(file=names[finding.location.file]))
        for finding in findings
    )


def repository_path(name: str) -> str:
    """Return the name of a file from the root of its repository, as `relocate` does."""
    path = os.path.abspath(name)  # noqa: PTH100 - `resolve` follows links
    root = _work_tree(path) or _workspace(path)
    return name if root is None else os.path.relpath(path, root).replace(os.sep, "/")


def _work_tree(path: str) -> str | None:
    """Return the nearest folder above a path that is the root of a work tree, if there is one."""
    folder = os.path.dirname(path)  # noqa: PTH120 - `os.path` keeps any bytes of a name
    while not os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return None
        folder = parent
    return folder


def _workspace(path: str) -> str | None:
    """Return the folder into which a workflow checks repositories out, if the path is in it."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    root = workspace and os.path.abspath(workspace)  # noqa: PTH100
    return root if root and os.path.commonpath([root, path]) == root else None
