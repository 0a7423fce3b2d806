"""One request while its run lasts: how far it is, what it may still do, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Self

from sendspec.ledger import Settled
from sendspec.model import OutcomeReason, RequestKey, RequestState, Verdict
from sendspec.protocol.commands import Result

if TYPE_CHECKING:
    from random import Random

    from sendspec.model import Outcome
    from sendspec.protocol.commands import Job, Now

UNSENT_ATTEMPTS: Final = 5
BUSY_ATTEMPTS: Final = 12
REPEAT_ATTEMPTS: Final = 3
BACKOFF_SECONDS: Final = 0.5
BACKOFF_MOST_SECONDS: Final = 30.0
INTENT_LASTS_SECONDS: Final = 600.0
"""How long after its intent a request may still be posted: well before anybody may take its run for gone."""


class Stage(Enum):
    """Where a request is in the drawing of the package."""

    PENDING = auto()
    RECORDING = auto()
    READY = auto()
    POSTING = auto()
    SETTLED = auto()


@dataclass(slots=True, eq=False)
class Request:
    """A request: `ambiguous` says that an attempt of this or an earlier run may have been accepted.

    `posted_at` and `wake`, the earliest next attempt, are ticks; `recorded` says that the ledger has
    what it was `settled` as.
    """

    key: RequestKey
    job: Job
    attempts: int
    ambiguous: bool
    stage: Stage = Stage.PENDING
    tries: dict[Verdict, int] = field(default_factory=dict)
    intended: Now | None = None
    posted_at: float = 0.0
    wake: float = 0.0
    settled: Settled | None = None
    recorded: bool = False

    @classmethod
    def of(cls, job: Job, batch: int) -> Self:
        """Give a request of a job as a run finds it."""
        key = RequestKey(job.address, job.header.revision, batch)
        return cls(key, job, job.attempts.get(batch, 0), job.ambiguous)

    def is_open_at(self, now: Now) -> bool:
        """Whether the window of its send is open."""
        early = self.job.not_before is not None and now.wall < self.job.not_before
        return not early and not self.is_over_at(now)

    def is_over_at(self, now: Now) -> bool:
        """Whether the window of its send has closed."""
        return self.job.not_after is not None and now.wall >= self.job.not_after

    def is_too_old_at(self, now: Now) -> bool:
        """Whether its intent is so old that somebody may soon take this run for gone.

        The wall clock may be set, and the other one stops while the machine sleeps: the longer counts.
        """
        if self.intended is None:
            return False
        by_wall = (now.wall - self.intended.wall).total_seconds()
        return max(by_wall, now.tick - self.intended.tick) > INTENT_LASTS_SECONDS

    def hear(self, verdict: Verdict) -> None:
        """Take note of what an attempt came to."""
        self.tries[verdict] = self.tries.get(verdict, 0) + 1
        if verdict is Verdict.UNKNOWN:
            self.ambiguous = True

    def may_try_again(self, verdict: Verdict) -> bool:
        """Whether an attempt that came to `verdict` may be followed by another one in this run."""
        most = {
            Verdict.UNSENT: UNSENT_ATTEMPTS,
            Verdict.BUSY: BUSY_ATTEMPTS,
            Verdict.TOKEN_EXPIRED: 2,
            Verdict.UNKNOWN: REPEAT_ATTEMPTS if self.job.endpoint.traits.repeatable else 1,
        }.get(verdict, 1)
        return self.tries[verdict] < most

    def pause(self, verdict: Verdict, random: Random) -> float:
        """Give the seconds to wait after an attempt that came to `verdict`: doubling, capped, jittered."""
        if verdict is Verdict.TOKEN_EXPIRED:
            return 0.0
        whole = min(BACKOFF_SECONDS * 2.0 ** (self.tries[verdict] - 1), BACKOFF_MOST_SECONDS)
        return whole * random.uniform(0.5, 1.0)

    def state_after(self, verdict: Verdict) -> RequestState:
        """Give what is known once no attempt follows one that came to `verdict`."""
        if verdict is Verdict.SENT:
            return RequestState.SENT
        # Once an attempt may have been accepted, no later refusal can take that back.
        return RequestState.UNKNOWN if self.ambiguous else RequestState.NOT_SENT

    def settle(self, state: RequestState, now: Now, outcome: Outcome) -> Settled:
        """Settle it, and give the entry that says so."""
        self.stage = Stage.SETTLED
        self.settled = Settled(
            key=self.key,
            state=state,
            at=now.at,
            attempts=self.attempts,
            job_id=outcome.job_id,
            transaction_id=outcome.transaction_id,
            reason=outcome.reason,
            evidence=outcome.evidence,
        )
        return self.settled

    @property
    def result(self) -> Result:
        """What this run has to say of it."""
        settled = self.settled
        if settled is None:
            posted = self.stage is Stage.POSTING or self.ambiguous
            state = RequestState.UNKNOWN if posted else RequestState.NOT_SENT
            reason = OutcomeReason.RUN_ENDED if posted else OutcomeReason.NOT_POSTED
            return Result(self.key, self.job.endpoint, state, reason, self.attempts)
        return Result(
            key=self.key,
            endpoint=self.job.endpoint,
            state=settled.state,
            reason=settled.reason or OutcomeReason.NOT_POSTED,
            attempts=settled.attempts,
            evidence=settled.evidence,
            job_id=settled.job_id,
            transaction_id=settled.transaction_id,
            recorded=self.recorded,
        )
