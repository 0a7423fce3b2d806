"""Client of GitHub's REST API for one repository: comments of pull requests, issues, and settings.

This is the only package that speaks to GitHub. It uses the transport of `sendspec.acoustic`, which follows no
redirects, always verifies TLS, and never sends a request twice by itself.
"""

from sendspec.github.api import GitHubApi
from sendspec.github.branch_protection import BranchProtection, read_branch_protection
from sendspec.github.repository_settings import (
    Environment,
    JobTokens,
    read_default_branch,
    read_environment,
    read_job_tokens,
    secret_names,
)
from sendspec.github.settings import GitHubSettings

__all__ = [
    "BranchProtection",
    "Environment",
    "GitHubApi",
    "GitHubSettings",
    "JobTokens",
    "read_branch_protection",
    "read_default_branch",
    "read_environment",
    "read_job_tokens",
    "secret_names",
]
