"""The recipients of a send who get other texts before it, from the counts of a calendar."""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from sendspec.model import DatedSend, SendCalendar

_SHOWN_MAX: Final = 3
_BEFORE_MAX: Final = 8
"""Texts before a send that count for one person: enough to name the sends with the most people."""


class Texts(Enum):
    """Which texts of other sends count for a send."""

    SAME = auto()
    DIFFERENT = auto()
    ANY = auto()


class OtherSend(NamedTuple):
    """A send whose text `recipients` of another send get, too."""

    dated: DatedSend
    recipients: int


class SharedRecipients(NamedTuple):
    """The recipients of a planned send who get texts of others before it.

    `others` are the sends that most of them get, at most three; `has_more` if there are further ones.
    """

    dated: DatedSend
    recipients: int
    others: tuple[OtherSend, ...]
    has_more: bool


def shared_recipients(
    calendar: SendCalendar,
    sends: Iterable[DatedSend],
    within: timedelta,
    texts: Texts,
    texts_min: int = 1,
) -> Iterator[SharedRecipients]:
    """Yield the planned sends with recipients who get at least `texts_min` texts less than `within` before.

    Only `sends` count, a part of the calendar.
    """
    recipients = Counter[int]()
    others: dict[int, Counter[int]] = defaultdict(Counter)
    for group, count in _texts_of_people(calendar, sends, is_by_text=texts is Texts.SAME):
        for index, later in enumerate(group):
            if not calendar.sends[later].is_planned:
                continue
            before = group[max(0, index - max(_BEFORE_MAX, texts_min)) : index]
            found = [at for at in before if _counts(calendar.sends[at], calendar.sends[later], within, texts)]
            if len(found) >= texts_min:
                recipients[later] += count
                others[later].update(dict.fromkeys(found, count))
    for later, count in sorted(recipients.items()):
        yield _shared(calendar, later, count, others[later])


def _texts_of_people(
    calendar: SendCalendar, sends: Iterable[DatedSend], *, is_by_text: bool
) -> Iterator[tuple[Sequence[int], int]]:
    """Yield positions of sends in order, and how many people get exactly these; by text if necessary."""
    chosen = {dated.address for dated in sends}
    by_list: dict[int, list[int]] = defaultdict(list)
    for at, dated in enumerate(calendar.sends):
        if dated.address in chosen:
            by_list[dated.list].append(at)
    for combination, count in calendar.people.items():
        positions = sorted(at for number in combination if number in by_list for at in by_list[number])
        if not is_by_text:
            yield positions, count
            continue
        by_text: Mapping[object, list[int]] = defaultdict(list)
        for at in positions:
            by_text[calendar.sends[at].text].append(at)
        for group in by_text.values():
            yield group, count


def _counts(earlier: DatedSend, later: DatedSend, within: timedelta, texts: Texts) -> bool:
    if later.at - earlier.at >= within:
        return False
    return texts is not Texts.DIFFERENT or earlier.text is None or earlier.text != later.text


def _shared(calendar: SendCalendar, later: int, count: int, others: Mapping[int, int]) -> SharedRecipients:
    # Of sends with as many people, the one nearest in time is shown first.
    most = sorted(others, key=lambda at: (-others[at], -at))
    shown = tuple(OtherSend(calendar.sends[at], others[at]) for at in most[:_SHOWN_MAX])
    return SharedRecipients(calendar.sends[later], count, shown, len(most) > _SHOWN_MAX)
