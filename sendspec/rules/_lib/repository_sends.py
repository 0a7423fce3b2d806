"""The send that a line of a campaign file belongs to, so that `allow` of the send covers its findings."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sendspec.model import Location, Send
    from sendspec.rules._lib.rule import RuleContext


class SendsByLine:
    """The sends of each campaign file in the order of their lines; of a matrix, the first."""

    def __init__(self, context: RuleContext) -> None:
        self._sends: dict[str, dict[int, Send]] = {}
        for send in context.sends:
            root = send.locations.root
            self._sends.setdefault(root.file, {}).setdefault(root.line, send)
        self._lines = {file: sorted(sends) for file, sends in self._sends.items()}

    def at(self, location: Location) -> Send | None:
        """Return the send whose entry has the line of `location`, None for a line before the first entry."""
        lines = self._lines.get(location.file, [])
        index = bisect_right(lines, location.line)
        return self._sends[location.file][lines[index - 1]] if index else None
