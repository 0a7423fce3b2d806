"""The vendor's lists for one plan: every page, with retries, in bounded time."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sendspec.clocks import SystemClock
from sendspec.errors import VendorError, VendorUnavailable
from sendspec.model import VendorCatalog
from sendspec.protocol_limits import pauses_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.acoustic import ListPage
    from sendspec.clocks import Clock
    from sendspec.model import PublishedMessage, SmsProgram

PAGES_MAX: Final = 200
"""Pages of one list, which are 10,000 published messages with the vendor's 50 a page."""
ATTEMPTS_MAX: Final = 4
"""Attempts of one call while a later one may succeed; the pause between two of them doubles."""
LISTS_SECONDS_MAX: Final = 300.0
"""Time after which no further call starts, like the default of `status --timeout`."""

_HINT: Final = "run the plan without --online, and look up the ids at the vendor"
_SYSTEM_CLOCK: Final = SystemClock()
_T = TypeVar("_T")
_Entry = TypeVar("_Entry", "SmsProgram", "PublishedMessage")


class ListClient(Protocol):
    """A client that reads the vendor's lists."""

    def programs(self, page: int | None = None) -> ListPage[SmsProgram]:
        """Read one page of the SMS programs once.

        Raises:
            VendorUnavailable: if a later call may succeed.
            VendorError: if the vendor refuses the call.
        """
        ...

    def published_messages(self, page: int | None = None) -> ListPage[PublishedMessage]:
        """Read one page of the published messages once; raise as `programs` does."""
        ...


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def read_catalog(
    client: ListClient, *, clock: Clock = _SYSTEM_CLOCK, pause: Callable[[float], None] = _pause
) -> VendorCatalog:
    """Return the vendor's lists, complete; one call at a time, so that any limit of concurrency holds.

    Raises:
        CredentialsError: the vendor refused the credentials.
        VendorUnavailable: the vendor gave no usable answer in several attempts, or not in time.
        VendorError: the vendor refused a call, or its pages do not end.
    """
    calls = _Calls(clock, pause)
    programs = tuple(_entries(calls, client.programs, "SMS programs"))
    return VendorCatalog.of(programs, _entries(calls, client.published_messages, "published messages"))


def _entries(calls: _Calls, read: Callable[[int | None], ListPage[_Entry]], name: str) -> Iterator[_Entry]:
    page: int | None = None
    for _ in range(PAGES_MAX):
        found = calls.repeat(partial(read, page))
        yield from found.entries
        # The vendor counts from 1 in its sample; the first page has no number in the call.
        expected = (1, 2) if page is None else (page + 1,)
        if found.next_page is None:
            return
        if found.next_page not in expected:
            raise VendorError(
                f"the vendor's list of {name} continues with page {found.next_page}, "
                f"not with page {expected[-1]}",
                hint=_HINT,
            )
        page = found.next_page
    raise VendorError(f"the vendor's list of {name} has more than {PAGES_MAX} pages", hint=_HINT)


class _Calls:
    """Repeats calls that send nothing, until a time is over."""

    def __init__(self, clock: Clock, pause: Callable[[float], None]) -> None:
        self._clock = clock
        self._pause = pause
        self._end = clock.elapsed() + LISTS_SECONDS_MAX

    def repeat(self, call: Callable[[], _T]) -> _T:
        """Return the result of a call; repeat it with growing pauses while a later one may succeed."""
        for seconds in pauses_seconds(ATTEMPTS_MAX):
            self._check_time()
            try:
                return call()
            except VendorUnavailable:
                if self._clock.elapsed() + seconds >= self._end:
                    raise
                self._pause(seconds)
        self._check_time()
        return call()

    def _check_time(self) -> None:
        if self._clock.elapsed() >= self._end:
            raise VendorUnavailable(
                f"the vendor's lists took longer than {LISTS_SECONDS_MAX:.0f} seconds", hint=_HINT
            )
