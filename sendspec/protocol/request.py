"""State of one request during one run: its stage, its attempts, its outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from msgspec import Struct, field

from sendspec.clocks import Deadline
from sendspec.ledger import Settled
from sendspec.model import OutcomeReason, RequestKey, RequestState, Verdict
from sendspec.protocol.transitions import Stage, next_stage
from sendspec.protocol.types import Result
from sendspec.protocol_limits import (
    BUSY_ATTEMPTS_MAX,
    INTENT_SECONDS_MAX,
    REPEAT_AGE_SECONDS_MAX,
    REPEAT_ATTEMPTS_MAX,
    REPEAT_PAUSE_SECONDS_MIN,
    TOKEN_ATTEMPTS_MAX,
    UNSENT_ATTEMPTS_MAX,
    pauses_seconds,
)
from sendspec.structs import replace

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from sendspec.model import Outcome
    from sendspec.protocol.transitions import Trigger
    from sendspec.protocol.types import Job, Now


class Request(Struct, eq=False):
    """A request, at position `index` of the run.

    `ambiguous` says that the vendor may have accepted an attempt of this or an earlier run. `durable`
    says that the ledger has its intent, `recorded` that it has its outcome. `posted_at` and `wake`,
    the earliest next attempt, are ticks. `doubted` says that a defect makes its state unreliable.
    `repeat_pause` is the least number of seconds after an attempt that may have been accepted, and
    `unclear` the outcome of the last such attempt of this run.
    """

    key: RequestKey
    job: Job
    index: int
    attempts: int
    ambiguous: bool
    repeat_pause: float = REPEAT_PAUSE_SECONDS_MIN
    unclear: Outcome | None = None
    tries: dict[Verdict, int] = field(default_factory=dict)
    intended: Now | None = None
    posted_at: float = 0.0
    wake: float = 0.0
    settled: Settled | None = None
    durable: bool = False
    recorded: bool = False
    doubted: bool = False
    _stage: Stage = Stage.PENDING

    @classmethod
    def of(cls, job: Job, batch: int, index: int, *, repeat_pause: float = REPEAT_PAUSE_SECONDS_MIN) -> Self:
        """Return a request of a job as a run finds it."""
        key = RequestKey(job.address, job.header.revision, batch)
        return cls(key, job, index, job.attempts.get(batch, 0), job.ambiguous, repeat_pause)

    @property
    def stage(self) -> Stage:
        """The stage, which only `move` changes."""
        return self._stage

    def move(self, trigger: Trigger) -> None:
        """Change the stage by the table of transitions.

        Raises:
            IllegalTransition: the table does not have this transition; nothing changed.
        """
        self._stage = next_stage(self._stage, trigger, self.key)

    def intend(self, now: Now) -> None:
        """Set the time of the intent, and the earliest attempt if it repeats one of an earlier run."""
        self.intended = now
        if self.job.repeat_from is not None:
            left = (self.job.repeat_from - now.wall).total_seconds()
            # The whole pause suffices, also if the clock was set back since the plan was made.
            self.wake = now.tick + min(max(left, 0.0), self.repeat_pause)

    def is_window_open(self, now: Now) -> bool:
        """Return whether the window of its send is open, and its recipients may get texts."""
        early = self.job.not_before is not None and now.wall < self.job.not_before
        return not early and not self.is_expired(now) and not self.is_quiet(now)

    def is_expired(self, now: Now) -> bool:
        """Return whether the window of its send has closed."""
        return self.job.not_after is not None and now.wall >= self.job.not_after

    def is_quiet(self, now: Now) -> bool:
        """Return whether it is outside the legal hours of its recipients, also if a clock was set back."""
        legal = self.job.legal
        return legal is not None and not legal.start <= now.wall < legal.end

    def is_too_old(self, now: Now) -> bool:
        """Return whether other runs may soon consider this run lost, by the age of the intent.

        The wall clock can be set, so the longer of both ages counts.
        """
        if self.intended is None:
            return False
        wall_seconds = (now.wall - self.intended.wall).total_seconds()
        return max(wall_seconds, now.tick - self.intended.tick) > INTENT_SECONDS_MAX

    def is_too_old_to_repeat(self, now: Now) -> bool:
        """Return whether the vendor may have forgotten the name of an attempt of an earlier run."""
        return self._repeatable_until is not None and now.wall >= self._repeatable_until

    @property
    def _repeatable_until(self) -> datetime | None:
        since = self.job.since
        return None if since is None else since + timedelta(seconds=REPEAT_AGE_SECONDS_MAX)

    @property
    def latest(self) -> Deadline:
        """The instant at which the first byte must have left: the end of the intent, window or legal hours.

        For a request that repeats one of an earlier run, also the end of the time for that.
        """
        assert self.intended is not None  # noqa: S101 - only a request with an intent is posted
        end = self.intended.wall + timedelta(seconds=INTENT_SECONDS_MAX)
        legal_end = None if self.job.legal is None else self.job.legal.end
        ends = (end, self.job.not_after, legal_end, self._repeatable_until)
        wall = min(instant for instant in ends if instant is not None)
        return Deadline(wall, self.intended.tick + INTENT_SECONDS_MAX)

    def may_repeat(self, verdict: Verdict, now: Now) -> bool:
        """Return whether another attempt may follow the current one if that ends with `verdict` now.

        If the pause after an unknown outcome outlasts the intent or the window, a later run may repeat it.
        """
        if verdict is Verdict.UNKNOWN and not self._outlives(now, self.repeat_pause):
            return False
        attempts_max = {
            Verdict.UNSENT: UNSENT_ATTEMPTS_MAX,
            Verdict.BUSY: BUSY_ATTEMPTS_MAX,
            Verdict.TOKEN_EXPIRED: TOKEN_ATTEMPTS_MAX,
            Verdict.UNKNOWN: REPEAT_ATTEMPTS_MAX if self.job.endpoint.traits.repeatable else 1,
        }.get(verdict, 1)
        return self.tries.get(verdict, 0) + 1 < attempts_max

    def on_outcome(self, outcome: Outcome) -> None:
        """Count an attempt that ended with `outcome`."""
        verdict = outcome.verdict
        self.tries[verdict] = self.tries.get(verdict, 0) + 1
        if verdict is Verdict.UNKNOWN:
            self.ambiguous = True
            self.unclear = outcome

    def pause(self, verdict: Verdict, random: Random) -> float:
        """Return the seconds to wait after an attempt that ended with `verdict`, with jitter."""
        if verdict is Verdict.TOKEN_EXPIRED:
            return 0.0
        longest = pauses_seconds(self.tries[verdict] + 1)[-1]
        pause = longest * random.uniform(0.5, 1.0)
        return max(pause, self.repeat_pause) if verdict is Verdict.UNKNOWN else pause

    def state_after(self, verdict: Verdict) -> RequestState:
        """Return what is known if no attempt follows one that ended with `verdict`."""
        if verdict is Verdict.SENT:
            return RequestState.SENT
        # A later refusal does not prove that the vendor refused the ambiguous attempt.
        return RequestState.UNKNOWN if self.ambiguous else RequestState.NOT_SENT

    def settle(self, now: Now, outcome: Outcome) -> Settled:
        """Set the outcome, and return the entry that records it."""
        self.settled = Settled(
            key=self.key,
            state=self.state_after(outcome.verdict),
            at=now.at,
            attempts=self.attempts,
            job_id=outcome.job_id,
            transaction_id=outcome.transaction_id,
            reason=outcome.reason,
            evidence=outcome.evidence,
            since=self._since(self.state_after(outcome.verdict)),
        )
        return self.settled

    def make_unknown(self, reason: OutcomeReason) -> Settled | None:
        """Replace an outcome other than sent by unknown; return the new entry, if there is one."""
        if self.settled is None or self.settled.state is RequestState.SENT:
            return None
        state = RequestState.UNKNOWN
        self.settled = replace(
            self.settled, state=state, reason=reason, evidence=None, since=self._since(state)
        )
        return self.settled

    def _since(self, state: RequestState) -> datetime | None:
        """Return the time of the first attempt that may have been accepted, if a run may repeat it."""
        if state is not RequestState.UNKNOWN or not self.job.endpoint.traits.repeatable:
            return None
        return self.job.since or (self.intended and self.intended.at)

    def _outlives(self, now: Now, seconds: float) -> bool:
        """Return whether a byte may still leave after so many seconds."""
        if self.intended is None:
            return False
        latest = self.latest
        wall = now.wall + timedelta(seconds=seconds)
        return wall < latest.wall and now.tick + seconds < latest.elapsed

    @property
    def result(self) -> Result:
        """The outcome as the receipt has it."""
        settled = self.settled
        if settled is None:
            unknown = self.stage is Stage.POSTING or self.ambiguous
            state = RequestState.UNKNOWN if unknown else RequestState.NOT_SENT
            reason = OutcomeReason.RUN_ENDED if unknown else OutcomeReason.NOT_POSTED
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
            since=settled.since,
        )
