"""Facts about the repository of a project: git names the tracked files, and their texts are surveyed."""

from __future__ import annotations

import os
import re
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sendspec.cli._lib.ci import is_public_repository
from sendspec.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from sendspec.model import Project, RepositoryFacts
    from sendspec.repository_texts import RepositoryText

_SECONDS_MAX: Final = 20
_FILES_MAX: Final = 10_000
_BYTES_MAX: Final = 1 << 20
"""Bytes that are read of one file."""

_TOTAL_BYTES_MAX: Final = 64 << 20
_HEADER_BYTES_MAX: Final = 64 << 10
_STATE: Final = re.compile(r"(.*/)?(\.sendspec/.*|sendspec\.[^/]*\.(lock|journal)[^/]*)", re.DOTALL)
"""Files that sendspec writes, which have digests instead of numbers."""

_SECRETS: Final = ("SENDSPEC_CLIENT_SECRET", "SENDSPEC_REFRESH_TOKEN", "SENDSPEC_LOG_KEY")
_CONNECTION: Final = "SENDSPEC_CONNECTION_"


class RepositorySurvey:
    """A survey of a project directory; git runs while the project is loaded."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._tracked: dict[Path, str] = {}
        self._git = Thread(target=self._ask_git, name="sendspec-git-files", daemon=True)
        self._git.start()

    def facts(self, project: Project, lists: Collection[Path]) -> RepositoryFacts:
        """Return the facts; of `lists`, which the scan reads, only the headers are read."""
        from sendspec.model import RepositoryFacts
        from sendspec.repository_texts import survey_texts

        self._git.join()
        found = survey_texts(self._texts(project, lists), own_secrets(os.environ))
        return RepositoryFacts(self._tracked, is_public_repository(), found.numbers, found.secrets)

    def _ask_git(self) -> None:
        from sendspec.ledger.git_process import GitProcess

        git = GitProcess(self._directory, _SECONDS_MAX)
        try:
            real = self._directory.resolve()
            listed = git.call(("ls-files", "-z", "--cached", "--", f":(literal){real}"), None)
            names = (
                listed.stdout.decode(errors="surrogateescape").split("\0") if not listed.returncode else []
            )
            paths = [git.root / name for name in names[:_FILES_MAX] if name and not _STATE.fullmatch(name)]
            shown = self._directory.as_posix()
            self._tracked = {path: f"{shown}/{path.relative_to(real).as_posix()}" for path in paths}
        except (LedgerError, OSError, ValueError):  # Without a clone that git can read, nothing is tracked.
            return

    def _texts(self, project: Project, lists: Collection[Path]) -> Iterator[RepositoryText]:
        from sendspec.load.project_files import read_regular
        from sendspec.repository_texts import RepositoryText

        specs = [project.directory / "sendspec.yaml", *(campaign.file for campaign in project.campaigns)]
        tracked = set(self._tracked.values())
        files = {path: (shown, True) for path, shown in self._tracked.items()}
        files |= {path: (path.as_posix(), False) for path in specs if path.as_posix() not in tracked}
        left = _TOTAL_BYTES_MAX
        for path, (shown, is_tracked) in files.items():
            is_used_list = path in lists
            limit = min(_HEADER_BYTES_MAX if is_used_list else _BYTES_MAX, left)
            content = read_regular(path, limit) or b""
            left -= len(content)
            if b"\0" in content[:_HEADER_BYTES_MAX]:  # The file is not a text.
                continue
            if is_used_list:
                content = content.partition(b"\n")[0]
            yield RepositoryText(shown, content.decode(errors="replace").removeprefix("\ufeff"), is_tracked)


def own_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of the environment by variable; of the URI of a connection, its password."""
    secrets = {name: environ[name] for name in _SECRETS if environ.get(name)}
    for name, value in environ.items():
        if name.startswith(_CONNECTION):
            try:
                secrets[name] = urlsplit(value).password or value
            except ValueError:
                secrets[name] = value
    return secrets
