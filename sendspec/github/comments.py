"""The one comment of a pull request that has a marker.

Sources: GitHub, "REST API endpoints for issue comments" and "REST API endpoints for pull requests", as of
2026-11. A pull request is an issue, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.github.answers import reading
from sendspec.github.one_post import Post, has_marker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.github.api import GitHubApi

COMMENT_CHARACTERS_MAX: Final = 65_536
"""Characters of a comment or an issue; GitHub refuses more ("body is too long", as of 2026-11)."""


class PullRequestComments(Struct, frozen=True):
    """The comments of one pull request that the token's own user wrote, and that start with `marker`."""

    api: GitHubApi
    number: int
    marker: str

    def find(self) -> list[Post]:
        """Return the comments with the marker, the oldest first, without those of other authors."""
        own = self.api.viewer().lower()
        task = f"read the comments of pull request {self.number}"
        with reading(task):
            found = [
                post_of(item)
                for item in self.api.get_all("issues", self.number, "comments", task=task)
                if author_of(item) == own and has_marker(str(item.get("body") or ""), self.marker)
            ]
        return sorted(found, key=lambda post: post.id)

    def create(self, values: Mapping[str, Any]) -> Post:
        """Post a comment."""
        task = f"comment on pull request {self.number}"
        with reading(task):
            return post_of(self.api.post("issues", self.number, "comments", task=task, body=values))

    def edit(self, post: Post, values: Mapping[str, Any]) -> None:
        """Edit a comment in place, which notifies no one."""
        task = f"edit the comment on pull request {self.number}"
        self.api.patch("issues", "comments", post.id, task=task, body=values)

    def remove(self, post: Post) -> None:
        """Delete a comment that two runs in parallel doubled."""
        task = f"delete the second comment on pull request {self.number}"
        self.api.delete("issues", "comments", post.id, task=task)


def author_of(item: Mapping[str, Any]) -> str:
    """Return the login of the author in lower case; a deleted user has none."""
    user = item.get("user")
    return str(user.get("login") or "").lower() if isinstance(user, dict) else ""


def post_of(item: Mapping[str, Any]) -> Post:
    """Return a comment of an answer."""
    return Post(int(item["id"]), str(item.get("html_url") or ""), item)
