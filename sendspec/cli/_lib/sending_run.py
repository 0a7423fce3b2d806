"""A run that plans and sends: it connects the protocol to the files, the vendor and the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from sendspec.audience import ContactStore
from sendspec.cli._lib.context import connect, ledger_for
from sendspec.cli._lib.file_dates import list_date_reader
from sendspec.cli._lib.outcome_spool import SpoolReporter
from sendspec.cli._lib.progress import show_progress
from sendspec.cli._lib.repository_survey import RepositorySurvey
from sendspec.cli._lib.scan_progress import show_scan
from sendspec.structs import replace

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.cli._lib.approval import Approval
    from sendspec.cli._lib.console import Console
    from sendspec.driver import Signals
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan, Project, Target
    from sendspec.protocol import Machine
    from sendspec.selection import Selection

_STOPPING: Final = (
    "stopping: waiting for requests in flight; a second signal stops immediately and leaves them unknown"
)


class SendingRun:
    """One apply; within `with` it stores the contacts of its plan."""

    def __init__(
        self, console: Console, project: Project, target: Target, selection: Selection, signals: Signals
    ) -> None:
        self._console = console
        self._project = project
        self._target = target
        self._selection = selection
        self._signals = signals
        self._ledger = ledger_for(project, target)
        self._spool = SpoolReporter(project, target, self._ledger, console)
        self._store = ContactStore()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.clear()

    def apply(self, approval: Approval) -> Receipt:
        """Plan, ask for approval, and send; return what became of each request.

        Raises:
            SendspecError: nothing was sent.
        """
        from sendspec.apply import apply
        from sendspec.repeat_window import repeat_pause_seconds

        return apply(
            self._ledger,
            self._make_plan,
            approval.require,
            self._perform,
            concurrency=self._target.concurrency,
            repeat_pause=repeat_pause_seconds(self._target),
        )

    def finish(self, receipt: Receipt) -> Receipt:
        """Remove the spool if nothing is missing in the ledger; return the receipt with changed lists."""
        started = {outcome.key.address for outcome in receipt.results}
        self._spool.finish(receipt)
        return replace(receipt, changed_lists=self._store.changed_files(started))

    def _make_plan(self, state: LedgerState) -> Plan:
        from sendspec.ledger.other_ledgers import refuse_unknown_requests
        from sendspec.plan import plan_project

        refuse_unknown_requests(self._project, self._target, self._ledger, state)
        self._spool.check(state)
        self._store.clear()
        dates, survey = list_date_reader(self._project.directory), RepositorySurvey(self._project.directory)
        with show_scan(self._console) as observer:
            plan = plan_project(
                self._project,
                self._target,
                state,
                datetime.now(UTC),
                self._selection,
                date_of=dates,
                survey=lambda lists: survey.facts(self._project, lists),
                store=self._store,
                observer=observer,
            )
        self._store.flush()
        return plan

    def _perform(self, machine: Machine, session: LedgerSession, plan: Plan) -> None:
        from sendspec.apply import drive, job_of
        from sendspec.clocks import SystemClock
        from sendspec.driver import BodySource, ThreadDriver
        from sendspec.protocol import DelayObserver, SettledObserver

        total = sum(len(planned.batches) for planned in plan.to_send)
        self._spool.use_headers({planned.address: job_of(planned).header for planned in plan.to_send})
        with connect(self._project, self._target) as client, show_progress(self._console, total) as progress:
            spooled = SettledObserver(lambda result: self._spool.record(session.run, result))
            shown = SettledObserver(progress.report), DelayObserver(progress.announce)
            with ThreadDriver(
                session,
                client,
                BodySource(plan, self._store),
                signals=self._signals,
                stopping=lambda: self._console.info(_STOPPING),
                concurrency=self._target.concurrency,
                clock=SystemClock(),
            ) as driver:
                drive(machine, driver, (spooled, *shown))
