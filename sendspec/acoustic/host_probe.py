"""One request without credentials, which shows whether a host answers, and the time of its clock."""

from __future__ import annotations

import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.acoustic.envelope import short
from sendspec.acoustic.outcome import Answer
from sendspec.acoustic.transport import Limits, Transport
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMITS: Final = Limits(connect=10.0, read=10.0, write=10.0, total=20.0, connections=1)
_DATE_SECONDS: Final = 1.0
"""The resolution of the `Date` header (RFC 9110, section 6.6.1)."""


class HostProbe(Struct, frozen=True):
    """The answer of a host: its status, else `failure`, masked.

    `clock_difference_seconds` is at least so many seconds that the clock of this machine is ahead of that of
    the host, negative if it is behind; None if the answer has no time.
    """

    status: int | None = None
    failure: str = ""
    clock_difference_seconds: float | None = None


def probe_host(base_url: str, now: Callable[[], float] = time.time) -> HostProbe:
    """Return what a host answers to a request that sends nothing; it takes at most 20 seconds."""
    transport = Transport(_LIMITS)
    try:
        sent = now()
        answer = transport.send("HEAD", f"{base_url.rstrip('/')}/rest", {}, None)
        received = now()
    finally:
        transport.close()
    if not isinstance(answer, Answer):
        return HostProbe(failure=short(answer.detail, Redactor().foreign))
    date = _instant(answer.headers.get("date", ""))
    return HostProbe(answer.status, "", None if date is None else _difference(sent, received, date))


def _instant(header: str) -> float | None:
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _difference(sent: float, received: float, date: float) -> float:
    """Return the difference that the duration of the call and the resolution of the header do not explain."""
    if sent > date + _DATE_SECONDS:
        return sent - date - _DATE_SECONDS
    return min(received - date, 0.0)
