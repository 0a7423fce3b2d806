"""Facts about the repository of a project: git names the tracked files, and their texts are surveyed."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sendspec.cli._lib.ci import is_public_repository
from sendspec.errors import LedgerError
from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from sendspec.model import Project, RepositoryFacts
    from sendspec.repository_texts import RepositoryText

_SECONDS_MAX: Final = 20
_FILES_MAX: Final = 10_000
_BYTES_MAX: Final = 1 << 20
"""Bytes that are read of one file."""

_TOTAL_BYTES_MAX: Final = 32 << 20
_HEADER_BYTES_MAX: Final = 64 << 10
_STATE: Final = lazy_pattern(r"(.*/)?(\.sendspec/.*|sendspec\.[^/]*\.(lock|journal)[^/]*)", re.DOTALL)
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
            self._tracked = {path: (self._directory / path.relative_to(real)).as_posix() for path in paths}
        except (LedgerError, OSError, ValueError):  # Without a clone that git can read, nothing is tracked.
            return

    def _texts(self, project: Project, lists: Collection[Path]) -> Iterator[RepositoryText]:
        from sendspec.load.project_files import read_regular
        from sendspec.repository_texts import RepositoryText, TextKind

        specs = [project.directory / "sendspec.yaml", *(campaign.file for campaign in project.campaigns)]
        files = {shown: path for path, shown in self._tracked.items()}
        kinds = {shown: TextKind.USED_LIST for path, shown in self._tracked.items() if path in lists}
        kinds |= {path.as_posix(): TextKind.SPEC for path in specs}
        left = _TOTAL_BYTES_MAX
        for shown, path in {**{path.as_posix(): path for path in specs}, **files}.items():
            kind = kinds.get(shown, TextKind.OTHER)
            limit = _HEADER_BYTES_MAX if kind is TextKind.USED_LIST else _BYTES_MAX
            content = read_regular(path, min(limit, left)) or b""
            left -= len(content)
            if b"\0" in content[:_HEADER_BYTES_MAX]:  # The file is not a text.
                continue
            if kind is TextKind.USED_LIST:
                content = content.partition(b"\n")[0]
            text = content.decode(errors="replace").removeprefix("\ufeff")
            yield RepositoryText(shown, text, kind, shown in files)


def own_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of the environment by variable; of the URI of a connection, its password."""
    secrets = {name: environ[name] for name in _SECRETS if environ.get(name)}
    for name, value in environ.items():
        if name.startswith(_CONNECTION):
            with suppress(ValueError):  # The URI is not valid.
                secrets[name] = urlsplit(value).password or ""
    return secrets
