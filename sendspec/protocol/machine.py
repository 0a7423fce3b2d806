"""The machine: what it was told so far, and what follows from it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.model import Outcome, OutcomeReason, RequestState, Verdict
from sendspec.protocol.commands import Post, Record, Tell
from sendspec.protocol.request import Request, Stage
from sendspec.protocol.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sendspec.errors import LedgerConflict, SendspecError
    from sendspec.ledger import Entry
    from sendspec.model import RequestKey
    from sendspec.protocol.commands import Command, Job, Now, Result


class Machine:
    """Decides about all requests of one run; see the module.

    `concurrency` is the most requests in flight, `window` the most that may have a durable intent
    and no durable outcome: what a crash at the worst instant leaves unknown.
    """

    def __init__(self, jobs: Iterable[Job], *, concurrency: int, window: int, random: Random) -> None:
        self._requests = {
            request.key: request
            for job in jobs
            for request in (Request.of(job, batch) for batch in job.batches)
        }
        self._pending = deque(self._requests.values())
        self._open: dict[RequestKey, Request] = {}
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
                self._requests[entry.key].stage = Stage.READY
            elif isinstance(entry, Settled):
                self._requests[entry.key].recorded = True
        self._recording = ()

    def record_failed(self, error: SendspecError) -> None:
        """Hear that the ledger failed: nothing more is posted, and nothing more can be recorded."""
        self._recording = ()
        self._buffer.clear()
        self._ledger_failed = True
        self._stop_with(error)

    def raced(self, race: LedgerConflict) -> None:
        """Hear that another run took a request first: intents were not recorded, outcomes mostly were."""
        self.stopping = self.lost_race = True
        left_out = {entry.key for entry in race.left_out if isinstance(entry, Settled)}
        for entry in self._recording:
            if isinstance(entry, Intent):
                self._open.pop(entry.key).stage = Stage.PENDING
            elif isinstance(entry, Settled):
                request = self._requests[entry.key]
                request.recorded = True
                if entry.key in left_out:
                    # What the other run made of it is in the ledger; that this one sent nothing is not all.
                    request.settled = replace(
                        entry, state=RequestState.UNKNOWN, reason=OutcomeReason.TAKEN_OVER, evidence=None
                    )
        self._recording = ()

    def answered(self, key: RequestKey, outcome: Outcome, now: Now) -> None:
        """Hear what an attempt came to."""
        request = self._requests[key]
        request.hear(outcome.verdict)
        self._throttle.heard(outcome.verdict, request.posted_at, now.tick)
        if request.may_try_again(outcome.verdict) and not self.stopping:
            request.stage = Stage.READY
            request.wake = now.tick + request.pause(outcome.verdict, self._random)
            return
        self._settle(request, request.state_after(outcome.verdict), now, outcome)

    def failed(self, key: RequestKey, error: SendspecError, now: Now) -> None:
        """Hear that nothing can be posted any more, and that this attempt was not."""
        self._stop_with(error)
        request = self._requests[key]
        outcome = Outcome(Verdict.UNSENT, OutcomeReason.CREDENTIALS_REFUSED, str(error))
        self._settle(request, request.state_after(Verdict.UNSENT), now, outcome)

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
        waiting = [request.wake for request in self._open.values() if request.stage is Stage.READY]
        return min(waiting, default=None) if self._in_flight < self._throttle.limit else None

    def results(self) -> tuple[Result, ...]:
        """Say what became of every request this run was given and began."""
        return tuple(request.result for request in self._requests.values() if not self._is_held_back(request))

    @property
    def held_back(self) -> tuple[RequestKey, ...]:
        """The requests this run was given and did not begin."""
        return tuple(request.key for request in self._requests.values() if self._is_held_back(request))

    # How.

    @property
    def _in_flight(self) -> int:
        return sum(request.stage is Stage.POSTING for request in self._open.values())

    def _is_held_back(self, request: Request) -> bool:
        # An intent that was being recorded when everything ended at once may have become durable.
        unrecorded = request.stage is Stage.RECORDING and not self.aborted
        return request.stage is Stage.PENDING or unrecorded

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
        for request in [r for r in self._open.values() if r.stage is Stage.READY]:
            reason = self._why_not(request, now)
            if reason:
                outcome = Outcome(Verdict.UNSENT, reason)
                self._settle(request, request.state_after(Verdict.UNSENT), now, outcome)
            elif free > 0 and request.wake <= now.tick:
                request.stage = Stage.POSTING
                request.attempts += 1
                request.posted_at = now.tick
                posts.append(Post(request.key, request.job.endpoint, request.ambiguous))
                free -= 1
        return posts

    def _why_not(self, request: Request, now: Now) -> OutcomeReason | None:
        if self.stopping:
            return OutcomeReason.RUN_STOPPED
        if request.job.address in self._halted:
            return OutcomeReason.EARLIER_REQUEST_FAILED
        if request.is_over_at(now):
            return OutcomeReason.EXPIRED
        if request.is_too_old_at(now):
            return OutcomeReason.INTENT_TOO_OLD
        return None

    def _next_pending(self) -> Request | None:
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
            if not request.is_open_at(now):
                self._halted.add(request.job.address)
                continue
            request.stage = Stage.RECORDING
            request.intended = now
            self._open[request.key] = request
            job = request.job
            if job.begins and job.address not in self._fixed:
                self._fixed.add(job.address)
                self._buffer.append(RevisionStarted(job.address, job.header))
            self._buffer.append(Intent(request.key, now.at, request.attempts))

    def _settle(self, request: Request, state: RequestState, now: Now, outcome: Outcome) -> None:
        del self._open[request.key]
        settled = request.settle(state, now, outcome)
        if state is not RequestState.SENT:
            self._halted.add(request.job.address)
        if not self._ledger_failed:
            self._buffer.append(settled)
        self._telling.append(Tell(request.result))

    def _stop_with(self, error: SendspecError) -> None:
        self.stopping = True
        self.errors.append(error)
        for request in [r for r in self._open.values() if r.stage is Stage.RECORDING]:
            if self._ledger_failed:
                del self._open[request.key]
