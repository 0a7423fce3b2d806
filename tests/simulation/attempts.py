"""Times of the attempts of send jobs that may have been accepted, over all runs of a history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from sendspec.model import RequestKey

PROCESSED: Final = 60.0
"""Seconds that the vendor may need to process a job, after which it knows the name."""
REMEMBERED: Final = 86_400.0
"""Seconds for which the vendor knows the name."""

_SECONDS: Final = 1e-6
"""Differences that sums of floating-point seconds can have."""


@dataclass
class Attempt:
    """One POST of a job, from `began` to `ended`, the answer or the end of its process."""

    key: RequestKey
    began: float
    ended: float


class Attempts:
    """The attempts by message name; a definite refusal or a person's statement removes its attempt."""

    def __init__(self, report: Callable[[str, str], object]) -> None:
        self._report = report
        self._by_name: dict[str, list[Attempt]] = {}
        self.checked = True
        """Whether posts are checked: not after a person removed the lock of an active run."""

    def add(self, key: RequestKey, name: str, seconds: float) -> Attempt:
        """Check and add an attempt that begins now."""
        earlier = self._by_name.setdefault(name, [])
        if self.checked and earlier:
            pause = seconds - max(attempt.ended for attempt in earlier)
            age = seconds - min(attempt.began for attempt in earlier)
            if pause < PROCESSED - _SECONDS:
                self._report("processed", f"{key} was posted again after {pause:.1f} s")
            if age >= REMEMBERED:
                self._report("remembered", f"{key} was posted again after {age:.0f} s")
        attempt = Attempt(key, seconds, seconds)
        earlier.append(attempt)
        return attempt

    def remove(self, attempt: Attempt) -> None:
        """Remove an attempt that was certainly not accepted."""
        for attempts in self._by_name.values():
            if attempt in attempts:
                attempts.remove(attempt)

    def forget(self, keys: Container[RequestKey], current: Callable[[RequestKey], RequestKey]) -> None:
        """Remove the attempts of requests that a person found not to be accepted."""
        for name, attempts in self._by_name.items():
            self._by_name[name] = [attempt for attempt in attempts if current(attempt.key) not in keys]
