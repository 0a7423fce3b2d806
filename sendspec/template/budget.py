"""Budget of work for one rendering."""

from __future__ import annotations

from typing import Final

from sendspec.template.errors import TemplateError

STEPS_MAX: Final = 50_000
"""Work of one rendering: a step is an operation, an item, or a character."""


class Budget:
    """The work that one rendering may still do; it is charged before the work is done."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS_MAX) -> None:
        self.left = steps

    def charge(self, steps: int) -> None:
        """Subtract `steps`, or raise TemplateError if fewer are left."""
        if steps > self.left:
            self.left = 0
            message = f"the template exceeds the limit of {STEPS_MAX:,} steps of work"
            raise TemplateError(message, hint="use shorter lists or texts")
        self.left -= steps
