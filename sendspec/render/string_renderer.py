"""Rendering of the strings of one send, with the problems of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import Problem
from sendspec.render.query_checks import check_query_value
from sendspec.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.model import Location, Locations, NodePath
    from sendspec.template import Templates

_UNPRINTABLE: Final = lazy_pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK_OR_TAB: Final = lazy_pattern("[\t\n]")
_MULTILINE: Final = frozenset({"content", "personalization", "personalizationDefaults", "reason", "sql"})
"""Properties that may contain line breaks and tabs, because people read their text."""


_CHECKS: Final[Mapping[NodePath, Callable[[str], None]]] = {("contacts", "sql"): check_query_value}
"""Checks of the values that templates insert into a property."""


class WorkLimitExceeded(Exception):
    """The templates of one campaign have used all their steps of work."""


class StringRenderer(Struct, frozen=True):
    """Renders the strings of one send with one context.

    `limit` is the highest allowed value of `templates.steps`. `reported` contains the locations of
    problems, so that a later check does not report the same value again.
    """

    templates: Templates
    limit: int
    context: Mapping[str, Any]
    locations: Locations
    problems: list[Problem]
    reported: set[Location] = field(default_factory=set)

    def add_problem(self, path: NodePath, message: str, hint: str | None = None) -> None:
        """Add a problem of the value at `path`."""
        location = self.locations.of(*path)
        self.reported.add(location)
        self.problems.append(Problem(location, message, hint))

    def has_problem(self, *path: str | int) -> bool:
        """Return whether a problem of the value at `path` was added."""
        return bool(self.reported) and self.locations.of(*path) in self.reported

    def render(self, value: Any, path: NodePath = ()) -> Any:
        """Return `value` with every string in it rendered; keys are not templates.

        A string that cannot be rendered stays unchanged and adds a problem. Raises WorkLimitExceeded.
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
            rendered = self.templates.render(source, self.context, _CHECKS.get(path))
        except TemplateError as error:
            where = "" if "\n" not in source or error.line is None else f", in line {error.line} of the text"
            self.add_problem(path, error.message + where, error.hint)
            rendered = source
        else:
            self._check(rendered, path)
        if self.templates.steps > self.limit:
            raise WorkLimitExceeded
        return rendered

    def _check(self, rendered: str, path: NodePath) -> None:
        if rendered.isprintable():
            return
        if match := _UNPRINTABLE.search(rendered):
            message = f"{_name(path)} contains the character U+{ord(match.group()):04X}, which cannot be sent"
            self.add_problem(path, message, "remove it")
        elif _LINE_BREAK_OR_TAB.search(rendered) and _MULTILINE.isdisjoint(path):
            message = f"{_name(path)} contains a line break or a tab"
            self.add_problem(path, message, "use |- or >- instead of | or >, which add a line break")


def _name(path: NodePath) -> str:
    names = [part for part in path if isinstance(part, str)]
    return f"'{names[-1]}'" if names else "the text"
