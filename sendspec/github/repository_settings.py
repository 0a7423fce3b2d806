"""Settings of a repository and of its environments, as far as the token may read them.

Sources: GitHub, "REST API endpoints for deployment environments", "… for deployment branch policies",
"… for GitHub Actions Secrets" and "… for GitHub Actions permissions" (read on 2026-11-27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sendspec.errors import GitHubError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.github.api import GitHubApi


class Environment(Struct, frozen=True):
    """The protection of an environment.

    `refs` are the patterns of branches and tags that may use it, None if every branch may, or every
    protected one. `admins_may_bypass` is None if GitHub does not report it.
    """

    reviewers: int
    prevents_self_review: bool
    admins_may_bypass: bool | None
    refs: tuple[str, ...] | None
    allows_protected_branches: bool


class JobTokens(Struct, frozen=True):
    """What the token of a job may do unless its workflow says otherwise."""

    only_read: bool
    may_approve: bool


def read_default_branch(api: GitHubApi) -> str:
    """Return the name of the default branch; raise GitHubError if the repository cannot be read."""
    return str(_object(api.get(task="read the repository")).get("default_branch"))


def read_environment(api: GitHubApi, name: str) -> Environment:
    """Return an environment.

    Raises:
        GitHubError: it cannot be read; with status 404 it does not exist.
    """
    value = _object(api.get("environments", name, task=f"read the environment {name}"))
    policy = value.get("deployment_branch_policy")
    has_patterns = isinstance(policy, dict) and policy.get("custom_branch_policies") is True
    rules = [
        rule for rule in _items(value.get("protection_rules")) if rule.get("type") == "required_reviewers"
    ]
    bypass = value.get("can_admins_bypass")
    return Environment(
        reviewers=sum(len(_items(rule.get("reviewers"))) for rule in rules),
        prevents_self_review=any(rule.get("prevent_self_review") is True for rule in rules),
        admins_may_bypass=bypass if isinstance(bypass, bool) else None,
        refs=tuple(_refs(api, name)) if has_patterns else None,
        allows_protected_branches=isinstance(policy, dict) and policy.get("protected_branches") is True,
    )


def _refs(api: GitHubApi, name: str) -> Iterator[str]:
    policies = api.get_all(
        "environments",
        name,
        "deployment-branch-policies",
        task=f"read the branches of the environment {name}",
        key="branch_policies",
    )
    for policy in _items(list(policies)):
        ref = str(policy.get("name"))
        yield ref if policy.get("type", "branch") == "branch" else f"{policy.get('type')} {ref}"


def secret_names(api: GitHubApi, environment: str | None = None) -> frozenset[str]:
    """Return the names of the secrets of an environment, else of the repository.

    Those that the organisation shares with the repository are included if the token may list them.

    Raises:
        GitHubError: they cannot be listed.
    """
    if environment is not None:
        task = f"list the secrets of the environment {environment}"
        return frozenset(_names(api, task, "environments", environment, "secrets"))
    own = frozenset(_names(api, "list the secrets of the repository", "actions", "secrets"))
    try:
        task = "list the secrets of the organisation"
        return own | frozenset(_names(api, task, "actions", "organization-secrets"))
    except GitHubError as error:
        if error.status is None:
            raise
        return own


def read_job_tokens(api: GitHubApi) -> JobTokens:
    """Return the default permissions of jobs; raise GitHubError if they cannot be read."""
    value = _object(api.get("actions", "permissions", "workflow", task="read the permissions of workflows"))
    return JobTokens(
        only_read=value.get("default_workflow_permissions") == "read",
        may_approve=value.get("can_approve_pull_request_reviews") is True,
    )


def _names(api: GitHubApi, task: str, *path: str) -> Iterator[str]:
    for secret in _items(list(api.get_all(*path, task=task, key="secrets"))):
        yield str(secret.get("name"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
