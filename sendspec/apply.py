"""The send protocol, from the lock to the receipt.

    ledger.open ─▶ plan ─▶ approve ─▶ Machine ⇄ World ─▶ Receipt
                                     (decides) (does)

`protocol.Machine` decides, a world carries out and reports back: `world.ThreadDriver` for real, the
simulator of the tests under a virtual clock. `drive` is the whole loop between the two.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from sendspec.audience import stretched_digest
from sendspec.errors import ExitCode, LedgerConflict, SendspecError
from sendspec.model import Recipients, RequestKey, RequestState, SendRecord, Sign
from sendspec.parallel import parallel_map
from sendspec.protocol import Job, Machine
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sendspec.ledger import Ledger, LedgerSession
    from sendspec.model import AudienceFacts, LedgerState, Plan, PlannedSend, Send
    from sendspec.protocol import Command, Now, Result

WINDOW: Final = 10
"""The most requests that a crash at the worst instant leaves unknown."""

RACES: Final = 5
"""How often a run that lost a race for the ledger reads it again and decides again."""


class Driver(Protocol):
    """What carries out the machine's commands and tells it what happened."""

    def now(self) -> Now:
        """Read the clocks."""
        ...

    def start(self, command: Command) -> None:
        """Begin to carry out `command`."""
        ...

    def wait(self, machine: Machine) -> None:
        """Wait until something happened or `machine.wake_at` came, and tell the machine."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one apply did: the plan it followed, the results, what it did not begin, and its errors."""

    plan: Plan
    results: tuple[Result, ...] = ()
    held_back: tuple[RequestKey, ...] = ()
    errors: tuple[SendspecError, ...] = ()
    interrupted: bool = False
    raced: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """The worst of what happened, in the order in which a person must care."""
        states = {result.state for result in self.results}
        unrecorded = any(not result.recorded for result in self.results)
        if RequestState.UNKNOWN in states or unrecorded or self._left_unknown():
            return ExitCode.UNKNOWN
        if self.errors:
            return self.errors[0].exit_code
        if RequestState.NOT_SENT not in states and not self.held_back:
            return ExitCode.OK
        return ExitCode.ERROR if self.interrupted or self.raced else ExitCode.REFUSED

    def _left_unknown(self) -> bool:
        """Whether the ledger had an unknown request, of whatever send, that this run did not settle."""
        settled = {result.key for result in self.results if result.state is not RequestState.UNKNOWN}
        return any(
            request.state.is_open
            and RequestKey(action.address, record.revision, request.batch) not in settled
            for action in self.plan.actions
            if action.record is not None
            for record in action.record.revisions
            for request in record.requests
        )


def apply(  # noqa: PLR0913 - the seams of the verb, each one thing
    ledger: Ledger,
    make_plan: Callable[[LedgerState], Plan],
    approve: Callable[[Plan], None],
    perform: Callable[[Machine, LedgerSession, Plan], None],
    *,
    concurrency: int,
    random: Random | None = None,
) -> Receipt:
    """Send what the plan says, at most once, and say what became of it.

    `perform` drives a machine to its end in some world; `random` spreads its back-off. A run that
    loses a race for the ledger reads it again and decides again.

    Raises:
        SendspecError: nothing was posted by this run (`approve` refused, the ledger is held or
            damaged, no credentials); after the first post errors are in the receipt instead.
    """
    before: Receipt | None = None
    random = random or Random()  # noqa: S311 - jitter
    for _ in range(RACES):
        receipt = _round(
            ledger, make_plan, approve, perform, concurrency=concurrency, random=random, before=before
        )
        if not receipt.raced or receipt.interrupted or receipt.errors:
            break
        before = receipt
    else:
        error = LedgerConflict(
            f"lost {RACES} races for the ledger to other runs", hint="let them end, and run it again"
        )
        receipt = replace(receipt, errors=(*receipt.errors, error))
    return receipt


def _round(  # noqa: PLR0913 - the seams of `apply`, and what came before
    ledger: Ledger,
    make_plan: Callable[[LedgerState], Plan],
    approve: Callable[[Plan], None],
    perform: Callable[[Machine, LedgerSession, Plan], None],
    *,
    concurrency: int,
    random: Random,
    before: Receipt | None,
) -> Receipt:
    receipt, earlier = before, before.results if before else ()
    try:
        with ledger.open() as session:
            plan = make_plan(session.state)
            approve(plan)
            receipt = Receipt(plan, _still_true(earlier, plan))
            jobs = parallel_map(job_of, plan.to_send)
            if jobs:
                machine = Machine(jobs, concurrency=concurrency, window=WINDOW, random=random)
                try:
                    perform(machine, session, plan)
                finally:
                    receipt = _receipt(plan, machine, earlier)
    except SendspecError as error:
        if receipt is None or not receipt.results:
            raise
        receipt = replace(receipt, errors=(*receipt.errors, error))
    return receipt


def drive(machine: Machine, world: Driver) -> None:
    """Run a machine to its end."""
    while True:
        for command in machine.decide(world.now()):
            world.start(command)
        if machine.finished:
            return
        world.wait(machine)


def _receipt(plan: Plan, machine: Machine, earlier: tuple[Result, ...]) -> Receipt:
    # What a lost race kept back in one round may have gone out in the next: the later word counts.
    results = {result.key: result for result in (*_still_true(earlier, plan), *machine.results())}
    return Receipt(
        plan=plan,
        results=tuple(results.values()),
        held_back=machine.held_back,
        errors=tuple(machine.errors),
        interrupted=machine.interrupted,
        raced=machine.lost_race,
    )


def _still_true(earlier: tuple[Result, ...], plan: Plan) -> tuple[Result, ...]:
    """Leave out what earlier rounds say of requests about which another run knows better meanwhile."""
    known = {
        RequestKey(action.address, record.revision, request.batch): request.state
        for action in plan.actions
        if action.record is not None
        for record in action.record.revisions
        for request in record.requests
    }
    return tuple(
        one for one in earlier if one.state is RequestState.SENT or known.get(one.key, one.state) is one.state
    )


def job_of(action: PlannedSend) -> Job:
    """Return the machine's view of a send that is due."""
    send, record = action.send, action.record
    earlier = record.requests if record is not None and record.revision == send.revision else ()
    resumes = action.sign is Sign.RESUME and record is not None
    return Job(
        address=send.address,
        endpoint=send.endpoint,
        header=record if resumes and record is not None else _header(send, action.facts),
        begins=not resumes,
        batches=action.batches,
        attempts={request.batch: request.attempts for request in earlier},
        ambiguous=any(request.state.is_open for request in earlier),
        not_before=send.not_before,
        not_after=_last_chance(send),
    )


def _last_chance(send: Send) -> datetime | None:
    """Give when no request of a send may be posted any more: a job whose date has passed goes out at once."""
    scheduled = send.payload.get("scheduledDate")
    ends = [] if send.not_after is None else [send.not_after]
    if isinstance(scheduled, str):
        with suppress(InvalidDateTime):  # only where the rule that refuses it was switched off
            ends.append(parse_datetime(scheduled))
    return min(ends, default=None)


def _header(send: Send, facts: AudienceFacts | None) -> SendRecord:
    return SendRecord(
        endpoint=send.endpoint,
        revision=send.revision,
        payload=send.payload,
        payload_digest=send.payload_digest,
        recipients=None
        if facts is None
        else Recipients(facts.count, stretched_digest(send.address, facts.digest)),
    )
