"""Different people over all sends of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime


class People(Struct, frozen=True):
    """How many different people the pending requests of a plan reach; a person with three texts is one.

    `now` are the people of the requests that apply would post now, `later` those of the requests that
    wait, and `together` those of both. Finished and expired sends do not count, and of a partial send only
    the requests that remain. A person is a number, or a lookup without one: a person whom one list has by
    number and another one by a lookup counts twice.

    Blocked sends count as if nothing blocked them; `blocked_sends` is their number. `unknown_sources` are
    the sends to contact sources, whose people only the vendor knows. `declared` is the declared number of
    these, None if one of them declares none.
    """

    now: int = 0
    later: int = 0
    together: int = 0
    blocked_sends: int = 0
    unknown_sources: int = 0
    declared: int | None = None


class AlsoGet(Struct, frozen=True):
    """A send that `people` of the recipients of another send get before it, at `at` (aware).

    `is_planned` is False if it was sent; then `at` is the time of its first request.
    """

    address: str
    people: int
    at: datetime
    is_planned: bool
