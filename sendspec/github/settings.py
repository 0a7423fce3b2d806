"""The repository, the addresses of its server, and the token, as a job of GitHub Actions has them.

Source: GitHub, "Variables reference", as of 2026-11. The runner sets every variable here but the token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sendspec.errors import GitHubError
from sendspec.model import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
API_URL: Final = "GITHUB_API_URL"
SERVER_URL: Final = "GITHUB_SERVER_URL"
REPOSITORY: Final = "GITHUB_REPOSITORY"

_API_URL: Final = "https://api.github.com"
_SERVER_URL: Final = "https://github.com"
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?"
    r"(?P<path>(?:/[A-Za-z0-9._~-]+)*)/?",
    re.IGNORECASE | re.ASCII,
)
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """One repository (`OWNER/NAME`), the URLs of its server without a slash at the end, and a token."""

    token: str = field(repr=False)
    repository: str
    api_url: str = _API_URL
    server_url: str = _SERVER_URL

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], repository: str | None = None) -> GitHubSettings:
        """Return the settings of `environ`; `repository` replaces the one in it.

        Raises:
            GitHubError: a variable is missing, or its value cannot be used.
        """
        token = environ.get(TOKEN, "").strip()
        if not token:
            raise GitHubError(
                f"{TOKEN} is not set", hint=f"set {TOKEN} in the environment of the step, to the job's token"
            )
        if not _TOKEN.fullmatch(token):
            raise GitHubError(
                f"{TOKEN} has characters that a token cannot have",
                hint="copy the token again from its source",
            )
        name = repository or environ.get(REPOSITORY, "")
        if not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
            raise GitHubError(
                f"{REPOSITORY} is not the name of a repository", hint=f"set {REPOSITORY} to OWNER/NAME"
            )
        return cls(token, name, _url(environ, API_URL, _API_URL), _url(environ, SERVER_URL, _SERVER_URL))

    @property
    def graphql_url(self) -> str:
        """The URL of the GraphQL API, which is beside the REST API of a server of one's own.

        Source: GitHub, "Forming calls with GraphQL", as of 2026-11.
        """
        return f"{self.api_url.removesuffix('/v3')}/graphql"


def _url(environ: Mapping[str, str], variable: str, default: str) -> str:
    """Return the URL in a variable; only loopback may be without TLS, because the token is sent there.

    Raises:
        GitHubError: it is not such a URL.
    """
    url = environ.get(variable, "").strip() or default
    match = _URL.fullmatch(url)
    if match is None or (match["scheme"].lower() != "https" and not is_loopback(match["host"].strip("[]"))):
        raise GitHubError(
            f"{variable} must be an https URL without user, query and fragment",
            hint=f"remove {variable} from the environment to use {default}",
        )
    return url.rstrip("/")
