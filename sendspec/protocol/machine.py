"""The machine: a state without input or output; events change it, and it decides on commands."""

from __future__ import annotations

from collections import Counter, deque
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.errors import InternalError
from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.model import Outcome, OutcomeReason, RequestState, Verdict
from sendspec.protocol import observer_events
from sendspec.protocol.invariants import Snapshot, check_invariants
from sendspec.protocol.record_queue import RecordQueue
from sendspec.protocol.request import Request
from sendspec.protocol.throttle import Throttle
from sendspec.protocol.transitions import OPEN_STAGES, ProtocolDefect, Stage, Trigger
from sendspec.protocol.types import Post, Record
from sendspec.protocol_limits import REPEAT_PAUSE_SECONDS_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

    from sendspec.errors import LedgerConflict, SendspecError
    from sendspec.model import RequestKey, VendorId
    from sendspec.protocol.observer_events import Event
    from sendspec.protocol.types import Command, Job, Now, Result


_SHARED_REASONS: Final = (
    OutcomeReason.RUN_STOPPED,
    OutcomeReason.EXPIRED,
    OutcomeReason.QUIET_HOURS,
    OutcomeReason.TOO_OLD_TO_REPEAT,
    OutcomeReason.NOT_POSTED,
)

NO_IDS: Final[Mapping[VendorId, RequestKey]] = MappingProxyType({})


class Machine:
    """The decisions about all requests of one run.

    `concurrency` is the maximum of requests in flight, `window` of requests with a durable intent and no
    durable outcome. A method that raises `ProtocolDefect` is followed by `on_defect`.
    """

    def __init__(  # noqa: PLR0913 - the limits of a run
        self,
        jobs: Iterable[Job],
        *,
        concurrency: int,
        window: int,
        random: Random,
        repeat_pause: float = REPEAT_PAUSE_SECONDS_MIN,
        known_ids: Mapping[VendorId, RequestKey] = NO_IDS,
    ) -> None:
        """Start with every request pending; `known_ids` are the vendor's ids in the ledger.

        `repeat_pause` is the least number of seconds after an attempt that may have been accepted.
        """
        every = [(job, batch) for job in jobs for batch in job.batches]
        requests = [
            Request.of(job, batch, index, repeat_pause=repeat_pause)
            for index, (job, batch) in enumerate(every)
        ]
        self._requests = {request.key: request for request in requests}
        self._pending = deque(self._requests.values())
        self._open: dict[RequestKey, Request] = {}
        self._stages = Counter({Stage.PENDING: len(self._requests)})
        self._throttle = Throttle(concurrency)
        self._window = window
        self._random = random
        self._id_owners = dict(known_ids)
        self._queue = RecordQueue()
        self._recorded = 0
        self._started_sends: set[str] = set()
        self._halted_sends: dict[str, OutcomeReason] = {}
        self._events: list[Event] = [observer_events.RunStarted(len(self._requests))]
        self._ended = False
        self.stopping = False
        self.interrupted = False
        self.aborted = False
        self.defective = False
        self.lost_race = False
        self.errors: list[SendspecError] = []

    def on_recorded(self) -> None:
        """Handle the success of the append in progress."""
        for entry in self._queue.finish():
            if isinstance(entry, Intent):
                request = self._requests[entry.key]
                request.durable = True
                self._move(request, Trigger.DURABLE)
                self._events.append(observer_events.IntentDurable(entry.key))
            elif isinstance(entry, Settled):
                self._mark_recorded(entry)

    def on_record_failed(self, error: SendspecError) -> None:
        """Handle the failure of the ledger: nothing more is recorded, so nothing more is posted."""
        self._queue.fail()
        for request in [r for r in self._open.values() if r.stage is Stage.RECORDING]:
            self._move(request, Trigger.LEDGER_FAILED)
        self._stop_with(error)

    def on_conflict(self, conflict: LedgerConflict) -> None:
        """Handle an append that lost against another run: no intent of it is recorded, most outcomes are."""
        self.stopping = self.lost_race = True
        left_out = {entry.key for entry in conflict.left_out if isinstance(entry, Settled)}
        for entry in self._queue.finish():
            if isinstance(entry, Intent):
                self._move(self._requests[entry.key], Trigger.CONFLICT)
            elif isinstance(entry, Settled):
                self._mark_recorded(entry)
                if entry.key in left_out:
                    # The ledger has what the other run recorded; this run does not know its outcome.
                    self._requests[entry.key].make_unknown(OutcomeReason.TAKEN_OVER)
        self._events.append(observer_events.LedgerConflicted())

    def on_answer(self, key: RequestKey, outcome: Outcome, now: Now) -> None:
        """Handle the outcome of an attempt."""
        request = self._find(key)
        outcome = self._doubt_known_id(key, outcome)
        repeats = request.may_repeat(outcome.verdict, now) and not self.stopping
        self._move(request, Trigger.RETRY if repeats else Trigger.ANSWERED)
        request.on_outcome(outcome)
        self._events.append(observer_events.RequestAnswered(key, outcome))
        self._adapt_limit(outcome.verdict, request.posted_at, now.tick)
        if repeats:
            request.wake = now.tick + request.pause(outcome.verdict, self._random)
            if outcome.verdict is Verdict.UNKNOWN:
                self._announce_repetition(request, now)
        else:
            self._settle(request, now, outcome)

    def on_post_failed(self, key: RequestKey, error: SendspecError, now: Now) -> None:
        """Handle an attempt that was not posted because nothing can be posted any more."""
        request = self._find(key)
        self._move(request, Trigger.ANSWERED)
        self._stop_with(error)
        self._settle(request, now, Outcome(Verdict.UNSENT, OutcomeReason.CREDENTIALS_REFUSED, str(error)))

    def on_defect(self, defect: ProtocolDefect) -> None:
        """Handle a defect of sendspec: post nothing more, wait for what is in flight, record it."""
        self.stopping = True
        if not self.defective:
            self.defective = True
            message = f"internal error: {defect}; nothing more was posted"
            hint = "run `sendspec plan` to see what was sent, and report this error"
            self.errors.append(InternalError(message, hint=hint))
        request = self._requests.get(defect.key) if defect.key is not None else None
        if request is None:
            return
        request.doubted = request.ambiguous = True
        entry = request.make_unknown(OutcomeReason.INTERNAL_ERROR)
        if entry is not None:
            request.recorded = False
            self._queue.add(entry)
            self._events.append(observer_events.RequestSettled(request.result))

    def stop(self) -> None:
        """Start nothing new, wait for what is in flight, record it."""
        self.stopping = self.interrupted = True

    def abort(self) -> None:
        """End immediately; requests in flight stay unknown."""
        self.stopping = self.interrupted = self.aborted = True

    def decide(self, now: Now) -> list[Command]:
        """Return the commands to start now; the machine considers them started.

        Raises:
            ProtocolDefect: the state is impossible; none of the commands may be started.
        """
        if self.aborted:
            return self._last_commands()
        commands: list[Command] = []
        try:
            self._add_posts(commands, now)
            self._add_intents(now)
            record = self._queue.start()
            commands += [] if record is None else [record]
            if not self.defective:
                check_invariants(self._snapshot(commands))
        except ProtocolDefect:
            self._withdraw(commands)
            # A second failure leaves nothing that the machine could rely on.
            self.aborted = self.defective
            raise
        self._report_end()
        return commands

    def take_events(self) -> list[Event]:
        """Return the events since the last call."""
        taken, self._events = self._events, []
        return taken

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        if self.aborted:
            return True
        return not self._open and not self._queue and self._next_pending() is None

    def wake_at(self) -> float | None:
        """Return the tick at which to decide again although no event came, or None."""
        wakes = [request.wake for request in self._open.values() if request.stage is Stage.READY]
        return min(wakes, default=None) if self._stages[Stage.POSTING] < self._throttle.limit else None

    def results(self) -> tuple[Result, ...]:
        """Return the results of all requests that this run started."""
        return tuple(r.result for r in self._requests.values() if not self._is_held_back(r))

    @property
    def held_back(self) -> Mapping[RequestKey, OutcomeReason]:
        """The requests that this run did not start, and why."""
        other = OutcomeReason.RUN_STOPPED if self.stopping else OutcomeReason.NOT_POSTED
        return {
            request.key: self._halted_sends.get(request.job.address, other)
            for request in self._requests.values()
            if self._is_held_back(request)
        }

    def _is_held_back(self, request: Request) -> bool:
        # An intent whose append had no end before an abort may be durable, and so may one of a failed append.
        unrecorded = request.stage in (Stage.RECORDING, Stage.ABANDONED) and not self.aborted
        return (request.stage is Stage.PENDING or unrecorded) and not request.doubted

    def _find(self, key: RequestKey) -> Request:
        request = self._requests.get(key)
        if request is None:
            raise ProtocolDefect(f"{key} is not a request of this run")
        return request

    def _doubt_known_id(self, key: RequestKey, outcome: Outcome) -> Outcome:
        """Return the outcome, but unknown if it has the id of another request: one of them is wrong."""
        if outcome.vendor_id is None:
            return outcome
        owner = self._id_owners.setdefault(outcome.vendor_id, key)
        if owner == key:
            return outcome
        evidence = f"answered with the id of {owner}"
        return Outcome(Verdict.UNKNOWN, OutcomeReason.OTHER_REQUEST, evidence)

    def _move(self, request: Request, trigger: Trigger) -> None:
        before = request.stage
        request.move(trigger)
        self._stages[before] -= 1
        self._stages[request.stage] += 1
        if request.stage in OPEN_STAGES:
            self._open[request.key] = request
        else:
            self._open.pop(request.key, None)

    def _mark_recorded(self, entry: Settled) -> None:
        self._requests[entry.key].recorded = True
        self._recorded += 1

    def _adapt_limit(self, verdict: Verdict, posted_at: float, tick: float) -> None:
        before = self._throttle.limit
        self._throttle.on_verdict(verdict, posted_at, tick)
        if self._throttle.limit < before:
            self._events.append(observer_events.RunThrottled(self._throttle.limit))

    def _last_commands(self) -> list[Command]:
        """Return the append of the outcomes that wait: even a run that was aborted has time for that."""
        self._report_end()
        outcomes = self._queue.take_outcomes()
        return [Record(outcomes)] if outcomes else []

    def _report_end(self) -> None:
        if self.finished and not self._ended:
            self._ended = True
            self._events.append(observer_events.RunEnded())

    def _add_posts(self, commands: list[Command], now: Now) -> None:
        free = self._throttle.limit - self._stages[Stage.POSTING]
        for request in [r for r in self._open.values() if r.stage is Stage.READY]:
            reason = self._reason_not_to_post(request, now)
            if reason:
                self._move(request, Trigger.GIVEN_UP)
                # What is known of the last attempt matters more than why it is not repeated.
                self._settle(request, now, request.unclear or Outcome(Verdict.UNSENT, reason))
            elif free > 0 and request.wake <= now.tick:
                self._move(request, Trigger.POSTED)
                request.attempts += 1
                request.posted_at = now.tick
                commands.append(Post(request.key, request.job.endpoint, request.ambiguous, request.latest))
                self._events.append(
                    observer_events.RequestPosted(request.key, request.attempts, repeated=request.ambiguous)
                )
                free -= 1

    def _reason_not_to_post(  # noqa: PLR0911 - a decision table, one return a row
        self, request: Request, now: Now
    ) -> OutcomeReason | None:
        if self.stopping:
            return OutcomeReason.RUN_STOPPED
        if request.job.address in self._halted_sends:
            return self._halted_sends[request.job.address]
        if request.is_expired(now):
            return OutcomeReason.EXPIRED
        if request.is_quiet(now):
            return OutcomeReason.QUIET_HOURS
        if request.is_too_old(now):
            return OutcomeReason.INTENT_TOO_OLD
        if request.is_too_old_to_repeat(now):
            return OutcomeReason.TOO_OLD_TO_REPEAT
        return None

    def _next_pending(self) -> Request | None:
        if self.stopping:
            return None
        while self._pending and self._pending[0].job.address in self._halted_sends:
            self._pending.popleft()
        return self._pending[0] if self._pending else None

    def _add_intents(self, now: Now) -> None:
        while len(self._open) < self._window:
            request = self._next_pending()
            if request is None:
                return
            self._pending.popleft()
            if not request.is_window_open(now) or request.is_too_old_to_repeat(now):
                self._halt(request, self._reason_not_to_post(request, now) or OutcomeReason.NOT_POSTED)
                continue
            self._move(request, Trigger.INTENDED)
            request.intend(now)
            job = request.job
            if job.starts_revision and job.address not in self._started_sends:
                self._started_sends.add(job.address)
                self._queue.add(RevisionStarted(job.address, job.header))
            self._queue.add(Intent(request.key, now.at, request.attempts, since=job.since))
            self._events.append(observer_events.RequestIntended(request.key))
            self._announce_repetition(request, now)

    def _announce_repetition(self, request: Request, now: Now) -> None:
        seconds = request.wake - now.tick
        if seconds > 0 and request.repeat_pause:
            until = now.wall + timedelta(seconds=seconds)
            self._events.append(observer_events.RepetitionDelayed(request.key, until))

    def _settle(self, request: Request, now: Now, outcome: Outcome) -> None:
        entry = request.settle(now, outcome)
        if entry.state is not RequestState.SENT:
            self._halt(request, outcome.reason)
        self._queue.add(entry)
        self._events.append(observer_events.RequestSettled(request.result))

    def _halt(self, request: Request, reason: OutcomeReason) -> None:
        """Start no further request of a send; a reason of the time or of a signal is theirs, too."""
        others = reason if reason in _SHARED_REASONS else OutcomeReason.EARLIER_REQUEST_FAILED
        self._halted_sends.setdefault(request.job.address, others)

    def _stop_with(self, error: SendspecError) -> None:
        self.stopping = True
        self.errors.append(error)

    def _withdraw(self, commands: Sequence[Command]) -> None:
        """Take back commands that the driver will not start."""
        for command in commands:
            if isinstance(command, Post):
                request = self._requests[command.key]
                request.attempts -= 1
                self._move(request, Trigger.WITHDRAWN)
            else:
                for entry in self._queue.withdraw():
                    if isinstance(entry, Intent):
                        self._move(self._requests[entry.key], Trigger.WITHDRAWN)
        self._events = [
            event for event in self._events if not isinstance(event, observer_events.RequestPosted)
        ]

    def _snapshot(self, commands: Sequence[Command]) -> Snapshot:
        queued = tuple(self._queue)
        in_flight = self._stages[Stage.POSTING]
        return Snapshot(
            requests=self._requests,
            open=self._open,
            stages=self._stages,
            window=self._window,
            limit=self._throttle.limit,
            posts=sum(isinstance(command, Post) for command in commands),
            queued=queued,
            started=self._started_sends,
            recorded=self._recorded,
            ledger_failed=self._queue.failed,
            finished=self.finished,
            wakes=bool(self._queue.in_progress or in_flight or self.wake_at() is not None),
        )
