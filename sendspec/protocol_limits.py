"""Limits of the send protocol, and the relations between them that at-most-once depends on.

Units are last in the names. `docs/decisions/0013-limits.md` has the arithmetic.
"""

from __future__ import annotations

from typing import Final

CONCURRENCY_MAX: Final = 10
"""Requests in flight at a time. Source: Acoustic's limit of concurrent authenticated requests."""

OPEN_REQUESTS_MAX: Final = 10
"""Requests with a durable intent and no durable outcome: a crash leaves at most these unknown."""

RACES_MAX: Final = 5
"""Rounds of one run, each of which reads the ledger and plans again after a conflict."""

UNSENT_ATTEMPTS_MAX: Final = 5
BUSY_ATTEMPTS_MAX: Final = 12
TOKEN_ATTEMPTS_MAX: Final = 2
REPEAT_ATTEMPTS_MAX: Final = 3
"""Attempts of a repeatable request whose outcome is unknown."""
REPEAT_PAUSE_SECONDS_MIN: Final = 60.0
"""Pause after an attempt that may have been accepted. The API documents no time after which a name is known
to be in use, so this is the longest time of an answer (`read` of the transport)."""
REPEAT_AGE_SECONDS_MAX: Final = 86_400.0
"""Age of the first attempt up to which a request is repeated. The API documents no time for which the
vendor knows a name, so this is a day, in which a person or a later run repeats a failed run."""

BACKOFF_SECONDS_MIN: Final = 0.5
"""Longest pause after the first attempt; it doubles with each further attempt."""
BACKOFF_SECONDS_MAX: Final = 30.0

EXCHANGE_SECONDS_MAX: Final = 120.0
"""One HTTP exchange, from the connection to the last byte of the answer."""
POST_SECONDS_MAX: Final = 2 * EXCHANGE_SECONDS_MAX
"""One post: the exchange for a token, then the request itself."""

INTENT_SECONDS_MAX: Final = 360.0
"""Age of an intent up to which its request may still be posted."""

GIT_CALL_SECONDS_MAX: Final = 60.0
PUSH_PAUSES_SECONDS: Final = (0.0, 1.0, 4.0)
"""Pause before each attempt of a push whose result is unclear."""
PUSHES_MAX: Final = 20
"""Pushes of one append that may lose against other runs."""
PUSH_SECONDS_MAX: Final = 120.0
"""One append to a git ledger, all its calls of git and all its attempts together."""

CLOCK_DIFFERENCE_SECONDS_MAX: Final = 30.0
"""Difference between the clocks of two machines that share a git ledger."""
RUN_LOST_SECONDS: Final = 900.0
"""Age of an intent from which other runs and persons may consider its run lost."""


class ContradictoryLimits(ValueError):
    """Two limits break a relation that the protocol depends on."""


def pauses_seconds(attempts: int) -> tuple[float, ...]:
    """Return the longest pause after each of `attempts` but the last: doubling, capped."""
    return tuple(min(BACKOFF_SECONDS_MIN * 2.0**n, BACKOFF_SECONDS_MAX) for n in range(attempts - 1))


def _require(holds: bool, relation: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise ContradictoryLimits(relation)


_require(
    INTENT_SECONDS_MAX + POST_SECONDS_MAX + 2 * PUSH_SECONDS_MAX + CLOCK_DIFFERENCE_SECONDS_MAX
    < RUN_LOST_SECONDS,
    "a run must record its last outcome before another run may consider it lost",
)
_require(
    sum(pauses_seconds(BUSY_ATTEMPTS_MAX)) < INTENT_SECONDS_MAX,
    "an intent must outlive the pauses of a request that the vendor refuses as busy",
)
_require(
    sum(pauses_seconds(UNSENT_ATTEMPTS_MAX)) < INTENT_SECONDS_MAX,
    "an intent must outlive the pauses of a request that cannot be sent",
)
_require(
    POST_SECONDS_MAX + REPEAT_PAUSE_SECONDS_MIN < INTENT_SECONDS_MAX
    and REPEAT_ATTEMPTS_MAX * REPEAT_PAUSE_SECONDS_MIN < INTENT_SECONDS_MAX,
    "an intent must outlive a post and the pauses of a request that is repeated",
)
_require(
    INTENT_SECONDS_MAX + EXCHANGE_SECONDS_MAX + REPEAT_PAUSE_SECONDS_MIN + CLOCK_DIFFERENCE_SECONDS_MAX
    < RUN_LOST_SECONDS
    < REPEAT_AGE_SECONDS_MAX,
    "a run must not repeat a request of another run within the pause after its last byte",
)
_require(
    CONCURRENCY_MAX <= OPEN_REQUESTS_MAX,
    "every request in flight is open, so the window must not be smaller than the concurrency",
)
_require(
    0 < BACKOFF_SECONDS_MIN <= BACKOFF_SECONDS_MAX,
    "a repeated attempt must wait",
)
_require(
    sum(PUSH_PAUSES_SECONDS) + GIT_CALL_SECONDS_MAX < PUSH_SECONDS_MAX,
    "an append must have time for one slow call of git beside the pauses of its pushes",
)
_require(
    min(UNSENT_ATTEMPTS_MAX, BUSY_ATTEMPTS_MAX, TOKEN_ATTEMPTS_MAX, REPEAT_ATTEMPTS_MAX, RACES_MAX) >= 1,
    "every limit of attempts must allow the first one",
)
