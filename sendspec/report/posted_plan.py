"""A plan as a comment has it: with the commit that it is about, and when it was posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.report.escape.markdown import Markdown
from sendspec.report.merged_comment import instant

if TYPE_CHECKING:
    from datetime import datetime

_CHARACTERS_MAX: Final = 65_536
_SHORT: Final = 7


def with_commit(text: str, commit: str, url: str, at: datetime) -> str:
    """Return the Markdown of a plan with a line about its commit below the heading, if it fits.

    Without it, the comment of an earlier push could pass for that of the last one. `url` is that of the
    commit, which is linked if a link may have it.
    """
    marker, _, rest = text.partition("\n")
    heading, _, rest = rest.partition("\n")
    name = Markdown.code(commit[:_SHORT])
    if Markdown.is_url(url):
        name = Markdown.of("{} ({})", name, Markdown.link("changes", url))
    line = Markdown.of("<sub>Plan of commit {}, posted {}</sub>", name, instant(at)).source
    whole = f"{marker}\n{heading}\n\n{line}\n{rest}"
    return whole if len(whole) <= _CHARACTERS_MAX else text
