"""Orchestration of an apply, from the lock of the ledger to the receipt.

    ledger.open ─▶ plan ─▶ approve ─▶ Machine ⇄ Driver ─▶ Receipt

`protocol.Machine` decides, and a driver carries out its commands and passes events back. `drive` is the
loop between the two. The driver is `driver.ThreadDriver`, or the simulator of the tests.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, field

from sendspec.audience import stretched_digest
from sendspec.compare import accepted
from sendspec.errors import ExitCode, InternalError, LedgerConflict, LedgerError, ListAbsent, SendspecError
from sendspec.finished_list_digests import FinishedList, count_ungrouped, finished_lists, update_groups
from sendspec.ledger import Moved
from sendspec.ledger.write_conflicts import sent_twice
from sendspec.model import OutcomeReason, Recipients, RequestKey, RequestState, SendRecord, Sign
from sendspec.parallel import parallel_map
from sendspec.plan import edits_of_finished_sends, sends_without_list
from sendspec.protocol import Job, Machine, ProtocolDefect
from sendspec.protocol_limits import OPEN_REQUESTS_MAX, RACES_MAX, REPEAT_PAUSE_SECONDS_MIN
from sendspec.render import fetch_hint
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sendspec.errors import SentTwice
    from sendspec.ledger import Ledger, LedgerSession
    from sendspec.model import AudienceFacts, LedgerState, Plan, PlannedSend, Send
    from sendspec.protocol import Command, Now, Observer, Result

UNGROUPED_LISTS_MIN: Final = 32
"""A run that sends nothing stores joint digests if a plan compares so many lists one by one, in a second."""


class Driver(Protocol):
    """Carries out the commands of a machine, and passes events to it."""

    def now(self) -> Now:
        """Read the clocks."""
        ...

    def start(self, command: Command) -> None:
        """Start to carry out `command`."""
        ...

    def wait(self, machine: Machine) -> None:
        """Wait for an event or `machine.wake_at()`, and pass events to the machine.

        Raises:
            ProtocolDefect: the machine refused an event; the driver passes the next ones later.
        """
        ...


class Receipt(Struct, frozen=True):
    """The result of one apply: its plan, its results, the requests it did not start and why, its errors.

    `changed_lists` are the contact files and exclude lists that differ from those of the plan by now.
    """

    plan: Plan
    results: tuple[Result, ...] = ()
    held_back: Mapping[RequestKey, OutcomeReason] = field(default_factory=dict)
    errors: tuple[SendspecError, ...] = ()
    interrupted: bool = False
    raced: bool = False
    changed_lists: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the most serious of its results and errors."""
        states = {result.state for result in self.results}
        unrecorded = any(not result.recorded for result in self.results)
        if RequestState.UNKNOWN in states or unrecorded or self._left_unknown():
            return ExitCode.UNKNOWN
        if self.errors:
            return self.errors[0].exit_code
        if RequestState.NOT_SENT not in states and not self.held_back:
            is_left_out = edits_of_finished_sends(self.plan) or self.left_out
            return ExitCode.FINDINGS if is_left_out else ExitCode.OK
        return ExitCode.ERROR if self.interrupted or self.raced else ExitCode.REFUSED

    @property
    def left_out(self) -> tuple[ListAbsent, ...]:
        """An error for each send that is due, and that this run left out because of an absent list."""
        return tuple(map(_left_out, sends_without_list(self.plan)))

    @property
    def cut_off(self) -> frozenset[str]:
        """The addresses of the sends whose legal hours ended during this run."""
        not_sent = {result.key: result.reason for result in self.results} | dict(self.held_back)
        return frozenset(key.address for key, why in not_sent.items() if why is OutcomeReason.QUIET_HOURS)

    def _left_unknown(self) -> bool:
        """Return whether the ledger had an unknown request that this run did not settle."""
        settled = {result.key for result in self.results if result.state is not RequestState.UNKNOWN}
        return any(
            request.state.is_open
            and RequestKey(action.address, record.revision, request.batch) not in settled
            for action in self.plan.actions
            if action.record is not None
            for record in action.record.revisions
            for request in record.requests
        )


def _left_out(planned: PlannedSend) -> ListAbsent:
    lists = planned.send.absent_lists
    names = " and ".join(dict.fromkeys(file.name for file in lists))
    noun = "list" if len(lists) == 1 else "lists"
    return ListAbsent(
        f"this run sent nothing of {planned.address}, because its machine does not have the {noun} {names}",
        address=planned.address,
        hint=f"{fetch_hint(lists[0])}; then run apply again",
    )


def apply(  # noqa: PLR0913 - one argument for each seam of the verb
    ledger: Ledger,
    make_plan: Callable[[LedgerState], Plan],
    approve: Callable[[Plan], None],
    perform: Callable[[Machine, LedgerSession, Plan], None],
    *,
    concurrency: int,
    random: Random | None = None,
    repeat_pause: float = REPEAT_PAUSE_SECONDS_MIN,
) -> Receipt:
    """Send the requests of the plan at most once, and return the receipt.

    `perform` drives a machine to its end with some driver; `random` is the jitter of its pauses,
    `repeat_pause` the seconds after an attempt that may have been accepted. After a conflict with another
    run, the run reads the ledger and plans again.

    Raises:
        SendspecError: this run posted nothing (`approve` refused, the ledger is locked or damaged, no
            credentials). After the first post, errors are in the receipt instead.
    """
    before: Receipt | None = None
    random = random or Random()  # noqa: S311 - jitter
    for _ in range(RACES_MAX):
        receipt = _round(
            ledger,
            make_plan,
            approve,
            perform,
            concurrency=concurrency,
            random=random,
            repeat_pause=repeat_pause,
            before=before,
        )
        if not receipt.raced or receipt.interrupted or receipt.errors:
            break
        before = receipt
    else:
        error = LedgerConflict(
            f"lost {RACES_MAX} races for the ledger to other runs", hint="let them end, and run it again"
        )
        receipt = replace(receipt, errors=(*receipt.errors, error))
    return receipt


def _round(  # noqa: PLR0913 - the seams of `apply`, and the receipt of the round before
    ledger: Ledger,
    make_plan: Callable[[LedgerState], Plan],
    approve: Callable[[Plan], None],
    perform: Callable[[Machine, LedgerSession, Plan], None],
    *,
    concurrency: int,
    random: Random,
    repeat_pause: float,
    before: Receipt | None,
) -> Receipt:
    receipt, earlier = before, before.results if before else ()
    try:
        with ledger.open() as session:
            plan = make_plan(session.state)
            approve(plan)
            receipt = Receipt(plan, _still_true(earlier, plan))
            if not _record_moves(session, plan):
                return replace(receipt, raced=True)
            jobs = sorted(parallel_map(job_of, plan.to_send), key=lambda job: job.repeat_from is not None)
            if jobs:
                machine = Machine(
                    jobs,
                    concurrency=concurrency,
                    window=OPEN_REQUESTS_MAX,
                    random=random,
                    repeat_pause=repeat_pause,
                    known_ids=session.state.vendor_ids(),
                )
                try:
                    perform(machine, session, plan)
                finally:
                    receipt = _receipt(plan, machine, earlier, sent_twice(session.double_acceptances))
            _keep_groups(session, receipt, jobs)
    except Exception as error:
        # After the first post, any error that escapes would hide the results.
        if receipt is None or not receipt.results:
            raise
        receipt = replace(receipt, errors=(*receipt.errors, _as_sendspec_error(error)))
    return receipt


def _keep_groups(session: LedgerSession, receipt: Receipt, jobs: Sequence[Job]) -> None:
    """Store the joint digests of the finished lists, if this run planned all sends and ended as planned.

    A run that sends nothing writes them only if the plan had to compare many lists one by one.
    """
    plan = receipt.plan
    if plan.selection or receipt.interrupted or receipt.raced or receipt.errors:
        return
    lists = finished_lists(plan.sends)
    if not jobs and count_ungrouped(lists, plan.matching_groups) < UNGROUPED_LISTS_MIN:
        return
    added = list(_newly_finished(receipt, jobs))
    stored = session.state.groups
    groups = update_groups(lists | dict.fromkeys(added, True), added, stored, plan.matching_groups)
    if groups != stored:
        session.keep_groups(groups)


def _newly_finished(receipt: Receipt, jobs: Iterable[Job]) -> Iterator[FinishedList]:
    """Yield the lists of the sends whose last request this run sent."""
    sent: dict[tuple[str, int], set[int]] = {}
    for key, state, recorded in ((r.key, r.state, r.recorded) for r in receipt.results):
        if state is RequestState.SENT and recorded:
            sent.setdefault((key.address, key.revision), set()).add(key.batch)
    facts = {planned.address: planned.facts for planned in receipt.plan.to_send}
    for job in jobs:
        record, found = job.header, facts[job.address]
        batches = {request.batch for request in accepted(record)}
        batches |= sent.get((job.address, record.revision), set())
        if found is not None and record.recipients is not None and len(batches) == record.expected_requests:
            yield FinishedList.of(job.address, record.recipients, found)


def _record_moves(session: LedgerSession, plan: Plan) -> bool:
    """Make the moves of renamed sends durable before any intent; return whether no other run was faster.

    From then on a run of specs from before the rename finds the same record.
    """
    try:
        if plan.moves:
            session.append([Moved(plan.moves)])
    except LedgerConflict:
        return False
    return True


def _as_sendspec_error(error: Exception) -> SendspecError:
    """Return an error of the end of a session as one that a receipt can have."""
    if isinstance(error, SendspecError):
        return error
    if isinstance(error, OSError):
        return LedgerError(
            f"cannot finish the ledger: {error.strerror or error}",
            hint="free disk space or repair the disk, then run the same command again",
        )
    defect = InternalError(
        f"internal error: {type(error).__name__}: {error}; the receipt has the results so far",
        hint="run `sendspec plan` to see what was sent, and report the traceback above",
    )
    defect.__cause__ = error
    return defect


def drive(machine: Machine, driver: Driver, observers: Iterable[Observer] = ()) -> None:
    """Run a machine to its end; a defect makes it post nothing more and record what it knows."""
    while True:
        try:
            commands = machine.decide(driver.now())
        except ProtocolDefect as defect:
            machine.on_defect(defect)
            continue
        for event in machine.take_events():
            for observer in observers:
                observer.on_event(event)
        for command in commands:
            driver.start(command)
        if machine.finished:
            return
        try:
            driver.wait(machine)
        except ProtocolDefect as defect:
            machine.on_defect(defect)


def _receipt(plan: Plan, machine: Machine, earlier: tuple[Result, ...], double: SentTwice | None) -> Receipt:
    # A request that lost a conflict in one round may be sent in the next, so the later result counts.
    results = {result.key: result for result in (*_still_true(earlier, plan), *machine.results())}
    return Receipt(
        plan=plan,
        results=tuple(results.values()),
        held_back=machine.held_back,
        errors=(*machine.errors, *([] if double is None else [double])),
        interrupted=machine.interrupted,
        raced=machine.lost_race,
    )


def _still_true(earlier: tuple[Result, ...], plan: Plan) -> tuple[Result, ...]:
    """Return the results of earlier rounds that the ledger does not contradict by now."""
    known = {
        RequestKey(action.address, record.revision, request.batch): request.state
        for action in plan.actions
        if action.record is not None
        for record in action.record.revisions
        for request in record.requests
    }
    return tuple(
        result
        for result in earlier
        if result.state is RequestState.SENT or known.get(result.key, result.state) is result.state
    )


def job_of(planned: PlannedSend) -> Job:
    """Return the job of a send that is due."""
    send, record = planned.send, planned.record
    earlier = record.requests if record is not None and record.revision == send.revision else ()
    unknown = [request for request in earlier if request.state.is_open]
    resumes = planned.sign is Sign.RESUME and record is not None
    return Job(
        address=send.address,
        endpoint=send.endpoint,
        header=record if resumes and record is not None else _header(send, planned.facts),
        starts_revision=not resumes,
        batches=planned.batches,
        attempts={request.batch: request.attempts for request in earlier},
        ambiguous=bool(unknown),
        since=min((request.first_at for request in unknown), default=None),
        repeat_from=planned.repeat_from,
        not_before=send.not_before,
        not_after=_deadline(send),
        legal=None if planned.hours is None else planned.hours.interval,
    )


def _deadline(send: Send) -> datetime | None:
    """Return when the window of a send closes; the vendor sends a job of a past date immediately."""
    scheduled = send.payload.get("scheduledDate")
    ends = [] if send.not_after is None else [send.not_after]
    if isinstance(scheduled, str):
        with suppress(InvalidDateTime):  # A project may switch off the rule that refuses it.
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
        axes=send.axes,
    )
