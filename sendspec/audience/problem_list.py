"""Problem list of one contact file, with an upper limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.errors import SpecError
from sendspec.model import Problem

if TYPE_CHECKING:
    from sendspec.model import Location

PROBLEMS_PER_FILE_MAX: Final = 20
"""Enough to recognise the cause; a broken export has one problem a row."""


class ProblemList:
    """The problems of one file so far; raises all of them as one SpecError."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, location: Location, message: str, hint: str | None = None) -> None:
        """Add a problem.

        Raises:
            SpecError: the list is full.
        """
        if len(self._problems) == PROBLEMS_PER_FILE_MAX:
            self.refuse(location, "more problems from here on are not shown", "fix the problems above first")
        self._problems.append(Problem(location, message, hint))

    def refuse(self, location: Location, message: str, hint: str | None = None) -> NoReturn:
        """Raise SpecError with this problem and all before it, because reading cannot continue."""
        raise SpecError([*self._problems, Problem(location, message, hint)])

    def check(self) -> None:
        """Raise SpecError if the list has any problem."""
        if self._problems:
            raise SpecError(self._problems)
