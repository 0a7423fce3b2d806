"""What GitHub refuses for pushes to a branch, by its rulesets and by its classic branch protection.

Sources: GitHub, "Available rules for rulesets", "REST API endpoints for rules", "REST API endpoints for
protected branches", and "About protected branches" (read on 2026-11-27). Several rulesets and a branch
protection can apply to one branch; together they refuse what any of them refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.errors import GitHubError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.github.api import GitHubApi

_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_NOT_PROTECTED: Final = "Branch not protected"
"""GitHub's message for a branch without classic protection; without admin rights it is another one."""

_REFUSES_PUSHES: Final = (
    "update",
    "pull_request",
    "required_status_checks",
    "required_signatures",
    "required_deployments",
    "merge_queue",
    "workflows",
    "code_scanning",
    "commit_message_pattern",
    "commit_author_email_pattern",
    "committer_email_pattern",
    "branch_name_pattern",
    "file_path_restriction",
    "file_extension_restriction",
)
"""Rules that can refuse the commits of a ledger, which sendspec pushes unsigned and without a review."""

_CLASSIC_SETTINGS: Final = (
    "required_pull_request_reviews",
    "required_status_checks",
    "required_signatures",
    "restrictions",
    "lock_branch",
)
"""Settings of a classic protection that refuse a push; each is an object, some with `enabled`."""


class BranchProtection(Struct, frozen=True):
    """What GitHub refuses at one branch; None means that the token may not read the setting.

    `approvals` are the approvals that a pull request needs, 0 if pushes need no pull request.
    `refused_pushes` are the rules and settings that can refuse a push with commits on top.
    """

    refuses_force_pushes: bool | None
    refuses_deletion: bool | None
    approvals: int | None
    refused_pushes: tuple[str, ...] = ()


def read_branch_protection(api: GitHubApi, branch: str) -> BranchProtection:
    """Return the protection of a branch, which does not need to exist.

    Raises:
        GitHubError: the rules of the branch cannot be read.
    """
    task = f"read the protection of the branch {branch}"
    rules = [rule for rule in api.get_all("rules", "branches", branch, task=task) if isinstance(rule, dict)]
    return _joined(rules, _classic(api, branch, task))


def _classic(api: GitHubApi, branch: str, task: str) -> Mapping[str, Any] | None:
    """Return the classic protection, empty if the branch has none, None if the token may not read it."""
    try:
        value = api.get("branches", branch, "protection", task=task)
    except GitHubError as error:
        if error.status not in (_NOT_FOUND, _FORBIDDEN):
            raise
        has_none = _NOT_PROTECTED in str(error) or not _is_protected(api, branch, task)
        return {} if has_none else None
    return value if isinstance(value, dict) else None


def _is_protected(api: GitHubApi, branch: str, task: str) -> bool:
    """Return whether a branch is protected, which every reader of the repository can see."""
    try:
        value = api.get("branches", branch, task=task)
    except GitHubError as error:
        if error.status != _NOT_FOUND:
            raise
        return False
    return not isinstance(value, dict) or value.get("protected") is not False


def _joined(rules: Sequence[Mapping[str, Any]], classic: Mapping[str, Any] | None) -> BranchProtection:
    kinds = [str(rule.get("type")) for rule in rules]
    unknown = None if classic is None else False
    default = None if classic is None else 0
    classic = classic or {}
    approvals = [_approvals(rule.get("parameters")) for rule in rules if rule.get("type") == "pull_request"]
    if reviews := classic.get("required_pull_request_reviews"):
        approvals.append(_approvals(reviews))
    refused = [kind for kind in dict.fromkeys(kinds) if kind in _REFUSES_PUSHES]
    refused += [name for name in _CLASSIC_SETTINGS if _is_on(classic.get(name)) and name not in refused]
    return BranchProtection(
        refuses_force_pushes="non_fast_forward" in kinds or _is_off(classic, "allow_force_pushes") or unknown,
        refuses_deletion="deletion" in kinds or _is_off(classic, "allow_deletions") or unknown,
        approvals=max(approvals) if approvals else default,
        refused_pushes=tuple(refused),
    )


def _approvals(settings: Any) -> int:
    count = settings.get("required_approving_review_count") if isinstance(settings, dict) else None
    return count if isinstance(count, int) else 0


def _is_on(setting: Any) -> bool:
    return isinstance(setting, dict) and setting.get("enabled", True) is not False


def _is_off(classic: Mapping[str, Any], name: str) -> bool:
    """Return whether a classic protection exists and does not allow something."""
    return bool(classic) and not _is_on(classic.get(name, {"enabled": False}))
