"""When people get the texts of several sends, and how many people these have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime

    from sendspec.model.sends import Send


class DatedSend(NamedTuple):
    """A send with the time at which its recipients get its text, or got it.

    `list` is the number of its list in the calendar. `text` is equal for two sends with the same text, None
    if a send has none. A send is planned until apply cannot post a request of it any more. `recipients` is
    their number, 0 before the list was read. If the list has changed since the send, they are those of now,
    and `recipients_then` is the number in the ledger, which has no people.
    """

    send: Send
    at: datetime
    list: int
    text: Hashable
    is_planned: bool
    recipients: int = 0
    recipients_then: int | None = None

    @property
    def address(self) -> str:
        """The address of the send."""
        return self.send.address

    @property
    def has_changed_list(self) -> bool:
        """Whether the people who got the text are not known exactly, because the list has changed since."""
        return self.recipients_then is not None


class SendCalendar(Struct, frozen=True):
    """The sends whose recipients are known, in the order in which people get them.

    `people` has the number of people that are on exactly some lists, by the numbers of these lists in
    ascending order. Lists are compared only if they matter to a rule. `known` are the sends whose people of
    the time are known.
    """

    sends: tuple[DatedSend, ...] = ()
    people: Mapping[tuple[int, ...], int] = field(default_factory=dict)

    @property
    def known(self) -> tuple[DatedSend, ...]:
        """The sends without those whose list has changed since."""
        return tuple(dated for dated in self.sends if not dated.has_changed_list)
