"""One comment, or one issue, that is found by a marker and edited in place, and never doubled.

GitHub has no key that would make a second creation fail. So each write is followed by another look: after
an answer that was lost, it finds what GitHub created; after two runs in parallel, it finds both posts. The
oldest one stays, and gets the text; each run removes the others.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from sendspec.errors import GitHubError, GitHubUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_LOOKS_MAX: Final = 6
_NOT_FOUND: Final = (404, 410)


class Change(StrEnum):
    """What became of the one post; `KEPT` is one that the caller did not want to change."""

    CREATED = "created"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    KEPT = "kept"


class Post(Struct, frozen=True):
    """A comment or an issue of the token's own user; `values` are its properties by GitHub's names."""

    id: int
    url: str
    values: Mapping[str, Any]

    @property
    def body(self) -> str:
        """The text with the line breaks of sendspec; a browser that edits it writes others."""
        return normalize(str(self.values.get("body") or ""))


class Posts(Protocol):
    """The posts that have one marker, of one pull request or one repository."""

    def find(self) -> Sequence[Post]:
        """Return them, first the one that stays."""
        ...

    def create(self, values: Mapping[str, Any]) -> Post:
        """Create one."""
        ...

    def edit(self, post: Post, values: Mapping[str, Any]) -> None:
        """Change some properties of one."""
        ...

    def remove(self, post: Post) -> None:
        """Remove one that another replaces."""
        ...


def normalize(body: str) -> str:
    """Return a text as GitHub stores it, without spaces at its end."""
    return body.replace("\r\n", "\n").rstrip()


def has_marker(body: str, marker: str) -> bool:
    """Return whether the first line of a text is the marker."""
    return normalize(body).partition("\n")[0].rstrip() == marker


def put(
    posts: Posts, wanted: Callable[[Post | None], Mapping[str, Any] | None], *, ordered: bool = False
) -> tuple[Change, str]:
    """Create or edit the one post, and return what was done and its URL, '' without a post.

    `wanted` returns the properties that the one post must have, None to keep it as it is. If texts are
    `ordered`, it decides again about what another run wrote meanwhile; otherwise the last writer wins.

    Raises:
        GitHubError: GitHub refused a call, or did not answer and the post is not there.
    """
    change, written, lost = Change.UNCHANGED, None, None
    for _ in range(_LOOKS_MAX):
        found = posts.find()
        one = found[0] if found else None
        values = wanted(one)
        if values is None or (one is not None and (_has(one, values) or (written == one.id and not ordered))):
            _remove(posts, found[1:])
            kept = values is None and change is Change.UNCHANGED
            return Change.KEPT if kept else change, one.url if one else ""
        attempt = Change.CREATED if Change.CREATED in (change, _attempt(one)) else Change.EDITED
        try:
            written = _write(posts, one, values)
            change, lost = attempt, None
        except GitHubUnavailable as error:
            if not error.may_be_done:
                raise
            change, lost = attempt, error
        except GitHubError as error:
            if one is None or error.status not in _NOT_FOUND:  # Someone may have deleted it since the look.
                raise
    if lost is not None:
        raise lost
    return change, ""  # Other runs write as well; the last one of them decides.


def _attempt(one: Post | None) -> Change:
    return Change.CREATED if one is None else Change.EDITED


def _write(posts: Posts, one: Post | None, values: Mapping[str, Any]) -> int:
    """Create or edit a post, and return its id."""
    if one is None:
        return posts.create(values).id
    posts.edit(one, values)
    return one.id


def _has(post: Post, values: Mapping[str, Any]) -> bool:
    current = {**post.values, "body": post.body}
    return all(
        current.get(name) == (normalize(value) if name == "body" else value) for name, value in values.items()
    )


def _remove(posts: Posts, others: Iterable[Post]) -> None:
    for post in others:
        try:
            posts.remove(post)
        except GitHubError as error:
            if error.status not in _NOT_FOUND:  # The other run may have removed it already.
                raise
