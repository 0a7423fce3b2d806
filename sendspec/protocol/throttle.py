"""How many requests may be in flight."""

from __future__ import annotations

from sendspec.model import Verdict


class Throttle:
    """How many requests may be in flight: halves when the vendor is busy, recovers one at a time."""

    def __init__(self, most: int) -> None:
        """Begin at the target's own limit."""
        self.limit = most
        self._most = most
        self._streak = 0
        self._halved_at = float("-inf")

    def heard(self, verdict: Verdict, posted_at: float, tick: float) -> None:
        """Learn from the answer at `tick` to a request that was posted at `posted_at`."""
        if posted_at < self._halved_at:
            return  # it was already out when the limit was halved, and tells nothing about the new one
        if verdict is Verdict.BUSY:
            self._streak = 0
            self.limit = max(1, self.limit // 2)
            self._halved_at = tick
        elif verdict is Verdict.SENT:
            self._streak += 1
            if self._streak >= self.limit and self.limit < self._most:
                self.limit += 1
                self._streak = 0
