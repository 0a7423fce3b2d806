"""The arguments and options that verbs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")

directory = click.argument("directory", metavar="[DIR]", default="specs")


def target(function: _F) -> _F:
    """Add `--target`."""
    return click.option(
        "--target",
        "target_name",
        default="sandbox",
        show_default=True,
        metavar="NAME",
        help="Where it goes; nothing real is sent without naming a target.",
    )(function)


def output(function: _F) -> _F:
    """Add `-o`."""
    return click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")(
        function
    )


def form(*choices: str) -> Callable[[_F], _F]:
    """Add `--format` with these choices, the first as default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to print it.",
    )
