"""Errors of templates, and the hints that list known names."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from sendspec.redact import excerpt
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME_LENGTH_MAX: Final = 60
_NAMES_MAX: Final = 20


class TemplateError(Exception):
    """The reason why a text cannot be rendered.

    `line` counts from 1 within the template; None if the parser failed before it had one.
    """

    def __init__(self, message: str, *, hint: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


def suggest_names(name: str, known: Iterable[str], heading: str) -> str | None:
    """Return the hint about an unknown name: the closest known name, and a list of all."""
    names = sorted(known)
    if not names:
        return None
    suggestion = did_you_mean(name, names)
    listed = ", ".join(map(_truncate, islice(names, _NAMES_MAX))) + (", …" if len(names) > _NAMES_MAX else "")
    return f"{suggestion + ' ' if suggestion else ''}{heading}: {listed}"


def quote_name(name: str) -> str:
    """Return `name` in quotes, truncated if it is long."""
    return repr(_truncate(name))


def _truncate(name: str) -> str:
    return excerpt(name, _NAME_LENGTH_MAX)
