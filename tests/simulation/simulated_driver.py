"""Simulated driver: events instead of threads, delivered in an order that a seed chooses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.errors import LedgerConflict, SendspecError
from sendspec.model import Endpoint, Outcome
from sendspec.protocol import Machine, Now, Post, Record
from tests.simulation.process import NEVER
from tests.simulation.replies import ACCEPTANCE, client_outcome, with_own_id
from tests.simulation.specs import text_digest
from tests.simulation.vendor import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from sendspec.ledger import LedgerSession
    from sendspec.model import Plan
    from sendspec.protocol import Command
    from tests.simulation.process import Process
    from tests.simulation.replies import Reply
    from tests.simulation.run_monitor import RunMonitor
    from tests.simulation.vendor import Vendor

START: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)

Event = tuple[str, "Callable[[Machine], None]"]


class Clock:
    """The time of a whole history, in seconds since its start."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last = Now(START, 0.0)

    def now(self) -> Now:
        """Read both clocks."""
        if self._last.tick != self.seconds:
            self._last = Now(START + timedelta(seconds=self.seconds), self.seconds)
        return self._last

    def reach(self, seconds: float) -> None:
        """Advance to `seconds`, if that is later."""
        self.seconds = max(self.seconds, seconds)


class Script:
    """The replies of the vendor to the attempts of one run, in order; afterwards it accepts."""

    def __init__(self, replies: Sequence[Reply] = ()) -> None:
        self._replies = list(replies)

    def __str__(self) -> str:
        return ", ".join(reply.name for reply in self._replies) or "accepted"

    def restarted(self) -> Script:
        """Return the same script from its start."""
        return Script(self._replies)

    def next(self) -> Reply:
        """Return the reply to the next attempt."""
        if not self._replies:
            return ACCEPTANCE
        return self._replies[0] if self._replies[0].lasting else self._replies.pop(0)


class Environment(NamedTuple):
    """The environment of a run.

    Without `random`, events come in their own order, `pace` seconds apart. With it they come in any
    order, up to `pace` seconds apart.
    """

    vendor: Vendor
    clock: Clock
    script: Script
    random: Random | None
    pace: float


class SimulatedDriver:
    """Carries out commands as events; see `sendspec.apply.Driver`.

    An append, the report of its end, the arrival of a request at the vendor and the arrival of its
    answer are separate events, so that other events can come between any two.
    """

    def __init__(
        self,
        process: Process,
        session: LedgerSession,
        plan: Plan,
        monitor: RunMonitor,
        environment: Environment,
    ) -> None:
        self.monitor = monitor
        self.in_transit: list[Submission] = []
        self._process = process
        self._session = session
        self._due = {planned.address: planned for planned in plan.to_send}
        self._vendor = environment.vendor
        self._clock = environment.clock
        self._script = environment.script
        self._random = environment.random
        self._pace = environment.pace
        self._events: list[Event] = []
        self.waits = 0
        self._stopped_at = process.faults.stopped_at
        self._aborted_at = process.faults.aborted_at

    def now(self) -> Now:
        return self._clock.now()

    def start(self, command: Command) -> None:
        match command:
            case Record():
                self._events.append(("append", lambda _: self._append(command)))
            case Post():
                submission = self._submission(command)
                self.monitor.on_post(command, self._clock.now())
                self.in_transit.append(submission)
                self._events.append(("post", lambda _: self._post(command, submission)))

    @property
    def is_recording(self) -> bool:
        """Whether an append is in progress, or its end is not reported yet."""
        return any(name in ("append", "recorded") for name, _ in self._events)

    def wait(self, machine: Machine) -> None:
        self.waits += 1
        self._misreport(machine)
        self._signals(machine)
        wake = machine.wake_at()
        index = self._choose(wake)
        if index is None:
            self._process.step("wait for time to pass")
            self.monitor.checks.require(wake is not None, "never stuck", "the run waits for nothing")
            self._clock.reach(wake or 0.0)
            return
        self._clock.seconds += self._pace * (1.0 if self._random is None else self._random.random())
        name, event = self._events.pop(index)
        self._process.step(name)
        event(machine)

    def _choose(self, wake: float | None) -> int | None:
        """Return the index of the next event, or None to let time pass."""
        if not self._events:
            return None
        if self._random is None:
            return 0
        choice = int(self._random.random() * (len(self._events) + (wake is not None)))
        return choice if choice < len(self._events) else None

    def _misreport(self, machine: Machine) -> None:
        misreport = self._process.faults.misreports.get(self.waits)
        if misreport is None or not misreport.is_impossible(self):
            return
        self._process.trace.say(f"{self._process.name}     the driver reports {misreport.name}")
        self.monitor.on_misreport(misreport.key)
        misreport.report(machine, self.now())
        self.monitor.checks.report("guarded", f"the machine accepted {misreport.name}")

    def _signals(self, machine: Machine) -> None:
        if self._process.steps >= self._stopped_at:
            self._stopped_at = NEVER
            self._process.trace.say(f"{self._process.name}     SIGINT")
            machine.stop()
            self.monitor.stopping = self.monitor.stopping or "it was stopped"
        if self._process.steps >= self._aborted_at:
            self._aborted_at = NEVER
            self._process.trace.say(f"{self._process.name}     second SIGINT")
            machine.abort()
            self.monitor.stopping = self.monitor.stopping or "it was aborted"

    def _append(self, command: Record) -> None:
        event: Callable[[Machine], None]
        self.monitor.checks.check_readable(command.entries)
        try:
            self._session.append(command.entries)
        except LedgerConflict as conflict:
            event = partial(Machine.on_conflict, conflict=conflict)
        except SendspecError as error:
            event = partial(self._fail, error=error)
        else:
            event = Machine.on_recorded
        self._events.append(("recorded", event))

    def close(self, machine: Machine) -> None:
        """Finish the append in progress, as a run does that was aborted."""
        for name, event in list(self._events):
            if name == "append":
                event(machine)

    def _post(self, command: Post, submission: Submission) -> None:
        reply = self._vendor.receive(submission, self._script.next())
        self.in_transit.remove(submission)
        self._process.trace.say(f"vendor: {command.key} revision {command.key.revision}: {reply.name}")
        outcome = client_outcome(reply, command.endpoint, repeated=command.repeated)
        if isinstance(outcome, Outcome):
            outcome = with_own_id(outcome, command.key)
        self._process.step("accepted or not")

        def answer(machine: Machine) -> None:
            self.monitor.on_answer(command, outcome, self._clock.seconds)
            if isinstance(outcome, SendspecError):
                machine.on_post_failed(command.key, outcome, self._clock.now())
            else:
                machine.on_answer(command.key, outcome, self._clock.now())

        self._events.append(("answer", answer))

    def _fail(self, machine: Machine, error: SendspecError) -> None:
        self.monitor.stopping = f"the ledger had failed: {error}"
        machine.on_record_failed(error)

    def _submission(self, command: Post) -> Submission:
        planned = self._due[command.key.address]
        audience = "" if planned.facts is None else planned.facts.digest
        is_source = command.endpoint is Endpoint.CONTACT_SOURCE
        name = str(planned.send.payload["messageName"]) if is_source else ""
        text = text_digest(planned.send)
        return Submission(command.key, command.endpoint, planned.send.payload_digest, audience, name, text)
