"""The machine: what it was told so far, and what follows from it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from sendspec.ledger import Fixed, Intent, Settled
from sendspec.model import Endpoint, RequestKey, RequestState, Verdict
from sendspec.protocol.steps import Post, Record, Result, Tell
from sendspec.protocol.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sendspec.errors import LedgerRaced, SendspecError
    from sendspec.ledger import Entry
    from sendspec.model import Outcome
    from sendspec.protocol.steps import Command, Job, Now

UNSENT_ATTEMPTS: Final = 5
BUSY_ATTEMPTS: Final = 12
REPEAT_ATTEMPTS: Final = 3
BACKOFF_SECONDS: Final = 0.5
BACKOFF_MOST_SECONDS: Final = 30.0
INTENT_LASTS_SECONDS: Final = 600.0
"""How long after its intent a request may still be posted: well before anybody may take its run for gone."""

_TAKEN: Final = "another run took this one for gone and repeated the request: the ledger has what came of it"


class _Stage(Enum):
    PENDING = auto()
    RECORDING = auto()
    READY = auto()
    POSTING = auto()
    SETTLED = auto()


@dataclass(slots=True, eq=False)
class _Request:
    key: RequestKey
    job: Job
    attempts: int
    ambiguous: bool
    stage: _Stage = _Stage.PENDING
    tries: dict[Verdict, int] = field(default_factory=dict)
    intended: Now | None = None
    posted_at: float = 0.0
    wake: float = 0.0
    settled: Settled | None = None
    recorded: bool = False


class Machine:
    """Decides about all requests of one run; see the module.

    `concurrency` is the most requests in flight, `window` the most that may have a durable intent
    and no durable outcome: what a crash at the worst instant leaves unknown.
    """

    def __init__(self, jobs: Iterable[Job], *, concurrency: int, window: int, random: Random) -> None:
        self._requests = {
            request.key: request for job in jobs for request in (_begin(job, batch) for batch in job.batches)
        }
        self._pending = deque(self._requests.values())
        self._open: dict[RequestKey, _Request] = {}
        self._throttle = Throttle(concurrency)
        self._window = window
        self._random = random
        self._buffer: list[Entry] = []
        self._recording: tuple[Entry, ...] = ()
        self._telling: list[Tell] = []
        self._fixed: set[str] = set()
        self._halted: set[str] = set()
        self.stopping = False
        self.interrupted = False
        self.aborted = False
        self.lost_race = False
        self.errors: list[SendspecError] = []
        self._ledger_failed = False

    # What happened.

    def recorded(self) -> None:
        """Hear that what was last asked to be recorded is durable."""
        for entry in self._recording:
            if isinstance(entry, Intent):
                self._requests[entry.key].stage = _Stage.READY
            elif isinstance(entry, Settled):
                self._requests[entry.key].recorded = True
        self._recording = ()

    def record_failed(self, error: SendspecError) -> None:
        """Hear that the ledger failed: nothing more is posted, and nothing more can be recorded."""
        self._recording = ()
        self._buffer.clear()
        self._ledger_failed = True
        self._stop_with(error)

    def raced(self, race: LedgerRaced) -> None:
        """Hear that another run took a request first: intents were not recorded, outcomes mostly were."""
        self.stopping = self.lost_race = True
        left_out = {entry.key for entry in race.left_out if isinstance(entry, Settled)}
        for entry in self._recording:
            if isinstance(entry, Intent):
                self._open.pop(entry.key).stage = _Stage.PENDING
            elif isinstance(entry, Settled):
                request = self._requests[entry.key]
                request.recorded = True
                if entry.key in left_out:
                    # What the other run made of it is in the ledger; that this one sent nothing is not all.
                    request.settled = replace(entry, state=RequestState.UNKNOWN, evidence=_TAKEN)
        self._recording = ()

    def answered(self, key: RequestKey, outcome: Outcome, now: Now) -> None:
        """Hear what an attempt came to."""
        request = self._requests[key]
        request.tries[outcome.verdict] = request.tries.get(outcome.verdict, 0) + 1
        self._throttle.heard(outcome.verdict, request.posted_at, now.tick)
        if outcome.verdict is Verdict.UNKNOWN:
            request.ambiguous = True
        if self._may_try_again(request, outcome.verdict):
            request.stage = _Stage.READY
            request.wake = now.tick + self._delay(request, outcome.verdict)
            return
        self._settle(request, _state_after(request, outcome.verdict), outcome.evidence, now, outcome)

    def failed(self, key: RequestKey, error: SendspecError, now: Now) -> None:
        """Hear that nothing can be posted any more, and that this attempt was not."""
        self._stop_with(error)
        request = self._requests[key]
        self._settle(request, _state_after(request, Verdict.UNSENT), str(error), now)

    def stop(self) -> None:
        """Hear that the run is to end: start nothing new, wait for what is in flight, record it."""
        self.stopping = self.interrupted = True

    def abort(self) -> None:
        """Hear that the run is to end at once; what is in flight stays unknown."""
        self.stopping = self.interrupted = self.aborted = True

    # What to do.

    def decide(self, now: Now) -> list[Command]:
        """Say what to start now; everything said is taken as started."""
        if self.aborted:
            return self._last_words()
        commands: list[Command] = [*self._posts(now)]
        self._take_intents(now)
        commands += self._told()
        if self._buffer and not self._recording:
            self._recording, self._buffer = tuple(self._buffer), []
            commands.append(Record(self._recording))
        return commands

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        if self.aborted:
            return True
        waiting = self._open or self._recording or self._buffer or self._telling
        return not waiting and not self._next_pending()

    def wake_at(self) -> float | None:
        """Say at which tick to decide again although nothing happened, None for never."""
        waiting = [request.wake for request in self._open.values() if request.stage is _Stage.READY]
        return min(waiting, default=None) if self._in_flight < self._throttle.limit else None

    def results(self) -> tuple[Result, ...]:
        """Say what became of every request this run was given and began."""
        return tuple(
            self._result(request) for request in self._requests.values() if not self._is_held_back(request)
        )

    @property
    def held_back(self) -> tuple[RequestKey, ...]:
        """The requests this run was given and did not begin."""
        return tuple(request.key for request in self._requests.values() if self._is_held_back(request))

    # How.

    @property
    def _in_flight(self) -> int:
        return sum(request.stage is _Stage.POSTING for request in self._open.values())

    def _is_held_back(self, request: _Request) -> bool:
        # An intent that was being recorded when everything ended at once may have become durable.
        unrecorded = request.stage is _Stage.RECORDING and not self.aborted
        return request.stage is _Stage.PENDING or unrecorded

    def _told(self) -> list[Tell]:
        telling, self._telling = self._telling, []
        return telling

    def _last_words(self) -> list[Command]:
        """Give what is known already and not yet recorded: even a run that ends at once has time for that."""
        outcomes = tuple(entry for entry in self._buffer if isinstance(entry, Settled))
        self._buffer.clear()
        return [*self._told(), *([Record(outcomes)] if outcomes else [])]

    def _posts(self, now: Now) -> list[Post]:
        posts: list[Post] = []
        free = self._throttle.limit - self._in_flight
        for request in [r for r in self._open.values() if r.stage is _Stage.READY]:
            reason = self._why_not(request, now)
            if reason:
                self._settle(request, _state_after(request, Verdict.UNSENT), reason, now)
            elif free > 0 and request.wake <= now.tick:
                request.stage = _Stage.POSTING
                request.attempts += 1
                request.posted_at = now.tick
                posts.append(Post(request.key, request.job.endpoint, request.ambiguous))
                free -= 1
        return posts

    def _why_not(self, request: _Request, now: Now) -> str | None:
        if self.stopping:
            return "the run was stopped before it was posted"
        if request.job.address in self._halted:
            return "an earlier request of this send was refused or is unknown"
        if request.job.not_after is not None and now.wall >= request.job.not_after:
            return "its window passed before it was posted"
        if request.intended is not None and _seconds_between(request.intended, now) > INTENT_LASTS_SECONDS:
            return "it had to wait for so long that another run may take this one for gone"
        return None

    def _next_pending(self) -> _Request | None:
        if self.stopping:
            return None
        while self._pending and self._pending[0].job.address in self._halted:
            self._pending.popleft()
        return self._pending[0] if self._pending else None

    def _take_intents(self, now: Now) -> None:
        while len(self._open) < self._window:
            request = self._next_pending()
            if request is None:
                return
            self._pending.popleft()
            if not _in_window(request.job, now):
                self._halted.add(request.job.address)
                continue
            request.stage = _Stage.RECORDING
            request.intended = now
            self._open[request.key] = request
            job = request.job
            if job.begins and job.address not in self._fixed:
                self._fixed.add(job.address)
                self._buffer.append(Fixed(job.address, job.header))
            self._buffer.append(Intent(request.key, now.at, request.attempts))

    def _may_try_again(self, request: _Request, verdict: Verdict) -> bool:
        most = {
            Verdict.UNSENT: UNSENT_ATTEMPTS,
            Verdict.BUSY: BUSY_ATTEMPTS,
            Verdict.TOKEN_EXPIRED: 2,
            Verdict.UNKNOWN: REPEAT_ATTEMPTS if request.job.endpoint is Endpoint.CONTACT_SOURCE else 1,
        }.get(verdict, 1)
        return request.tries[verdict] < most and not self.stopping

    def _delay(self, request: _Request, verdict: Verdict) -> float:
        if verdict is Verdict.TOKEN_EXPIRED:
            return 0.0
        whole = min(BACKOFF_SECONDS * 2.0 ** (request.tries[verdict] - 1), BACKOFF_MOST_SECONDS)
        return whole * self._random.uniform(0.5, 1.0)

    def _settle(
        self, request: _Request, state: RequestState, evidence: str, now: Now, outcome: Outcome | None = None
    ) -> None:
        del self._open[request.key]
        request.stage = _Stage.SETTLED
        request.settled = Settled(
            key=request.key,
            state=state,
            at=now.at,
            attempts=request.attempts,
            job_id=outcome.job_id if outcome else None,
            transaction_id=outcome.transaction_id if outcome else None,
            evidence=evidence,
        )
        if state is not RequestState.SENT:
            self._halted.add(request.job.address)
        if not self._ledger_failed:
            self._buffer.append(request.settled)
        self._telling.append(Tell(self._result(request)))

    def _stop_with(self, error: SendspecError) -> None:
        self.stopping = True
        self.errors.append(error)
        for request in [r for r in self._open.values() if r.stage is _Stage.RECORDING]:
            if self._ledger_failed:
                del self._open[request.key]

    def _result(self, request: _Request) -> Result:
        settled = request.settled
        if settled is None:
            posted = request.stage is _Stage.POSTING or request.ambiguous
            state = RequestState.UNKNOWN if posted else RequestState.NOT_SENT
            evidence = "the run ended before its outcome was known" if posted else "it was never posted"
            return Result(request.key, request.job.endpoint, state, evidence, request.attempts)
        return Result(
            key=request.key,
            endpoint=request.job.endpoint,
            state=settled.state,
            evidence=settled.evidence or "",
            attempts=settled.attempts,
            job_id=settled.job_id,
            transaction_id=settled.transaction_id,
            recorded=request.recorded,
        )


def _begin(job: Job, batch: int) -> _Request:
    key = RequestKey(job.address, job.header.revision, batch)
    return _Request(key, job, job.attempts.get(batch, 0), job.ambiguous)


def _seconds_between(then: Now, now: Now) -> float:
    # The wall clock may be set, and the other one stops while the machine sleeps: the longer time counts.
    return max((now.wall - then.wall).total_seconds(), now.tick - then.tick)


def _in_window(job: Job, now: Now) -> bool:
    early = job.not_before is not None and now.wall < job.not_before
    late = job.not_after is not None and now.wall >= job.not_after
    return not early and not late


def _state_after(request: _Request, verdict: Verdict) -> RequestState:
    if verdict is Verdict.SENT:
        return RequestState.SENT
    # Once an attempt may have been accepted, no later refusal can take that back.
    return RequestState.UNKNOWN if request.ambiguous else RequestState.NOT_SENT
