"""The one issue of a repository that has a marker.

Source: GitHub, "REST API endpoints for issues", as of 2026-11. Its lists have pull requests, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sendspec.github.answers import reading
from sendspec.github.api import PAGES_MAX
from sendspec.github.comments import author_of
from sendspec.github.one_post import Post, has_marker, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.github.api import GitHubApi
    from sendspec.github.one_post import Change

_CLOSED_PAGES_MAX: Final = 5
"""Pages of closed issues, those that changed last first; an older one is not opened again."""


class Issues(Struct, frozen=True):
    """The issues that the token's own user opened, and that start with `marker`.

    `labels` are those of a new issue. GitHub creates a label that the repository does not have.
    """

    api: GitHubApi
    marker: str
    labels: Sequence[str] = field(default=())

    def find(self) -> list[Post]:
        """Return the open issues with the marker, the oldest first, or else the newest closed one."""
        return self.find_open() or sorted(self._listed("closed"), key=lambda post: -post.id)[:1]

    def find_open(self) -> list[Post]:
        """Return the open issues with the marker, the oldest first."""
        return sorted(self._listed("open"), key=lambda post: post.id)

    def create(self, values: Mapping[str, Any]) -> Post:
        """Open an issue."""
        new = {name: value for name, value in values.items() if name != "state"}
        task = "open an issue"
        with reading(task):
            return _post(self.api.post("issues", task=task, body={**new, "labels": list(self.labels)}))

    def edit(self, post: Post, values: Mapping[str, Any]) -> None:
        """Edit an issue in place, and open it again if it was closed."""
        self.api.patch("issues", post.id, task=f"edit issue {post.id}", body=values)

    def remove(self, post: Post) -> None:
        """Close an issue that two runs in parallel doubled, because no one may delete an issue."""
        self.close(post, "not_planned")

    def close(self, post: Post, reason: str) -> None:
        """Close an issue."""
        body = {"state": "closed", "state_reason": reason}
        self.api.patch("issues", post.id, task=f"close issue {post.id}", body=body)

    def comment(self, post: Post, text: str) -> None:
        """Comment on an issue, unless its last comment by the token's own user is the same."""
        task = f"comment on issue {post.id}"
        own = self.api.viewer().lower()
        with reading(task):
            bodies = [
                str(item.get("body") or "")
                for item in self.api.get_all("issues", post.id, "comments", task=task)
                if author_of(item) == own
            ]
        if not bodies or bodies[-1].strip() != text.strip():
            self.api.post("issues", post.id, "comments", task=task, body={"body": text})

    def _listed(self, state: str) -> Iterator[Post]:
        own, task = self.api.viewer().lower(), f"list the {state} issues"
        query = {"state": state, "sort": "created" if state == "open" else "updated"}
        pages_max = PAGES_MAX if state == "open" else _CLOSED_PAGES_MAX
        with reading(task):
            for item in self.api.get_all("issues", task=task, query=query, pages_max=pages_max):
                is_issue = "pull_request" not in item and author_of(item) == own
                if is_issue and has_marker(str(item.get("body") or ""), self.marker):
                    yield _post(item)


def open_issue(issues: Issues, title: str, text: str) -> tuple[Change, str]:
    """Open the issue, or edit it and open it again; return what was done and its URL.

    Raises:
        GitHubError: GitHub refused a call, or did not answer.
    """
    return put(issues, lambda _: {"title": title, "body": text, "state": "open"})


def close_issue(issues: Issues, text: str) -> list[str]:
    """Close the issue after a last comment; return the URLs of closed issues, none if none was open.

    Raises:
        GitHubError: GitHub refused a call, or did not answer.
    """
    found = issues.find_open()
    for post in found[:1]:
        issues.comment(post, text)
    for at, post in enumerate(found):
        issues.close(post, "not_planned" if at else "completed")
    return [post.url for post in found]


def _post(item: Mapping[str, Any]) -> Post:
    return Post(int(item["number"]), str(item.get("html_url") or ""), item)
