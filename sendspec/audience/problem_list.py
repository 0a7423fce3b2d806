"""The problems of one contact file: collected, and ended before they become a list of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.errors import SpecError
from sendspec.model import Problem

if TYPE_CHECKING:
    from sendspec.model import Location

PROBLEMS_PER_FILE: Final = 20
"""Enough to see what is wrong with a file; a broken export has one problem a row."""


class Problems:
    """What is wrong with one file so far; raises all of it as one SpecError."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, location: Location, message: str, hint: str | None = None) -> None:
        """Note a problem; raises SpecError once there are more than anybody reads."""
        if len(self._found) == PROBLEMS_PER_FILE:
            self.refuse(location, "… and more, from here on", "mend those above first")
        self._found.append(Problem(location, message, hint))

    def refuse(self, location: Location, message: str, hint: str | None = None) -> NoReturn:
        """Raise SpecError with this problem and all before it: nothing more can be read."""
        raise SpecError([*self._found, Problem(location, message, hint)])

    def check(self) -> None:
        """Raise SpecError if there is any problem."""
        if self._found:
            raise SpecError(self._found)
