"""The protection of the ledger branch, as GitHub reports it to the token of the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sendspec.errors import GitHubError, LedgerError

if TYPE_CHECKING:
    from sendspec.github import GitHubApi, GitHubSettings
    from sendspec.model import Project, Target
    from sendspec.watch import BranchCheck


def check_ledger_branch(project: Project, target: Target) -> BranchCheck | None:
    """Return the protection of the ledger branch of a target, None for a ledger in files."""
    from sendspec.github import GitHubApi, GitHubSettings
    from sendspec.watch import BranchCheck, BranchState

    if target.ledger != "git":
        return None
    if not os.environ.get("GITHUB_TOKEN", "").strip():
        return BranchCheck(BranchState.NO_TOKEN)
    try:
        settings = GitHubSettings.from_environment(os.environ)
        if not _has_branch(settings, project, target):
            return BranchCheck(BranchState.OTHER_REPOSITORY)
        with GitHubApi(settings) as api:
            return _read(api)
    except (GitHubError, LedgerError) as error:
        return BranchCheck(BranchState.NOT_READABLE, evidence=str(error))


def _has_branch(settings: GitHubSettings, project: Project, target: Target) -> bool:
    """Return whether the remote of the ledger is the repository of the settings."""
    from sendspec.ledger.branch_identity import normalize_url
    from sendspec.ledger.git_plumbing import GitClone

    clone = GitClone(project.directory, target.ledger_remote)
    here = normalize_url(f"{settings.server_url}/{settings.repository}", project.directory)
    return clone.normalized_url().lower() == here.lower()


def _read(api: GitHubApi) -> BranchCheck:
    """Return the protection of the branch.

    Raises:
        GitHubError: the rules of the branch cannot be read.
    """
    from sendspec.github.branch_protection import read_branch_protection
    from sendspec.ledger.git_plumbing import BRANCH
    from sendspec.watch import BranchCheck, BranchState

    found = read_branch_protection(api, BRANCH.removeprefix("refs/heads/"))
    refused = (found.refuses_force_pushes, found.refuses_deletion)
    if False in refused:
        return BranchCheck(
            BranchState.UNPROTECTED,
            allows_force_pushes=found.refuses_force_pushes is False,
            allows_deletion=found.refuses_deletion is False,
        )
    return BranchCheck(BranchState.NOT_READABLE if None in refused else BranchState.PROTECTED)
