"""Settings of a repository on GitHub, read from the stand-in as a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sendspec.errors import GitHubError
from sendspec.github import (
    BranchProtection,
    Environment,
    GitHubApi,
    GitHubSettings,
    JobTokens,
    read_branch_protection,
    read_default_branch,
    read_environment,
    read_job_tokens,
    secret_names,
)
from tests.github_api import Fault, GitHubServer, Token

if TYPE_CHECKING:
    from collections.abc import Iterator

READER = "ghs_tokenThatReadsNoSettings01234567"
LEDGER = "sendspec-state"
CLASSIC = {
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
    "required_signatures": {"url": "", "enabled": False},
    "lock_branch": {"enabled": False},
}
REVIEW = {"type": "pull_request", "parameters": {"required_approving_review_count": 2}}
NO_PROTECTION = Environment(
    reviewers=0,
    prevents_self_review=False,
    admins_may_bypass=None,
    refs=None,
    allows_protected_branches=False,
)
GROWS = [{"type": "deletion"}, {"type": "non_fast_forward"}]


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        running.state.tokens[READER] = Token(permissions={"contents": "read"})
        yield running


@pytest.fixture
def api(github: GitHubServer) -> Iterator[GitHubApi]:
    with GitHubApi(GitHubSettings.from_environment(github.environment())) as client:
        yield client


@pytest.fixture
def reader(github: GitHubServer) -> Iterator[GitHubApi]:
    """Return a client whose token may not read settings, as that of a job."""
    with GitHubApi(GitHubSettings.from_environment(github.environment(READER))) as client:
        yield client


def test_a_branch_without_protection(api, reader):
    """Everyone who may push can move and delete it, also by the answers for a token with few rights."""
    expected = BranchProtection(refuses_force_pushes=False, refuses_deletion=False, approvals=0)
    assert read_branch_protection(api, LEDGER) == expected
    assert read_branch_protection(reader, LEDGER) == expected


def test_rules_of_rulesets(github, reader):
    """Every token may read the rules, which decide about what they refuse."""
    github.state.rules[LEDGER] = [*GROWS, {"type": "required_linear_history"}]
    found = read_branch_protection(reader, LEDGER)
    assert (found.refuses_force_pushes, found.refuses_deletion) == (True, True)
    assert found.refused_pushes == ()
    github.state.rules[LEDGER] = [REVIEW, {**REVIEW, "parameters": {}}, {"type": "update"}, GROWS[0]]
    found = read_branch_protection(reader, LEDGER)
    assert (found.refuses_force_pushes, found.refuses_deletion) == (None, True)
    assert (found.approvals, found.refused_pushes) == (2, ("pull_request", "update"))


def test_a_classic_protection(github, api, reader):
    """A token with rights reads its settings; another one only knows that the branch is protected."""
    github.state.protections[LEDGER] = CLASSIC
    assert read_branch_protection(api, LEDGER) == BranchProtection(
        refuses_force_pushes=True, refuses_deletion=True, approvals=0
    )
    assert read_branch_protection(reader, LEDGER) == BranchProtection(None, None, None)
    github.state.protections[LEDGER] = {
        **CLASSIC,
        "allow_force_pushes": {"enabled": True},
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "lock_branch": {"enabled": True},
    }
    assert read_branch_protection(api, LEDGER) == BranchProtection(
        refuses_force_pushes=False,
        refuses_deletion=True,
        approvals=1,
        refused_pushes=("required_pull_request_reviews", "lock_branch"),
    )


def test_an_environment(github, api, reader):
    """Reviewers, branches and the bypass of an environment are read; a missing one is a 404."""
    with pytest.raises(GitHubError) as missing:
        read_environment(api, "production")
    assert missing.value.status == 404
    github.state.environments["production"] = {}
    assert read_environment(api, "production") == NO_PROTECTION
    github.state.environments["production"] = {
        "can_admins_bypass": False,
        "protection_rules": [
            {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{}, {}]},
            {"type": "branch_policy"},
        ],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    github.state.branch_policies["production"] = ["main", "v*"]
    assert read_environment(api, "production") == Environment(
        reviewers=2,
        prevents_self_review=True,
        admins_may_bypass=False,
        refs=("main", "v*"),
        allows_protected_branches=False,
    )
    with pytest.raises(GitHubError) as refused:
        read_environment(reader, "production")
    assert refused.value.status == 403


def test_names_of_secrets(github, api, reader):
    """Secrets of the organisation count as those of the repository; values are never asked for."""
    github.state.environments["production"] = {}
    github.state.secrets = {"production": ["A"], "": ["B"], "organization": ["C"]}
    assert secret_names(api, "production") == {"A"}
    assert secret_names(api) == {"B", "C"}
    github.faults.append(Fault("GET", "organization-secrets", 403, times=9))
    assert secret_names(api) == {"B"}
    with pytest.raises(GitHubError):
        secret_names(reader)


def test_tokens_and_the_default_branch(github, api):
    """The permissions of jobs, and the name of the default branch."""
    github.state.default_branch = "trunk"
    assert read_default_branch(api) == "trunk"
    assert read_job_tokens(api) == JobTokens(only_read=False, may_approve=False)
    github.state.workflow_permissions = {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": True,
    }
    assert read_job_tokens(api) == JobTokens(only_read=True, may_approve=True)
    assert github.writes() == []
