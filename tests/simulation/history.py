"""A history: one ledger, one vendor, and the runs between them."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from sendspec.apply import apply, drive
from sendspec.compare import compare
from sendspec.errors import Blocked, ExitCode, SendspecError
from sendspec.identity import identify
from sendspec.model import Endpoint, RequestKey, RequestState
from sendspec.outcome_log import format_log_line, recover_outcomes
from sendspec.plan import blocking_findings, make_plan
from sendspec.protocol import SettledObserver
from sendspec.resolve import RequestName, find_request, settlement
from sendspec.rules import CheckResult
from tests.simulation.checks import Checks, Violation
from tests.simulation.ledger_setups import TARGET
from tests.simulation.process import NO_FAULTS, EndlessRun, Killed, Process
from tests.simulation.rename_findings import find_renames
from tests.simulation.replies import job_id_of, transaction_id_of
from tests.simulation.run_monitor import RunMonitor
from tests.simulation.simulated_driver import Clock, Environment, Script, SimulatedDriver
from tests.simulation.specs import facts_of, send_of
from tests.simulation.trace import Trace, TraceObserver
from tests.simulation.vendor import Vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sendspec.apply import Receipt
    from sendspec.ledger import Ledger, LedgerSession, Settled
    from sendspec.model import LedgerState, Plan
    from sendspec.protocol import Machine, Observer, Result
    from tests.simulation.ledger_setups import LedgerSetup
    from tests.simulation.process import FaultPlan
    from tests.simulation.specs import Spec


class History:
    """Runs of apply and resolve on one machine, one after another or nested."""

    def __init__(
        self, setup: LedgerSetup, *, trace: Trace | None = None, random: Random | None = None
    ) -> None:
        self.setup = setup
        self.trace = trace or Trace()
        self.random = random
        self.vendor = Vendor()
        self.clock = Clock()
        self.checks = Checks(self.vendor, self.trace)
        self.checks.attempts.checked = setup.is_locked
        self.counts: Counter[str] = Counter()
        self.waits = 0
        """Number of waits of the driver of the last apply."""
        self.pace = 0.05
        self.in_transit: Callable[[int], int] = lambda _: 0
        """The end of a request in transit when its process ends: 0 lost, 1 arrives, 2 arrives late."""
        self.log: list[str] = []
        """The lines in the logs of all runs."""
        self.had_in_transit = False
        """Whether a request was ever in transit when its process ended."""
        self._active = self._ended_since = 0
        self.subject = self.last = Process("none", NO_FAULTS, self.trace)
        """The first process with faults (without one, the first process), and the last process."""

    def apply(
        self,
        specs: Iterable[Spec],
        faults: FaultPlan = NO_FAULTS,
        script: Script | None = None,
        concurrency: int = 10,
    ) -> ExitCode | None:
        """Run apply; return its exit code, or None if it was killed."""
        by_address = {spec.address: spec for spec in specs}
        self.checks.allowed.update(spec.address for spec in by_address.values() if spec.allowed)
        process = self._process(faults)
        if self.trace.kept:
            self.trace.lines += [f"{process.name}     {spec.shown}" for spec in by_address.values()]
        drivers: list[SimulatedDriver] = []
        environment = Environment(self.vendor, self.clock, script or Script(), self.random, self.pace)

        def plan(state: LedgerState) -> Plan:
            self._check_start(process, state)
            return self._plan(by_address, state)

        def perform(machine: Machine, session: LedgerSession, plan: Plan) -> None:
            monitor = RunMonitor(self.checks, by_address, concurrency, alone=lambda: self._is_alone(process))
            driver = SimulatedDriver(process, session, plan, monitor, environment)
            drivers.append(driver)
            log = SettledObserver(lambda result: self._log(session.run, result))
            observers: list[Observer] = [monitor, log]
            if self.trace.kept:
                observers.append(TraceObserver(self.trace, process.name))
            drive(machine, driver, observers)
            driver.close(machine)

        def body(ledger: Ledger) -> Receipt:
            jitter = self.random or Random(0)  # noqa: S311 - a simulation must replay
            return apply(ledger, plan, _approve, perform, concurrency=concurrency, random=jitter)

        code = self._run(process, body, frozenset(by_address))
        self.waits = max((driver.waits for driver in drivers), default=0)
        for driver in drivers:
            self._end_transit(driver)
        return code

    def resolve(self, keys: Iterable[RequestKey], faults: FaultPlan = NO_FAULTS) -> ExitCode | None:
        """Settle unknown requests, as an operator does who looked them up at the vendor."""
        self.vendor.catch_up()
        looked_up = {key: self.checks.is_accepted(key) for key in keys}
        for key, accepted in looked_up.items():
            self.trace.say(
                f"operator: {key} revision {key.revision} {'accepted' if accepted else 'not accepted'}"
            )

        process = self._process(faults)

        def body(ledger: Ledger) -> None:
            with ledger.open() as session:
                self._check_start(process, session.state)
                settlements = [
                    self._settlement(session.state, key, accepted) for key, accepted in looked_up.items()
                ]
                self.checks.check_readable(settlements)
                session.append(settlements)

        self.checks.on_lookup({key for key, accepted in looked_up.items() if not accepted})
        return self._run(process, body, frozenset())

    def resolve_from_logs(self, faults: FaultPlan = NO_FAULTS) -> ExitCode | None:
        """Settle requests from the logs of all runs, as `sendspec resolve --from-log` does."""
        process = self._process(faults)

        def body(ledger: Ledger) -> None:
            with ledger.open() as session:
                self._check_start(process, session.state)
                found = recover_outcomes(self.log, session.state).outcomes
                if self.trace.kept:
                    outcomes = [f"{entry.key} {entry.state.value}" for entry in found]
                    self.trace.say(f"operator: the logs contain {outcomes}")
                self.checks.ambiguous.difference_update(
                    entry.key for entry in found if entry.state is RequestState.NOT_SENT
                )
                self.checks.check_readable(found)
                if found:
                    session.append(found)

        return self._run(process, body, frozenset())

    def read(self) -> LedgerState:
        """Read the ledger without a lock."""
        state: list[LedgerState] = []
        self._run(self._process(NO_FAULTS), lambda ledger: state.append(ledger.read()), frozenset())
        self.checks.require(bool(state), "foldable", "the ledger cannot be read")
        return state[0]

    def fail_power(self, choose: Callable[[int], int]) -> None:
        """Simulate a power failure between two runs."""
        self.trace.say("the power fails")
        self.counts["power failures"] += 1
        self.setup.fail_power(choose)

    def _log(self, run: str, result: Result) -> None:
        self.log.append(format_log_line(TARGET.name, TARGET.account, run, result, self.clock.now().at))

    def _settlement(self, state: LedgerState, key: RequestKey, accepted: bool) -> Settled:  # noqa: FBT001 - what was found
        found = find_request(state, RequestName(*key), accepted=accepted)
        is_job = found.record.endpoint is Endpoint.CONTACT_SOURCE
        vendor_id = str(job_id_of(key)) if is_job else transaction_id_of(key)
        return settlement(state, found, vendor_id if accepted else None, "looked up", self.clock.now().at)

    def _process(self, faults: FaultPlan) -> Process:
        self.counts["runs"] += 1
        return Process(f"run {self.counts['runs']}", faults, self.trace)

    def _check_start(self, process: Process, state: LedgerState) -> None:
        """Check the ledger as a process reads it at its start."""
        self.checks.on_read(state)
        if self.setup.excludes or self._is_alone(process):
            self.checks.check_ledger(state, others=not self.setup.excludes)
        if self._is_alone(process):
            self.checks.on_start(state, self._ended_since)
            self._ended_since = 0

    def _plan(self, specs: Mapping[str, Spec], state: LedgerState) -> Plan:
        sends = [send_of(spec) for spec in specs.values()]
        facts = {spec.address: facts_of(spec) for spec in specs.values()}
        identities = identify(sends, state)
        known = identities.ledger.sends
        compared = {
            send.address: compare(send, facts[send.address], known.get(send.address)) for send in sends
        }
        findings = (
            find_renames(specs, sends, facts, compared, identities) if self.checks.knows_renames else ()
        )
        hours = {spec.address: frozenset(spec.limits) for spec in specs.values()}
        inspection = CheckResult(facts, compared, findings, limits=hours)
        # The digest costs 40 ms, and no simulated code depends on it.
        return make_plan(TARGET, sends, inspection, identities, self.clock.now().wall, digest=lambda *_: "")

    def _run(
        self, process: Process, body: Callable[[Ledger], Receipt | None], addresses: frozenset[str]
    ) -> ExitCode | None:
        """Run a process to its end."""
        if self.subject.faults is NO_FAULTS and (process.faults is not NO_FAULTS or not self.subject.steps):
            self.subject = process
        self._active += 1
        try:
            return self._check_end(process, body(self.setup.ledger(process)), addresses)
        except Killed:
            self.counts["kills"] += 1
            self.checks.on_kill()
            return None
        except SendspecError as error:
            if self.trace.kept:
                self.trace.say(f"{process.name}     {type(error).__name__}: {error}")
            return self._check_end(process, error, addresses)
        except EndlessRun:
            self.checks.report("never stuck", f"it took {process.steps} steps")
        except Violation:
            raise
        except Exception as error:  # noqa: BLE001 - no verb may end with an unexpected exception
            self.checks.report("exit code", f"it ended with {error!r}", error)
        finally:
            self.last = process
            self.setup.end(process)
            self._active -= 1
            self._ended_since += 1

    def _check_end(
        self, process: Process, end: Receipt | SendspecError | None, addresses: frozenset[str]
    ) -> ExitCode:
        """Check the end of a process that was not killed."""
        code = ExitCode.OK if end is None else end.exit_code
        if self.trace.kept:
            self.trace.say(f"{process.name}     ends with {code!r}")
        self.checks.raise_first()
        receipt = None if isinstance(end, SendspecError) else end
        # Another active run may leave requests unknown; this run need not report them.
        self.checks.on_end(receipt, code, addresses, alone=self._is_alone(process))
        return code

    def _is_alone(self, process: Process) -> bool:
        """Return whether no other run can have written since this one read the ledger."""
        return self._active == 1 and (self.setup.excludes or not process.faults.nested)

    def _end_transit(self, driver: SimulatedDriver) -> None:
        """Decide what happens to the requests that were in transit when their process ended."""
        self.checks.ambiguous.update(driver.monitor.in_flight)
        driver.monitor.on_end(self.clock.seconds)
        self.counts["posts"] += driver.monitor.posts
        for submission in driver.in_transit:
            self.had_in_transit = True
            end = self.in_transit(3)
            self.trace.say(f"vendor: {submission.key} {('never arrives', 'arrives', 'is late')[end]}")
            if end:
                self.vendor.late.append(submission)
            if end == 1:
                self.vendor.catch_up()


def unknown_in(state: LedgerState) -> list[RequestKey]:
    """Return the unknown requests of a ledger, as `sendspec plan` lists them."""
    return sorted(
        RequestKey(address, record.revision, request.batch)
        for address, latest in state.sends.items()
        for record in (latest, *latest.earlier)
        for request in record.requests
        if request.state in (RequestState.UNKNOWN, RequestState.INTENT)
    )


def _approve(plan: Plan) -> None:
    if blocking_findings(plan):
        raise Blocked("findings of level error")
