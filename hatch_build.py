"""Build hook: records in each sdist and wheel from which repository and commit it was built."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RECORD = "sendspec/install_source.json"
_ARCHIVE = ".git_archive.json"
_HASH = re.compile(r"[0-9a-f]{40}")
_GITHUB = re.compile(r"(?:https://|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")


class InstallSourceHook(BuildHookInterface):
    """Adds the record to what is built, except to an editable install, whose files change later."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the record to a temporary file, and include it."""
        root = Path(self.root)
        if version == "editable" or (root / RECORD).exists():  # An sdist has the record already.
            return
        self._folder = tempfile.TemporaryDirectory()
        record = Path(self._folder.name) / "install_source.json"
        record.write_text(json.dumps(install_source(root), sort_keys=True) + "\n", encoding="utf-8")
        build_data["force_include"][str(record)] = RECORD

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the temporary file."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def install_source(root: Path) -> dict[str, str | None]:
    """Return `repository` (OWNER/NAME) and `commit` of a source tree, each None if it is not certain.

    A clone with changed files has no commit. GitHub writes the commit into `.git_archive.json` of the
    archives that a runner downloads for an action.
    """
    if not (root / ".git").exists():
        return {"repository": None, "commit": _archived_commit(root)}
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    head = _git(root, "rev-parse", "HEAD") or ""
    found = _GITHUB.fullmatch(_git(root, "remote", "get-url", "origin") or "")
    return {
        "repository": found[1] if found else None,
        "commit": head if changed == "" and _HASH.fullmatch(head) else None,
    }


def _archived_commit(root: Path) -> str | None:
    try:
        commit = json.loads((root / _ARCHIVE).read_bytes())["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return commit if isinstance(commit, str) and _HASH.fullmatch(commit) else None


def _git(root: Path, *arguments: str) -> str | None:
    """Return the output of git, None if it fails or is not installed."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the git of the person who builds
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
