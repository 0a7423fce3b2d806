"""Versions of what a report of a defect should name."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib import metadata
from typing import TYPE_CHECKING, Final

from sendspec import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIBRARIES: Final = (
    "click",
    "h11",
    "httpcore",
    "jinja2",
    "jsonschema",
    "jsonschema-rs",
    "orjson",
    "phonenumbers",
    "pyroaring",
    "ruamel.yaml",
    "ruamel.yaml.clib",
)
_GIT_SECONDS_MAX: Final = 10


def version_lines(*, verbose: bool) -> Iterator[str]:
    """Yield the version of sendspec, and if `verbose` those of Python, platform, git and libraries."""
    yield f"sendspec, version {__version__}"
    if not verbose:
        return
    yield f"Python {platform.python_version()} ({platform.python_implementation()})"
    yield f"platform {platform.platform()}"
    yield _git_version()
    for name in _LIBRARIES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} is not installed"


def _git_version() -> str:
    git = shutil.which("git")
    if git is None:
        return "git is not installed"
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [git, "--version"], capture_output=True, check=False, text=True, timeout=_GIT_SECONDS_MAX
        )
    except (OSError, subprocess.TimeoutExpired):
        return "git cannot be run"
    return done.stdout.strip() or "git cannot be run"
