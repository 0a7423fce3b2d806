"""The outputs that may have real values of recipients, and the places where they are refused."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.ci import in_ci, stated_visibility
from sendspec.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.cli._lib.outputs import Output

_FORMATS: Final = ("text", "html")
"""The formats that a person reads and that nothing copies further, unlike a comment or a log."""


def check_personal(outputs: Iterable[Output], plan_file: str | None) -> None:
    """Check that `--show-pii` shows values of recipients only to the person who runs it.

    Raises:
        Usage: this is CI, the plan is saved, or an output is neither text nor html, nor on a terminal or in
            a regular file.
    """
    if in_ci():
        raise Usage(
            "--show-pii is refused in CI, because other people read its logs",
            hint="run `sendspec plan --show-pii` on a terminal of your own",
        )
    if plan_file is not None:
        raise Usage("--show-pii and --save exclude each other", hint="omit one of the two")
    for chosen in outputs:
        if chosen.format not in _FORMATS:
            raise Usage(
                f"--show-pii is refused with format '{chosen.format}'", hint="use the formats text and html"
            )
        _check_place(chosen)


def reject_public_repository() -> None:
    """Check that `--failed-csv` does not write numbers where an artifact of the job would publish them.

    Everyone who can read a repository can read the artifacts of its jobs, so that of a public one is read by
    everyone who is signed in (GitHub, "Downloading workflow artifacts", as of 2026-11). A scheduled event may
    not have the repository; then its API is asked.

    Raises:
        Usage: this is CI of a public repository.
        GitHubError: the visibility of the repository cannot be read.
    """
    if not in_ci():
        return
    is_public = stated_visibility()
    if is_public is None and os.environ.get("GITHUB_ACTIONS"):
        is_public = _is_public_on_github()
    if is_public:
        raise Usage(
            "--failed-csv is refused in CI of a public repository, because everyone can read its artifacts",
            hint="run `sendspec status --failed-csv FILE` on a machine of your own",
        )


def _is_public_on_github() -> bool:
    from sendspec.github import GitHubApi, GitHubSettings

    with GitHubApi(GitHubSettings.from_environment(os.environ)) as api:
        repository = api.get(task="read the visibility of the repository")
    return not (isinstance(repository, dict) and repository.get("private") is True)


def _check_place(chosen: Output) -> None:
    """Check that an output goes to a terminal, or to a file that only its owner will read."""
    from sendspec.cli._lib.output_file import is_device

    if chosen.file is None and not sys.stdout.isatty():
        raise Usage(
            "--show-pii is refused because standard output is not a terminal",
            hint=f"name a file, such as `--format {chosen.format}=FILE`",
        )
    if chosen.file is not None and is_device(chosen.file):
        raise Usage(
            f"--show-pii does not write to {chosen.file}", hint="name a regular file, or use a terminal"
        )
