"""A local stand-in for GitHub's REST API: a real HTTP server on loopback, with one repository.

    with GitHubServer() as github:
        github.add_pull_request(5)
        environment = github.environment()  # GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, …
        …
        assert github.bodies(5) == […]

It keeps every request (`github.calls()`), and injects faults (`github.faults`).
"""

from tests.github_api.faults import Fault, accepted_and_lost, bad_gateway, before, rate_limited
from tests.github_api.server import GitHubServer
from tests.github_api.state import Comment, Commit, Issue, Token

__all__ = [
    "Comment",
    "Commit",
    "Fault",
    "GitHubServer",
    "Issue",
    "Token",
    "accepted_and_lost",
    "bad_gateway",
    "before",
    "rate_limited",
]
