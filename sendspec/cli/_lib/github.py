"""What the verbs of `sendspec github` share: the API of the environment, `--optional`, and their messages."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from sendspec.errors import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.cli._lib.console import Console
    from sendspec.github import GitHubApi
    from sendspec.github.one_post import Change

_F = TypeVar("_F", bound="Callable[..., object]")


def optional_option(function: _F) -> _F:
    """Add `--optional`."""
    return click.option(
        "--optional",
        "is_optional",
        is_flag=True,
        help="Exit 0 with a note if GitHub refuses or does not answer, as in a run of a fork.",
    )(function)


@contextmanager
def github_api(*permissions: str) -> Iterator[GitHubApi]:
    """Yield the API of the repository in the environment.

    `permissions` are those that the verb needs, so that a refusal of any of its calls names all of them.

    Raises:
        GitHubError: a variable is missing, or its value cannot be used.
    """
    from sendspec.github import GitHubApi, GitHubSettings

    with GitHubApi(GitHubSettings.from_environment(os.environ), permissions=permissions) as api:
        yield api


@contextmanager
def optionally(console: Console, *, is_optional: bool) -> Iterator[None]:
    """Turn an error of GitHub into a note if the post is optional."""
    try:
        yield
    except GitHubError as error:
        if not is_optional:
            raise
        console.info(f"note: {error}; it is optional, so this is not an error")
        if error.hint:
            console.info(f"  hint: {error.hint}")


def report_post(console: Console, change: Change, url: str, name: str) -> None:
    """Write what became of a comment or an issue, and its URL."""
    console.info(f"{name}: {change.value}{f' ({url})' if url else ''}")
