"""Client of GitHub's REST API for one repository: comments of pull requests, issues, and settings.

This is the only package that speaks to GitHub. It uses the transport of `sendspec.acoustic`, which follows no
redirects, always verifies TLS, and never sends a request twice by itself.
"""

from sendspec.github.api import GitHubApi
from sendspec.github.settings import GitHubSettings

__all__ = ["GitHubApi", "GitHubSettings"]
