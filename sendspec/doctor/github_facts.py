"""Settings on GitHub, each as far as the token of the environment may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sendspec.doctor.examination import GitHubFacts, Read
from sendspec.errors import GitHubError
from sendspec.github import (
    GitHubApi,
    GitHubSettings,
    read_branch_protection,
    read_default_branch,
    read_environment,
    read_job_tokens,
    secret_names,
)
from sendspec.github_setup import status_environment
from sendspec.ledger.git_plumbing import BRANCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_LEDGER_BRANCH: Final = BRANCH.removeprefix("refs/heads/")
_TOKENS: Final = ("GITHUB_TOKEN", "GH_TOKEN")
"""The variable of a step, and that of GitHub's CLI."""

_T = TypeVar("_T")


def github_environ(environ: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the environment with the token as `GITHUB_TOKEN`, None if it has no token."""
    token = next((environ[name] for name in _TOKENS if environ.get(name, "").strip()), None)
    return None if token is None else {**environ, "GITHUB_TOKEN": token}


def examine_github(environ: Mapping[str, str], repository: str | None, target: str) -> Read[GitHubFacts]:
    """Return the settings of a repository (OWNER/NAME, None for that of the environment)."""
    try:
        with GitHubApi(GitHubSettings.from_environment(environ, repository)) as api:
            branch = read_default_branch(api)
            return Read(
                GitHubFacts(
                    api.settings.repository,
                    branch,
                    environment=_read(lambda: read_environment(api, target)),
                    status_environment=_read(lambda: read_environment(api, status_environment(target))),
                    environment_secrets=_read(lambda: secret_names(api, target)),
                    status_secrets=_read(lambda: secret_names(api, status_environment(target))),
                    repository_secrets=_read(lambda: secret_names(api)),
                    default_protection=_read(lambda: read_branch_protection(api, branch)),
                    ledger_protection=_read(lambda: read_branch_protection(api, _LEDGER_BRANCH)),
                    job_tokens=_read(lambda: read_job_tokens(api)),
                )
            )
    except GitHubError as error:
        return Read(error=error)


def _read(call: Callable[[], _T]) -> Read[_T]:
    try:
        return Read(call())
    except GitHubError as error:
        return Read(error=error)
