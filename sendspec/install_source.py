"""Repository and commit of the installed sendspec, which workflows name in `uses:`.

pip records both of an install from git (PEP 610, `direct_url.json`). A wheel from elsewhere has the record
that `hatch_build.py` wrote when it was built.
"""

from __future__ import annotations

import json
import os
import re
from importlib import metadata
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMIT: Final = re.compile(r"[0-9a-f]{40}")
REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_GITHUB: Final = "github.com"


class InstallSource(Struct, frozen=True):
    """Repository (OWNER/NAME on GitHub) and commit (40 hexadecimal digits); each is None if not known."""

    repository: str | None = None
    commit: str | None = None


def install_source(environ: Mapping[str, str] = os.environ) -> InstallSource:
    """Return where the installed sendspec comes from; nothing is known of an editable install."""
    try:
        direct_url = metadata.distribution("sendspec").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return InstallSource()
    recorded = _object(direct_url)
    vcs = recorded.get("vcs_info")
    if isinstance(vcs, dict) and vcs.get("vcs") == "git":
        return _source(_repository(str(recorded.get("url")), environ), vcs.get("commit_id"))
    built = files("sendspec") / "install_source.json"
    if not built.is_file():
        return InstallSource()
    values = _object(built.read_text(encoding="utf-8"))
    return _source(values.get("repository"), values.get("commit"))


def _source(repository: object, commit: object) -> InstallSource:
    return InstallSource(
        repository if isinstance(repository, str) and REPOSITORY.fullmatch(repository) else None,
        commit if isinstance(commit, str) and COMMIT.fullmatch(commit) else None,
    )


def _repository(url: str, environ: Mapping[str, str]) -> str | None:
    """Return OWNER/NAME of a repository on GitHub, or on the GitHub server of this run."""
    try:
        parts = urlsplit(url)
        server = urlsplit(environ.get("GITHUB_SERVER_URL", "")).hostname
    except ValueError:
        return None
    if parts.hostname is None or parts.hostname not in {_GITHUB, server}:
        return None
    return parts.path.strip("/").removesuffix(".git")


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
