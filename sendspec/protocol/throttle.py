"""Adaptive limit of the requests in flight."""

from __future__ import annotations

from sendspec.model import Verdict


class Throttle:
    """A limit that halves when the vendor is busy, and grows by one after `limit` successes."""

    def __init__(self, maximum: int) -> None:
        self.limit = maximum
        self._maximum = maximum
        self._streak = 0
        self._halved_at = float("-inf")

    def on_verdict(self, verdict: Verdict, posted_at: float, tick: float) -> None:
        """Adapt the limit to the answer at `tick` to a request that was posted at `posted_at`."""
        if posted_at < self._halved_at:
            return  # The request was posted under the old limit, so its answer does not test the new one.
        if verdict is Verdict.BUSY:
            self._streak = 0
            self.limit = max(1, self.limit // 2)
            self._halved_at = tick
        elif verdict is Verdict.SENT:
            self._streak += 1
            if self._streak >= self.limit and self.limit < self._maximum:
                self.limit += 1
                self._streak = 0
