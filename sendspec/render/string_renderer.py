"""Rendering the strings of one send, wherever they stand in it, and noting what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Problem
from sendspec.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Location, Locations, NodePath
    from sendspec.template import Templates

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_BREAKS: Final = re.compile("[\t\n]")
_MAY_BREAK: Final = frozenset({"content", "personalization", "personalizationDefaults", "reason"})
"""The properties whose texts people read: only these may hold line breaks and tabs, as an SMS may."""


class TooMuchWork(Exception):
    """The templates of one campaign have done more work than they may."""


@dataclass(frozen=True, slots=True)
class Strings:
    """Renders what is below one send with one context.

    `limit` is the number of `templates.steps` that may be reached. `broken` has the places about
    which a problem was noted, so that nothing more is said about them.
    """

    templates: Templates
    limit: int
    context: Mapping[str, Any]
    locations: Locations
    problems: list[Problem]
    broken: set[Location] = field(default_factory=set)

    def problem(self, path: NodePath, message: str, hint: str | None = None) -> None:
        """Note what is wrong with the value at `path`."""
        location = self.locations.of(*path)
        self.broken.add(location)
        self.problems.append(Problem(location, message, hint))

    def is_broken(self, *path: str | int) -> bool:
        """Tell whether something was already said about the value at `path`."""
        return bool(self.broken) and self.locations.of(*path) in self.broken

    def render(self, value: Any, path: NodePath = ()) -> Any:
        """Give `value` with every string in it rendered; keys are no templates.

        A string that cannot be rendered stays as it is, and a problem is noted. Raises TooMuchWork.
        """
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            return {key: self.render(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.render(inner, (*path, index)) for index, inner in enumerate(value)]
        return value

    def _text(self, source: str, path: NodePath) -> str:
        try:
            rendered = self.templates.render(source, self.context)
        except TemplateError as error:
            at = "" if "\n" not in source or error.line is None else f", in line {error.line} of the text"
            self.problem(path, error.message + at, error.hint)
            rendered = source
        else:
            self._check(rendered, path)
        if self.templates.steps > self.limit:
            raise TooMuchWork
        return rendered

    def _check(self, rendered: str, path: NodePath) -> None:
        if rendered.isprintable():
            return
        if found := _UNPRINTABLE.search(rendered):
            message = f"{_name(path)} contains the character U+{ord(found.group()):04X}, which cannot be sent"
            self.problem(path, message, "remove it")
        elif _BREAKS.search(rendered) and _MAY_BREAK.isdisjoint(path):
            message = f"{_name(path)} contains a line break or a tab"
            self.problem(
                path, message, "a block that starts with | or > ends with a line break, with |- or >- not"
            )


def _name(path: NodePath) -> str:
    names = [part for part in path if isinstance(part, str)]
    return f"'{names[-1]}'" if names else "the text"
