"""Arguments and options that several verbs share."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sendspec.cli._lib.completion import (
    complete_directory,
    complete_file,
    complete_rule,
    complete_send,
    complete_target,
)
from sendspec.cli._lib.outputs import parse_output
from sendspec.cli._lib.project_directory import find_project_directory
from sendspec.errors import Usage
from sendspec.lazy_pattern import lazy_pattern
from sendspec.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")


_DURATION: Final = lazy_pattern(r"([0-9]{1,6})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A whole number of minutes, hours or days: `90m`, `24h`, `7d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration; raise UsageError if the text has another form."""
        if isinstance(value, timedelta):
            return value
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail(f"'{value}' is not a duration such as 90m, 24h or 7d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Seconds(click.FloatRange):
    """A finite number of seconds, zero or more; a wait of `inf` seconds would not end."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; raise UsageError if it is negative or not finite."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a finite number of seconds", param, ctx)
        return seconds


def reject_empty_name(_context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return a directory name unchanged.

    The system reads an empty name, such as an unset variable of a script, as the working directory.

    Raises:
        Usage: the name is empty.
    """
    if value is not None and not value.strip():
        name = parameter.opts[0] if parameter.param_type_name == "option" else "DIR"
        kind = "contacts" if parameter.name == "contacts_directory" else "project"
        raise Usage(f"{name} is empty", hint=f"name the {kind} directory; `.` is the current one")
    return value


def choose_directory(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return the directory that the command line names, else the nearest project directory.

    Raises:
        Usage: the name is empty, or two project directories are possible.
    """
    return reject_empty_name(context, parameter, value) or find_project_directory()


directory_argument = click.argument(
    "directory",
    metavar="[DIR]",
    required=False,
    callback=choose_directory,
    shell_complete=complete_directory,
)
optional_directory_argument = click.argument(
    "directory",
    metavar="[DIR]",
    required=False,
    callback=reject_empty_name,
    shell_complete=complete_directory,
)
"""The directory of a verb that works without a project, None if the command line names none."""

paths_argument = click.argument("names", metavar="[PATH]...", nargs=-1, shell_complete=complete_file)
"""Project directories, or files and folders in projects; see `group_by_project`."""


def target_option(function: _F) -> _F:
    """Add `--target`."""
    return click.option(
        "--target",
        "target_name",
        default="sandbox",
        metavar="NAME",
        shell_complete=complete_target,
        help="Target to use; without it, the local sandbox.",
    )(function)


def send_option(function: _F) -> _F:
    """Add `--send`, which becomes a Selection."""
    return click.option(
        "--send",
        "selection",
        metavar="GLOB",
        multiple=True,
        callback=lambda _context, _parameter, patterns: Selection(patterns),
        shell_complete=complete_send,
        help="Only these sends: an address, CAMPAIGN, CAMPAIGN/SEND, or a glob with * and ?; repeatable.",
    )(function)


def contacts_directory_option(function: _F) -> _F:
    """Add `--contacts-dir`."""
    return click.option(
        "--contacts-dir",
        "contacts_directory",
        metavar="DIR",
        callback=reject_empty_name,
        shell_complete=complete_directory,
        help="Directory of the lists with a sha256; without it, that of SENDSPEC_CONTACTS_DIR.",
    )(function)


def against_option(function: _F) -> _F:
    """Add `--against`."""
    return click.option(
        "--against",
        metavar="REF|DIR",
        multiple=True,
        callback=lambda _context, _parameter, bases: _single("--against", bases),
        help="Also compare with a base: a git ref such as origin/main, or the directory of another checkout.",
    )(function)


def _single(option: str, values: tuple[str, ...]) -> str | None:
    """Return the only value of an option, because the last of several would win silently."""
    if len(values) > 1:
        raise Usage(f"{option} is given twice", hint="name one base")
    return values[0] if values else None


def rule_option(function: _F) -> _F:
    """Add `--rule`."""
    return click.option(
        "--rule",
        "rule_names",
        metavar="RULE|GROUP",
        multiple=True,
        shell_complete=complete_rule,
        help="Only the findings of this rule, or of the rules of this group; repeatable.",
    )(function)


def output_option(function: _F) -> _F:
    """Add `-o`."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        shell_complete=complete_file,
        help="Write to FILE instead of standard output.",
    )(function)


def format_option(*formats: str, is_eager: bool = False) -> Callable[[_F], _F]:
    """Add `--format` with these formats, which becomes a tuple of Output; the first is the default.

    click reads an eager one before other options, so a usage error of these can be written to its files.
    """
    return click.option(
        "--format",
        "outputs",
        is_eager=is_eager,
        metavar="FORMAT[=FILE]",
        multiple=True,
        callback=lambda _context, _parameter, values: tuple(parse_output(value, formats) for value in values),
        shell_complete=lambda _context, _parameter, start: [
            name for name in formats if name.startswith(start)
        ],
        default=(formats[0],),
        help=(
            f"Output format: {', '.join(formats[:-1])} or {formats[-1]}; with =FILE, written to FILE; "
            f"repeatable.  [default: {formats[0]}]"
        ),
    )
