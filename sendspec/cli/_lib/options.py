"""The arguments and options that verbs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from sendspec.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")


def named(_context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty name of a directory, as an unset variable of a script leaves it; raises Usage.

    The system takes it for the working directory, which nobody named.
    """
    if value is not None and not value.strip():
        name = parameter.opts[0] if parameter.param_type_name == "option" else "DIR"
        raise Usage(f"{name} is empty", hint="name the project directory; `.` is the one you are in")
    return value


directory = click.argument("directory", metavar="[DIR]", default="specs", callback=named)


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
