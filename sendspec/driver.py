"""The real world of an apply: threads that post, one that records, signals, and the bodies to post."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from sendspec.audience import batches
from sendspec.errors import LedgerConflict, LedgerError, SendspecError
from sendspec.model import Outcome, OutcomeReason, Verdict
from sendspec.protocol import Machine, Now, Post, Record, Tell
from sendspec.render import request_body, request_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType, TracebackType

    from sendspec.audience import Batch
    from sendspec.ledger import LedgerSession
    from sendspec.model import AudienceFacts, Endpoint, Plan, RequestKey, Send
    from sendspec.protocol import Command, Result


_NOTICE_SECONDS: Final = 0.5


class SendClient(Protocol):
    """What posts: the client, or a test's own."""

    def post(self, endpoint: Endpoint, path: str, body: bytes, *, repeated: bool) -> Outcome:
        """Post once and judge the answer; raises SendspecError only if nothing was posted."""
        ...


class BodySource:
    """The exact bodies of a plan's requests, streamed from the contact files as they are needed.

    A body is kept until its request is settled, so that a repeated post is the same post.
    """

    def __init__(self, plan: Plan) -> None:
        self._due = {planned.address: planned for planned in plan.to_send}
        self._streams: dict[str, Iterator[Batch]] = {}
        self._kept: dict[RequestKey, bytes] = {}

    def take(self, key: RequestKey) -> tuple[str, bytes]:
        """Give the path and the body of a request.

        Raises:
            SendspecError: the contacts can no longer be read, or are not those that were planned.
        """
        planned = self._due[key.address]
        send, facts = planned.send, planned.facts
        if key not in self._kept:
            contacts = () if facts is None else self._contacts(send, facts, key)
            self._kept[key] = request_body(send, contacts)
        return request_path(send), self._kept[key]

    def drop(self, key: RequestKey) -> None:
        """Forget the body of a request that is settled."""
        self._kept.pop(key, None)

    def close(self) -> None:
        """Let go of the contact files."""
        for stream in self._streams.values():
            if isinstance(stream, Generator):
                stream.close()

    def _contacts(self, send: Send, facts: AudienceFacts, key: RequestKey) -> tuple[Mapping[str, Any], ...]:
        stream = self._streams.setdefault(key.address, batches(send))
        planned = facts.batch_digests[key.batch - 1]
        for batch in stream:
            if batch.number == key.batch and batch.digest == planned:
                return batch.contacts
            if batch.number >= key.batch:
                break
        raise SendspecError(
            f"{key}: its contacts changed after they were planned",
            hint="leave contact files alone while an apply runs, and run it again",
        )


class ThreadDriver:
    """The real world: a thread a request in flight, one thread for the ledger, one queue back."""

    def __init__(  # noqa: PLR0913 - everything that the machine's commands need, named
        self,
        session: LedgerSession,
        poster: SendClient,
        bodies: BodySource,
        *,
        tell: Callable[[Result], None],
        signals: Signals,
        stopping: Callable[[], None],
        concurrency: int,
    ) -> None:
        self._signals = signals
        self._stopping = stopping
        self._session = session
        self._poster = poster
        self._bodies = bodies
        self._tell = tell
        self._events: SimpleQueue[Callable[[Machine], None]] = SimpleQueue()
        self._posting = _Workers(concurrency, "post")
        self._recording = _Workers(1, "ledger")
        self._interrupts = 0

    def now(self) -> Now:
        """Read the system's clocks."""
        return Now(datetime.now(UTC), time.monotonic())

    def start(self, command: Command) -> None:
        """Hand `command` to the thread that carries it out."""
        match command:
            case Record():
                self._recording.submit(lambda: self._record(command))
            case Post():
                self._post(command)
            case Tell(result):
                self._bodies.drop(result.key)
                self._tell(result)

    def wait(self, machine: Machine) -> None:
        """Wait for the next event and hand over all that are there."""
        wake = machine.wake_at()
        left = _NOTICE_SECONDS if wake is None else max(0.0, wake - time.monotonic())
        try:
            # A signal that comes just before a wait is noticed only at its end.
            event = self._events.get(timeout=min(left, _NOTICE_SECONDS))
        except Empty:
            return
        while True:
            event(machine)
            try:
                event = self._events.get_nowait()
            except Empty:
                return

    def interrupt(self) -> None:
        """Ask the run to stop; asked a second time, to stop at once. Safe in a signal handler."""
        self._interrupts += 1
        self._events.put(self._stop if self._interrupts == 1 else Machine.abort)

    def _stop(self, machine: Machine) -> None:
        machine.stop()
        # Said from here, not from the handler: that may have cut into the printing of something else.
        self._stopping()

    def _record(self, command: Record) -> None:
        try:
            self._session.append(command.entries)
        except LedgerConflict as lost:
            race = lost
            self._events.put(lambda machine: machine.raced(race))
        except SendspecError as error:
            failure = error
            self._events.put(lambda machine: machine.record_failed(failure))
        except BaseException as error:  # noqa: BLE001 - whatever it was, nothing may be posted on it
            unexpected = LedgerError(f"the ledger failed unexpectedly: {type(error).__name__}: {error}")
            self._events.put(lambda machine: machine.record_failed(unexpected))
        else:
            self._events.put(Machine.recorded)

    def _post(self, command: Post) -> None:
        try:
            path, body = self._bodies.take(command.key)
        except SendspecError as error:
            # Nothing was posted; for this run that is as final as a refusal.
            self._answer(command, Outcome(Verdict.REFUSED, OutcomeReason.CONTACTS_CHANGED, str(error)))
            return
        except Exception as error:  # noqa: BLE001 - one body that cannot be made must not lose the others
            reason, evidence = OutcomeReason.INTERNAL_ERROR, type(error).__name__
            self._answer(command, Outcome(Verdict.REFUSED, reason, evidence))
            return
        self._posting.submit(lambda: self._send(command, path, body))

    def _send(self, command: Post, path: str, body: bytes) -> None:
        try:
            outcome = self._poster.post(command.endpoint, path, body, repeated=command.repeated)
        except SendspecError as error:
            failure = error
            self._events.put(lambda machine: machine.failed(command.key, failure, self.now()))
        except BaseException as error:  # noqa: BLE001 - an outcome may be unknown, never lost
            self._answer(
                command, Outcome(Verdict.UNKNOWN, OutcomeReason.INTERNAL_ERROR, type(error).__name__)
            )
        else:
            self._answer(command, outcome)

    def _answer(self, command: Post, outcome: Outcome) -> None:
        self._events.put(lambda machine: machine.answered(command.key, outcome, self.now()))

    def __enter__(self) -> Self:
        self._signals.listen(self.interrupt)
        if self._signals.deferred:
            self.interrupt()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is left to do is to write down what happened: no signal may cut that short, and none may be
        # forgotten by a run that lost a race and is about to decide again.
        self._signals.defer()
        self._posting.close(wait=self._interrupts <= 1)
        self._recording.close(wait=True)
        self._bodies.close()


class _Workers:
    """Threads that do one thing after another, and do not keep the process from ending."""

    def __init__(self, count: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Callable[[], None]) -> None:
        self._tasks.put(task)

    def close(self, *, wait: bool) -> None:
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()


class Signals:
    """SIGINT, SIGTERM and SIGHUP (a terminal that is gone) for the length of a `with` block.

    Until somebody listens they end what is done as Ctrl-C does, since nothing is under way. A SIGHUP
    that is ignored, as `nohup` has it, stays so.
    """

    def __init__(self) -> None:
        self._heard: Callable[[], None] = _raise_interrupt
        self.deferred = False
        """Whether a signal came while none could be acted upon."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` for every signal from now on; it runs in the signal handler."""
        self._heard = heard

    def ignore(self) -> None:
        """Let every signal pass from now on."""
        self._heard = _nothing

    def defer(self) -> None:
        """Let signals pass from now on, and keep in mind that there was one."""
        self._heard = self._put_off

    def _put_off(self) -> None:
        self.deferred = True

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let a signal end what is done here as Ctrl-C does, whoever listened before; a deferred one does."""
        if self.deferred:
            raise KeyboardInterrupt
        before, self._heard = self._heard, _raise_interrupt
        try:
            yield
        finally:
            self._heard = before

    def __enter__(self) -> Self:
        self._before = {each: signal.signal(each, self._handle) for each in (signal.SIGINT, signal.SIGTERM)}
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            # The system and the shell each send one: the other must not count as a person's second.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._heard()


def _raise_interrupt() -> None:
    raise KeyboardInterrupt


def _nothing() -> None:
    """Let a signal pass: the run is ending already."""
