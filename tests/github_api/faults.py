"""Faults that the stand-in injects: each one applies to so many requests whose method and path match."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Fault:
    """One fault: before the request is done, or after (`accepts`), an answer, or no answer (`drops`)."""

    method: str
    path: str
    """A regular expression for a part of the path."""
    status: int = 502
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "Bad Gateway"
    accepts: bool = False
    drops: bool = False
    times: int = 1
    first: Callable[[], object] | None = None
    """What another run does just before the request; the request itself is answered as usual."""

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and re.search(self.path, path) is not None


def bad_gateway(method: str, path: str, *, accepts: bool = False, times: int = 1) -> Fault:
    """Return a fault that answers 502, after the request was done if `accepts`."""
    return Fault(method, path, accepts=accepts, times=times)


def accepted_and_lost(method: str, path: str, times: int = 1) -> Fault:
    """Return a fault that does what the request asks for, and closes the connection without an answer."""
    return Fault(method, path, accepts=True, drops=True, times=times)


def before(method: str, path: str, first: Callable[[], object]) -> Fault:
    """Return a race: another run does something between the look of this run and its write."""
    return Fault(method, path, first=first)


def rate_limited(method: str, path: str, seconds: int, *, status: int = 429, times: int = 1) -> Fault:
    """Return a fault that answers as a secondary rate limit of GitHub.

    Source: "Rate limits for the REST API", as of 2026-11.
    """
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Fault(method, path, status, {"Retry-After": str(seconds)}, message, times=times)
