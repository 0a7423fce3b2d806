"""Calls of GitHub's REST API below one repository, with pages, bounded repetitions and rate limits."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

from sendspec.acoustic.outcome import Answer, FailureKind
from sendspec.acoustic.transport import Limits, Transport
from sendspec.errors import GitHubError
from sendspec.github.answers import (
    call_error,
    is_lost,
    is_success,
    next_page,
    rate_limit_seconds,
    read_json,
)
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sendspec.acoustic.outcome import Failure
    from sendspec.github.settings import GitHubSettings

API_VERSION: Final = "2022-11-28"
"""The oldest version that GitHub supports, because a server of one's own may know only that one.

Source: GitHub, "API Versions", as of 2026-11.
"""
_MEDIA_TYPE: Final = "application/vnd.github+json"
_LIMITS: Final = Limits(read=30.0, total=60.0, connections=1, answer_bytes=64 << 20)
"""A page of 100 comments has at most 6.6 million characters, each of up to 6 bytes in JSON."""

_PAGE_ITEMS: Final = 100
PAGES_MAX: Final = 100
_ATTEMPT_PAUSES: Final = (0.5, 2.0)
"""Seconds before each repetition of a call that may be repeated."""

_RATE_LIMIT_SECONDS_MAX: Final = 60.0
_HIDDEN_SEGMENTS: Final = {".": "%2E", "..": "%2E%2E"}


class GitHubApi:
    """The REST API of one repository; a `task` such as `list the comments of #5` is for the error.

    Segments of a path are quoted. A GET is repeated at most twice if GitHub does not answer. Another call is
    repeated only if not a byte of it left. A call waits once for the end of a rate limit, and all calls of a
    client together for at most a minute.
    """

    def __init__(
        self,
        settings: GitHubSettings,
        *,
        limits: Limits = _LIMITS,
        wait: Callable[[float], None] = time.sleep,
        permissions: Sequence[str] = (),
    ) -> None:
        """Open no connection yet; `wait` waits for so many seconds.

        `permissions` are those that all calls together need, such as `issues: write`, for hints.
        """
        self.settings = settings
        self._redactor = Redactor((settings.token,))
        self._transport = Transport(limits)
        self._wait = wait
        self._permissions = permissions
        self._viewer: str | None = None
        self._waits_left = _RATE_LIMIT_SECONDS_MAX

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def get(self, *path: str | int, task: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Return the value of one resource.

        Raises:
            GitHubError: GitHub refused the call, or did not answer.
        """
        return read_json(self._call("GET", self._url(path, query), task), task)

    def get_all(
        self,
        *path: str | int,
        task: str,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
        pages_max: int = PAGES_MAX,
    ) -> Iterator[Any]:
        """Yield the items of a list, of at most `pages_max` pages; `key` is the list in an object.

        Raises:
            GitHubError: as for `get`, or a page is not such a list, or the next one is on another server.
        """
        url: str | None = self._url(path, {**(query or {}), "per_page": _PAGE_ITEMS})
        for _ in range(pages_max):
            answer = self._call("GET", url, task)
            value = read_json(answer, task)
            items = value.get(key) if key is not None and isinstance(value, dict) else value
            if not isinstance(items, list):
                raise GitHubError(
                    f"cannot {task}: GitHub's answer is not a list",
                    status=answer.status,
                    hint="check that GITHUB_API_URL is the address of GitHub's REST API",
                )
            yield from items
            url = next_page(answer.headers)
            if url is None:
                return
            if not url.startswith(f"{self.settings.api_url}/"):
                raise GitHubError(
                    f"cannot {task}: the next page is not below GITHUB_API_URL",
                    hint="set GITHUB_API_URL to the address that GitHub uses in its links",
                )

    def post(self, *path: str | int, task: str, body: Mapping[str, Any]) -> Any:
        """Create something, and return it.

        Raises:
            GitHubUnavailable: with `may_be_done` if GitHub may have created it nevertheless.
            GitHubError: GitHub refused the call.
        """
        return read_json(self._call("POST", self._url(path), task, body), task)

    def patch(self, *path: str | int, task: str, body: Mapping[str, Any]) -> Any:
        """Change the given properties, and return the result; it raises the errors of `post`."""
        return read_json(self._call("PATCH", self._url(path), task, body), task)

    def delete(self, *path: str | int, task: str) -> None:
        """Delete something; it raises the errors of `post`."""
        self._call("DELETE", self._url(path), task)

    def viewer(self) -> str:
        """Return the login of the token's own user, such as `github-actions[bot]`; it asks once.

        The REST API does not offer this to the token of a job; the GraphQL API does, to every token
        (GitHub, "Queries" of the GraphQL reference, `viewer`, as of 2026-11).

        Raises:
            GitHubError: as for `get`, or the answer has no login.
        """
        if self._viewer is None:
            task = "find the user of GITHUB_TOKEN"
            query = {"query": "query { viewer { login } }"}
            value = read_json(self._call("POST", self.settings.graphql_url, task, query, is_query=True), task)
            try:
                login = value["data"]["viewer"]["login"]
            except (LookupError, TypeError):
                login = None
            if not isinstance(login, str) or not login:
                raise GitHubError(
                    f"cannot {task}: GitHub's answer has no login",
                    hint="check GITHUB_TOKEN and GITHUB_API_URL",
                )
            self._viewer = login
        return self._viewer

    def _url(self, path: tuple[str | int, ...], query: Mapping[str, str | int] | None = None) -> str:
        segments = [
            _HIDDEN_SEGMENTS.get(str(part), quote(str(part), safe="", errors="replace")) for part in path
        ]
        url = "/".join([self.settings.api_url, "repos", self.settings.repository, *segments])
        return f"{url}?{urlencode(query, errors='replace')}" if query else url

    def _call(
        self,
        method: str,
        url: str | None,
        task: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_query: bool = False,
    ) -> Answer:
        """Return the answer of a call that succeeded; `is_query` says that a POST changes nothing."""
        content = None if body is None else json.dumps(body).encode()
        pauses, may_wait = list(_ATTEMPT_PAUSES), True
        while True:
            answer = self._transport.send(method, str(url), self._headers(content), content)
            if isinstance(answer, Answer) and is_success(answer):
                return answer
            seconds = rate_limit_seconds(answer, time.time())
            if seconds is not None and seconds <= self._waits_left and may_wait:
                may_wait = False
                self._waits_left -= seconds
            elif pauses and _may_repeat(answer, is_safe=is_query or method == "GET"):
                seconds = pauses.pop(0)
            else:
                raise call_error(
                    answer, task, self.settings.repository, self._redactor, needed=self._permissions
                )
            self._wait(seconds)

    def _headers(self, content: bytes | None) -> dict[str, str]:
        headers = {
            "Accept": _MEDIA_TYPE,
            "Authorization": f"Bearer {self.settings.token}",
            "X-GitHub-Api-Version": API_VERSION,
        }
        return headers if content is None else {**headers, "Content-Type": "application/json"}


def _may_repeat(answer: Answer | Failure, *, is_safe: bool) -> bool:
    """Return whether a call that failed may be repeated: it changes nothing, or no byte of it left."""
    if isinstance(answer, Answer):
        return is_safe and is_lost(answer)
    return is_safe or answer.kind is FailureKind.NOT_CONNECTED
