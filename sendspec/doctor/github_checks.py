"""Checks of settings on GitHub: the environment, its secrets, both branches, and the tokens of jobs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from sendspec.acoustic.credentials import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.errors import GitHubError
from sendspec.formatting import pluralize
from sendspec.github_setup import status_environment
from sendspec.signing_keys import LOG_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.doctor.examination import Examination, GitHubFacts, Read
    from sendspec.github import BranchProtection, Environment, JobTokens

_CREDENTIALS: Final = (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)
_SECRETS: Final = (*_CREDENTIALS, LOG_KEY)
_UNAUTHORIZED: Final = 401
_NOT_FOUND: Final = 404
_REFUSALS: Final = MappingProxyType(
    {
        _UNAUTHORIZED: CheckReason.GITHUB_TOKEN_REJECTED,
        _NOT_FOUND: CheckReason.GITHUB_REPOSITORY_HIDDEN,
    }
)
"""Answers to the first call that only a change of the token or the name of the repository helps."""

_T = TypeVar("_T")


def _access(examination: Examination) -> Decision:
    read = examination.github
    if read.error is not None:
        status = read.error.status if isinstance(read.error, GitHubError) else None
        reason = CheckReason.GITHUB_NOT_READ if status is None else _REFUSALS.get(status)
        return Decision.of_error(reason or CheckReason.GITHUB_NOT_READ, read.error)
    if read.value is None:
        return Decision.of(CheckReason.NO_GITHUB_TOKEN)
    return Decision.of(
        CheckReason.GITHUB_READ, repository=read.value.repository, branch=read.value.default_branch
    )


def _with_settings(decide: Callable[[GitHubFacts], Decision]) -> Callable[[Examination], Decision]:
    """Return a check of settings, which the token must be able to read."""

    def check(examination: Examination) -> Decision:
        github = examination.github.value
        return Decision.of(CheckReason.NO_SETTINGS) if github is None else decide(github)

    return check


def _of_real_target(
    decide: Callable[[GitHubFacts, Examination], Decision],
) -> Callable[[Examination], Decision]:
    """Return a check of settings for a target other than the built-in sandbox, which has no environment."""

    def check(examination: Examination) -> Decision:
        github, target = examination.github.value, examination.target
        if github is None:
            return Decision.of(CheckReason.NO_SETTINGS)
        if target is not None and not target.is_remembered:
            return Decision.of(CheckReason.BUILT_IN_SANDBOX)
        return decide(github, examination)

    return check


def _with_environment(
    decide: Callable[[Environment, GitHubFacts], Decision],
) -> Callable[[Examination], Decision]:
    """Return a check of the environment of a target, which must exist."""

    def check(github: GitHubFacts, _examination: Examination) -> Decision:
        environment = github.environment.value
        return Decision.of(CheckReason.NO_ENVIRONMENT) if environment is None else decide(environment, github)

    return _of_real_target(check)


def _environment(github: GitHubFacts, examination: Examination) -> Decision:
    error = github.environment.error
    if _is_missing(error):
        return Decision.of(CheckReason.ENVIRONMENT_MISSING, name=examination.target_name)
    if error is not None:
        return Decision.of_error(CheckReason.MAY_NOT_READ, error)
    return Decision.of(CheckReason.ENVIRONMENT_EXISTS, name=examination.target_name)


def _reviewers(environment: Environment, _github: GitHubFacts) -> Decision:
    reason = CheckReason.REVIEWERS_REQUIRED if environment.reviewers else CheckReason.REVIEWERS_MISSING
    return Decision.of(reason, count=pluralize(environment.reviewers, "reviewer"))


def _self_review(environment: Environment, _github: GitHubFacts) -> Decision:
    is_prevented = environment.prevents_self_review
    return Decision.of(CheckReason.SELF_REVIEW_PREVENTED if is_prevented else CheckReason.SELF_REVIEW_ALLOWED)


def _branches(environment: Environment, github: GitHubFacts) -> Decision:
    facts = {"branch": github.default_branch}
    if environment.refs is None:
        is_any = not environment.allows_protected_branches
        return Decision.of(CheckReason.ANY_BRANCH if is_any else CheckReason.PROTECTED_BRANCHES, **facts)
    others = [ref for ref in environment.refs if ref != github.default_branch]
    if others:
        return Decision.of(CheckReason.OTHER_BRANCHES, **facts, others=", ".join(others))
    return Decision.of(CheckReason.ONLY_DEFAULT_BRANCH, **facts)


def _status_branches(github: GitHubFacts, examination: Examination) -> Decision:
    """Return the decision about the environment of the status, which has secrets and no reviewers."""
    environment = github.status_environment
    if _is_missing(environment.error):
        name, tree = status_environment(examination.target_name), examination.work_tree
        # GitHub compares the names of environments without case.
        is_named = tree is not None and name.casefold() in map(str.casefold, tree.environments)
        reason = CheckReason.STATUS_ENVIRONMENT_MISSING if is_named else CheckReason.NO_STATUS_ENVIRONMENT
        return Decision.of(reason, name=name)
    return _of_value(environment, lambda found: _branches(found, github))


def _status_secrets(github: GitHubFacts, _examination: Examination) -> Decision:
    if github.status_environment.value is None:
        return Decision.of(CheckReason.NO_ENVIRONMENT)
    return _of_value(github.status_secrets, lambda names: _lacking(_CREDENTIALS, names))


def _is_missing(error: Exception | None) -> bool:
    return isinstance(error, GitHubError) and error.status == _NOT_FOUND


def _admins(environment: Environment, _github: GitHubFacts) -> Decision:
    if environment.admins_may_bypass is None:
        return Decision.of(CheckReason.BYPASS_NOT_REPORTED)
    may_bypass = environment.admins_may_bypass
    return Decision.of(CheckReason.ADMINS_MAY_BYPASS if may_bypass else CheckReason.ADMINS_BOUND)


def _own_secrets(_environment: Environment, github: GitHubFacts) -> Decision:
    return _of_value(github.environment_secrets, lambda names: _lacking(_SECRETS, names))


def _lacking(needed: tuple[str, ...], names: frozenset[str]) -> Decision:
    missing = [name for name in needed if name not in names]
    if missing:
        return Decision.of(CheckReason.SECRETS_MISSING, names=", ".join(missing))
    return Decision.of(CheckReason.SECRETS_PRESENT)


def _shared_secrets(github: GitHubFacts) -> Decision:
    def decide(names: frozenset[str]) -> Decision:
        shared = [name for name in _SECRETS if name in names]
        if shared:
            return Decision.of(CheckReason.SHARED_SECRETS, names=", ".join(shared))
        return Decision.of(CheckReason.NO_SHARED_SECRETS)

    return _of_value(github.repository_secrets, decide)


def _default_branch(github: GitHubFacts) -> Decision:
    def decide(protection: BranchProtection) -> Decision:
        facts = {"branch": github.default_branch, "count": pluralize(protection.approvals or 0, "approval")}
        if protection.approvals is None:
            return Decision.of(CheckReason.PROTECTION_HIDDEN, **facts)
        if protection.approvals == 0:
            return Decision.of(CheckReason.REVIEW_NOT_REQUIRED, **facts)
        return Decision.of(CheckReason.REVIEW_REQUIRED, **facts)

    return _of_value(github.default_protection, decide)


def _ledger_branch(examination: Examination) -> Decision:
    def decide(protection: BranchProtection) -> Decision:
        refuses = protection.refuses_force_pushes, protection.refuses_deletion
        if refuses == (False, False):
            return Decision.of(CheckReason.BRANCH_UNPROTECTED)
        if False in refuses:
            is_moved = protection.refuses_force_pushes is False
            return Decision.of(
                CheckReason.BRANCH_CAN_BE_MOVED if is_moved else CheckReason.BRANCH_CAN_BE_DELETED
            )
        if None in refuses:
            return Decision.of(CheckReason.PROTECTION_HIDDEN, branch="sendspec-state")
        return Decision.of(CheckReason.BRANCH_GROWS_ONLY)

    return _of_ledger_branch(examination, decide)


def _ledger_branch_pushes(examination: Examination) -> Decision:
    def decide(protection: BranchProtection) -> Decision:
        if protection.refused_pushes:
            return Decision.of(CheckReason.PUSHES_REFUSED, names=", ".join(protection.refused_pushes))
        if None in (protection.refuses_force_pushes, protection.refuses_deletion, protection.approvals):
            return Decision.of(CheckReason.PROTECTION_HIDDEN, branch="sendspec-state")
        return Decision.of(CheckReason.PUSHES_ALLOWED)

    return _of_ledger_branch(examination, decide)


def _of_ledger_branch(examination: Examination, decide: Callable[[BranchProtection], Decision]) -> Decision:
    if examination.github.value is None:
        return Decision.of(CheckReason.NO_SETTINGS)
    if examination.target is None:
        return Decision.of(CheckReason.NO_TARGET)
    if examination.target.ledger != "git":
        return Decision.of(CheckReason.LEDGER_IN_FILES)
    return _of_value(examination.github.value.ledger_protection, decide)


def _job_tokens(github: GitHubFacts) -> Decision:
    def decide(tokens: JobTokens) -> Decision:
        if not tokens.only_read:
            return Decision.of(CheckReason.TOKENS_MAY_WRITE)
        may_approve = tokens.may_approve
        return Decision.of(CheckReason.TOKENS_MAY_APPROVE if may_approve else CheckReason.TOKENS_ONLY_READ)

    return _of_value(github.job_tokens, decide)


def _of_value(read: Read[_T], decide: Callable[[_T], Decision]) -> Decision:
    """Return the decision about a value, or that the token may not read it."""
    if read.error is not None:
        return Decision.of_error(CheckReason.MAY_NOT_READ, read.error)
    return Decision.of(CheckReason.NO_SETTINGS) if read.value is None else decide(read.value)


CHECKS: Final = tuple(
    Check(name, CheckGroup.GITHUB, decide)
    for name, decide in (
        ("github-access", _access),
        ("environment", _of_real_target(_environment)),
        ("environment-reviewers", _with_environment(_reviewers)),
        ("environment-self-review", _with_environment(_self_review)),
        ("environment-branches", _with_environment(_branches)),
        ("environment-admins", _with_environment(_admins)),
        ("status-environment", _of_real_target(_status_branches)),
        ("status-secrets", _of_real_target(_status_secrets)),
        ("environment-secrets", _with_environment(_own_secrets)),
        ("repository-secrets", _with_settings(_shared_secrets)),
        ("default-branch", _with_settings(_default_branch)),
        ("ledger-branch", _ledger_branch),
        ("ledger-branch-pushes", _ledger_branch_pushes),
        ("job-tokens", _with_settings(_job_tokens)),
    )
)
