"""Families about the machine's own checks: impossible events, and states that break an invariant."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, product
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.ledger import Intent, RevisionStarted
from sendspec.model import Endpoint, Outcome, OutcomeReason, RequestKey, SendRecord, Verdict
from sendspec.protocol import Job, Stage
from sendspec.protocol.invariants import INVARIANTS, BrokenInvariant, Snapshot, check_invariants
from sendspec.protocol.request import Request
from sendspec.protocol.transitions import Trigger
from sendspec.structs import replace
from tests.simulation.process import FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.replies import REFUSAL
from tests.simulation.simulated_driver import START, Script
from tests.simulation.specs import Spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.protocol import Machine, Now
    from tests.simulation.explorer import Explorer
    from tests.simulation.history import History
    from tests.simulation.replies import Reply
    from tests.simulation.simulated_driver import SimulatedDriver

_ADDRESS: Final = "sale/a"


@dataclass(frozen=True)
class Misreport:
    """An event that a defective driver reports; `key` is the request that it is about, if any."""

    name: str
    report: Callable[[Machine, Now], None]
    key: RequestKey | None = None

    def is_impossible(self, driver: SimulatedDriver) -> bool:
        """Return whether the event cannot have happened."""
        if self.key is None:
            return not driver.is_recording
        return self.key not in driver.monitor.in_flight


def _answer(key: RequestKey, verdict: Verdict) -> Misreport:
    outcome = Outcome(verdict, OutcomeReason.ACCEPTED, job_id=1, transaction_id="1")
    return Misreport(f"{key} {verdict.name}", lambda machine, now: machine.on_answer(key, outcome, now), key)


_KEYS: Final = (
    RequestKey(_ADDRESS, 1, 1),
    RequestKey(_ADDRESS, 1, 2),
    RequestKey("sale/b", 1, 1),
    RequestKey("sale/unknown", 1, 1),
)
_MISREPORTS: Final = (
    Misreport("recorded", lambda machine, _: machine.on_recorded()),
    *(_answer(key, verdict) for key in _KEYS for verdict in (Verdict.SENT, Verdict.REFUSED)),
)


def misreports(explorer: Explorer, endpoint: Endpoint) -> None:
    """The driver reports an impossible event before each of its waits; the vendor may refuse a request."""
    specs = [Spec(address, endpoint, batches=2) for address in ("sale/a", "sale/b")]
    for misreport, concurrency, replies in product(_MISREPORTS, (1, 10), ((), (REFUSAL,))):
        for wait in count(1):
            waits: list[int] = []

            def scenario(  # noqa: PLR0913, PLR0917 - the loop variables, bound here
                history: History,
                misreport: Misreport = misreport,
                concurrency: int = concurrency,
                replies: tuple[Reply, ...] = replies,
                wait: int = wait,
                waits: list[int] = waits,
            ) -> None:
                faults = FaultPlan(misreports={wait: misreport})
                code = history.apply(specs, faults, Script(replies), concurrency)
                waits.append(history.waits)
                if history.checks.expects_defect and code not in (ExitCode.ERROR, ExitCode.UNKNOWN):
                    history.checks.report("guarded", f"the run ended with {code!r}")
                history.checks.expects_defect = False
                recover(history, specs)

            explorer.explore((misreport.name, concurrency, len(replies), wait), scenario)
            if waits[0] < wait:
                break


def broken_states(explorer: Explorer, endpoint: Endpoint) -> None:
    """Each invariant of the machine has a state that breaks it, and a run with such a state ends."""

    def scenario(history: History) -> None:
        valid = _valid_state()
        check_invariants(valid)
        for invariant, snapshot in _broken_states(valid).items():
            try:
                check_invariants(snapshot)
            except BrokenInvariant as defect:
                history.checks.require(invariant in str(defect), "consistent", f"{invariant}: {defect}")
            else:
                history.checks.report("consistent", f"the machine does not notice: {invariant}")
        specs = [Spec(_ADDRESS, endpoint, batches=2)]
        history.checks.expects_defect = True
        # A machine that may post nothing would wait forever.
        code = history.apply(specs, concurrency=0)
        history.checks.require(code is ExitCode.ERROR, "guarded", f"the run ended with {code!r}")
        history.checks.expects_defect = False
        recover(history, specs)

    explorer.explore("broken states", scenario)


_JOB: Final = Job(
    address=_ADDRESS,
    endpoint=Endpoint.CONTACTS,
    header=SendRecord(Endpoint.CONTACTS, 1, {}, "sha256:0", None),
    starts_revision=True,
    batches=(1, 2, 3, 4),
    attempts={},
    ambiguous=False,
    not_before=None,
    not_after=None,
)


def _request(batch: int, *triggers: Trigger) -> Request:
    request = Request.of(_JOB, batch, batch)
    for trigger in triggers:
        request.move(trigger)
    request.durable = Trigger.DURABLE in triggers
    return request


def _valid_state() -> Snapshot:
    """Return a state with one request in each open stage, and a second one whose intent is queued."""
    posting = _request(1, Trigger.INTENDED, Trigger.DURABLE, Trigger.POSTED)
    ready = _request(2, Trigger.INTENDED, Trigger.DURABLE)
    recording = (_request(3, Trigger.INTENDED), _request(4, Trigger.INTENDED))
    requests = {request.key: request for request in (posting, ready, *recording)}
    return Snapshot(
        requests=requests,
        open=requests,
        stages={Stage.POSTING: 1, Stage.READY: 1, Stage.RECORDING: 2},
        window=4,
        limit=1,
        posts=1,
        queued=(
            RevisionStarted(_ADDRESS, _JOB.header),
            *(Intent(request.key, START) for request in recording),
        ),
        started=frozenset({_ADDRESS}),
        recorded=0,
        ledger_failed=False,
        finished=False,
        wakes=True,
    )


def _broken_states(valid: Snapshot) -> dict[str, Snapshot]:
    """Return for each invariant a state that breaks only it."""
    header, *intents = valid.queued
    ready = next(request for request in valid.open.values() if request.stage is Stage.READY)
    states = (
        valid._replace(stages={**valid.stages, Stage.READY: 2}),
        valid._replace(window=3),
        valid._replace(limit=0),
        valid._replace(open={**valid.open, ready.key: replace(ready, durable=False)}),
        valid._replace(queued=(header, intents[0])),
        valid._replace(queued=(header, *reversed(intents))),
        valid._replace(queued=(*intents, header)),
        valid._replace(stages={**valid.stages, Stage.SETTLED: 1}),
        valid._replace(wakes=False),
    )
    return dict(zip(INVARIANTS, states, strict=True))
