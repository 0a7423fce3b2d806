"""The hidden second line of a comment with the result of sends: as of when, and whether a run failed."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.formatting import format_timestamp, parse_timestamp
from sendspec.report.escape.markdown import Markdown

if TYPE_CHECKING:
    from datetime import datetime

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_LINE: Final = re.compile(
    r"<!-- sendspec-result:(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ):(?P<state>failed|ok)(?P<unsent>-unsent)?"
    r":(?P<digest>[0-9a-f]{16}) -->"
)


class CommentResult(Struct, frozen=True):
    """When the ledger was read, whether an error of a run is shown, and a digest of the text shown.

    `is_unsent` says that the ledger has no request of the sends.
    """

    at: datetime
    is_failure: bool
    digest: str
    is_unsent: bool = False

    def line(self) -> Markdown:
        """Return the hidden line."""
        state = ("failed" if self.is_failure else "ok") + ("-unsent" if self.is_unsent else "")
        return Markdown.comment(f"sendspec-result:{format_timestamp(self.at)}:{state}:{self.digest}")


def text_digest(text: str) -> str:
    """Return the digest by which the next run finds that a text would not change."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_result(body: str, now: datetime | None = None) -> CommentResult | None:
    """Return the hidden line of a comment, None if the comment has a plan.

    It is also None if its time is after `now`: only a person can have written it, so it counts nowhere.
    """
    lines = body.split("\n", 2)
    match = _LINE.fullmatch(lines[1].strip()) if len(lines) > 1 else None
    if match is None:
        return None
    try:
        at = parse_timestamp(match["at"])
    except ValueError:  # Only a person can have written this.
        return None
    if now is not None and at > now + _CLOCKS_DIFFER:
        return None
    return CommentResult(at, match["state"] == "failed", match["digest"], match["unsent"] is not None)
