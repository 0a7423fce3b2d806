"""Faults that the stand-in injects: each one applies to so many requests whose method and path match."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


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

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and re.search(self.path, path) is not None


def bad_gateway(method: str, path: str, *, accepts: bool = False, times: int = 1) -> Fault:
    """Return a fault that answers 502, after the request was done if `accepts`."""
    return Fault(method, path, accepts=accepts, times=times)


def accepted_and_lost(method: str, path: str, times: int = 1) -> Fault:
    """Return a fault that does what the request asks for, and closes the connection without an answer."""
    return Fault(method, path, accepts=True, drops=True, times=times)


def rate_limited(method: str, path: str, seconds: int, *, status: int = 429, times: int = 1) -> Fault:
    """Return a fault as GitHub's secondary rate limit ("Rate limits for the REST API", as of 2026-11)."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Fault(method, path, status, {"Retry-After": str(seconds)}, message, times=times)
