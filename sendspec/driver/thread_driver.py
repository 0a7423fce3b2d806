"""Driver with threads: one for each request in flight, one for the ledger, one queue of events."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol, Self

from sendspec.errors import LedgerConflict, LedgerError, SendspecError
from sendspec.model import Outcome, OutcomeReason, Verdict
from sendspec.parallel import DaemonThreadPool
from sendspec.protocol import Machine, Now, Post, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sendspec.clocks import Clock, Deadline
    from sendspec.driver.signals import Signals
    from sendspec.driver.stored_bodies import BodySource
    from sendspec.ledger import LedgerSession
    from sendspec.model import Endpoint
    from sendspec.protocol import Command

_SIGNAL_SECONDS: Final = 0.5
"""Longest wait: a signal that comes just before a wait takes effect at the end of the wait."""


class SendClient(Protocol):
    """A client that posts requests."""

    def post(
        self, endpoint: Endpoint, path: str, body: bytes, *, repeated: bool, latest: Deadline
    ) -> Outcome:
        """Post once, before `latest`, and return the outcome; raise SendspecError if nothing was posted."""
        ...


class ThreadDriver:
    """Carries out the commands of a machine in threads; see `sendspec.apply.Driver`."""

    def __init__(  # noqa: PLR0913 - one argument for each resource
        self,
        session: LedgerSession,
        client: SendClient,
        bodies: BodySource,
        *,
        signals: Signals,
        stopping: Callable[[], None],
        concurrency: int,
        clock: Clock,
    ) -> None:
        """Start the threads; `stopping` is called once, when the first signal takes effect."""
        self._clock = clock
        self._signals = signals
        self._stopping = stopping
        self._session = session
        self._client = client
        self._bodies = bodies
        self._events: SimpleQueue[Callable[[Machine], None]] = SimpleQueue()
        self._posting = DaemonThreadPool(concurrency, "post")
        self._recording = DaemonThreadPool(1, "ledger")
        self._interrupts = 0

    def now(self) -> Now:
        """Read the clocks of the system."""
        return Now(self._clock.wall(), self._clock.elapsed())

    def start(self, command: Command) -> None:
        """Hand `command` to a thread."""
        match command:
            case Record():
                self._recording.submit(lambda: self._record(command))
            case Post():
                self._posting.submit(lambda: self._post(command))

    def wait(self, machine: Machine) -> None:
        """Wait for the next event, and pass it and all others that came to the machine."""
        wake = machine.wake_at()
        left = _SIGNAL_SECONDS if wake is None else max(0.0, wake - self._clock.elapsed())
        try:
            event = self._events.get(timeout=min(left, _SIGNAL_SECONDS))
        except Empty:
            return
        while True:
            event(machine)
            try:
                event = self._events.get_nowait()
            except Empty:
                return

    def interrupt(self) -> None:
        """Stop the run; on the second call, abort it. Safe in a signal handler."""
        self._interrupts += 1
        self._events.put(self._stop if self._interrupts == 1 else Machine.abort)

    def _stop(self, machine: Machine) -> None:
        machine.stop()
        # The signal handler itself must not print: it may have interrupted another print.
        self._stopping()

    def _record(self, command: Record) -> None:
        try:
            self._session.append(command.entries)
        except LedgerConflict as error:
            conflict = error
            self._events.put(lambda machine: machine.on_conflict(conflict))
        except SendspecError as error:
            failure = error
            self._events.put(lambda machine: machine.on_record_failed(failure))
        except BaseException as error:  # noqa: BLE001 - after any failure the entries may not be durable
            unexpected = LedgerError(
                f"the ledger failed unexpectedly: {type(error).__name__}: {error}",
                hint="run `sendspec plan` to see what was sent, and report this error",
            )
            self._events.put(lambda machine: machine.on_record_failed(unexpected))
        else:
            self._events.put(Machine.on_recorded)

    def _post(self, command: Post) -> None:
        """Make the body and post it, in one thread for each request in flight."""
        try:
            path, body = self._bodies.take(command.key)
        except SendspecError as error:
            # Nothing was posted, and a further attempt of this run would fail the same way.
            self._answer(command, Outcome(Verdict.REFUSED, OutcomeReason.CONTACTS_CHANGED, str(error)))
            return
        except BaseException as error:  # noqa: BLE001 - one broken body must not end the other requests
            reason, evidence = OutcomeReason.INTERNAL_ERROR, type(error).__name__
            self._answer(command, Outcome(Verdict.REFUSED, reason, evidence))
            return
        try:
            outcome = self._client.post(
                command.endpoint, path, body, repeated=command.repeated, latest=command.latest
            )
        except SendspecError as error:
            failure = error
            self._events.put(lambda machine: machine.on_post_failed(command.key, failure, self.now()))
        except BaseException as error:  # noqa: BLE001 - the request may have been sent
            evidence = type(error).__name__
            self._answer(command, Outcome(Verdict.UNKNOWN, OutcomeReason.INTERNAL_ERROR, evidence))
        else:
            self._answer(command, outcome)

    def _answer(self, command: Post, outcome: Outcome) -> None:
        self._events.put(lambda machine: machine.on_answer(command.key, outcome, self.now()))

    def __enter__(self) -> Self:
        self._signals.listen(self.interrupt)
        if self._signals.deferred:
            self.interrupt()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A signal must not cut recording short, and a run that plans again after a conflict must see it.
        self._signals.defer()
        self._posting.shutdown(wait=self._interrupts <= 1)
        self._recording.shutdown(wait=True)
