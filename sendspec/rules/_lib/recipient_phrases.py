"""Phrases about recipients who get several texts; they have counts and addresses, never numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.rules._lib.durations import earlier_phrase

if TYPE_CHECKING:
    from sendspec.rules._lib.shared_recipients import OtherSend, SharedRecipients

_TIMED_MAX: Final = 2
"""Sends with their times in one message, so that it stays short."""


def share_phrase(shared: SharedRecipients) -> str:
    """Return `412 of 1,000 recipients`."""
    return f"{shared.recipients:,} of {pluralize(shared.dated.recipients, 'recipient')}"


def get_phrase(shared: SharedRecipients) -> str:
    """Return the verb: `got` if all shown texts were sent, `gets` for one person, else `get`."""
    if all(not other.dated.is_planned for other in shared.others):
        return "got"
    return "gets" if shared.recipients == 1 else "get"


def timed_phrase(shared: SharedRecipients, shown_max: int = _TIMED_MAX) -> str:
    """Return the other sends with their times, and with their counts if there are several."""
    if len(shared.others) == 1:
        return _timed(shared.others[0], shared, is_counted=False)
    shown = [_timed(other, shared, is_counted=True) for other in shared.others[:shown_max]]
    if shared.has_more or len(shared.others) > shown_max:
        return f"{', '.join(shown)} and others"
    return " and ".join(shown)


def counted_phrase(shared: SharedRecipients) -> str:
    """Return the other sends with their counts: `spring/teaser (400), weekly/news (12)`."""
    return ", ".join(f"{other.dated.address} ({other.recipients:,})" for other in shared.others)


def _timed(other: OtherSend, shared: SharedRecipients, *, is_counted: bool) -> str:
    when = earlier_phrase(other.dated.at, shared.dated.at)
    address = other.dated.address
    return f"{address} ({other.recipients:,}, {when})" if is_counted else f"{address} {when}"
