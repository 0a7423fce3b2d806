"""`sendspec status`: what the vendor made of what was sent."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project import connect, ledger_of, open_project
from sendspec.errors import ExitCode, SendspecError
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.ledger import Ledger
    from sendspec.model import LedgerState, Project, Target
    from sendspec.status import StatusBook


@click.command("status")
@options.directory
@options.target
@click.option("--send", "address", metavar="ADDRESS", help="Only this send, such as campaign/send[en].")
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=300.0,
    show_default=True,
    help="Seconds to wait until settled.",
)
@click.option(
    "--interval", type=click.FloatRange(0), default=5.0, show_default=True, help="Seconds between two rounds."
)
@click.option("--all", "everything", is_flag=True, help="Ask again about what the ledger has as settled.")
@click.option(
    "--failed-csv",
    metavar="FILE",
    help="Write everyone who got nothing, unmasked, to FILE; asks about everything, as --all does.",
)
@options.form("text", "json")
@options.output
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    address: str | None,
    timeout: float,
    interval: float,
    everything: bool,
    failed_csv: str | None,
    form: str,
    output: str | None,
) -> int:
    """Ask what became of each transaction, and record it in the ledger.

    What the ledger has as settled is told and not asked again. Exits 1 if some transaction was not
    settled when the time was up.
    """
    from sendspec import status
    from sendspec.report import status as report

    project, target = open_project(directory, target_name)
    ledger = ledger_of(project, target)
    state = ledger.read()
    if address is not None and address not in state.sends:
        raise _no_such_send(target, address, state)
    console = Console()
    _tell_of_jobs(console, state, address)
    found = [t for t in status.transactions(state) if address in (None, t.key.address)]
    if not found:
        console.say("No transactions to ask about.")
        return ExitCode.OK
    learnt = status.StatusBook(found, ignore_ledger=everything or failed_csv is not None)
    ended = _ask(project, target, learnt, timeout=timeout, interval=interval)
    unrecorded = _record(ledger, learnt)
    if ended is not None:
        raise unrecorded or ended
    if failed_csv is not None:
        _write_private(failed_csv, report.failed_csv(learnt.statuses))
    told = report.status_json if form == "json" else report.status_text
    console.data(told(learnt.statuses), output)
    if unrecorded is not None:
        raise unrecorded
    return ExitCode.OK if all(each.settled for each in learnt.statuses) else ExitCode.ERROR


def _ask(
    project: Project, target: Target, learnt: StatusBook, *, timeout: float, interval: float
) -> SendspecError | None:
    """Ask about what is open; give why that ended before its time, if it did."""
    from sendspec.driver import Signals
    from sendspec.status import poll

    asked = learnt.unsettled
    if not asked:
        return None
    try:
        with Signals(), connect(project, target) as client:
            poll(
                client,
                asked,
                concurrency=target.concurrency,
                timeout=timeout,
                interval=interval,
                on_status=learnt.update,
            )
    except KeyboardInterrupt:
        what = f"{len(learnt.new_deliveries):,} of {pluralize(len(asked), 'transaction')}"
        return SendspecError(f"interrupted: what became of {what} was learnt and is recorded")
    except SendspecError as error:
        return error
    return None


def _record(ledger: Ledger, learnt: StatusBook) -> SendspecError | None:
    """Record what is new; an error is given back, since what was learnt is to be told all the same."""
    news = learnt.new_deliveries
    if news:
        try:
            with ledger.open() as session:
                session.append(news)
        except SendspecError as error:
            return error
    return None


def _no_such_send(target: Target, address: str, state: LedgerState) -> SendspecError:
    from sendspec.suggest import did_you_mean

    return SendspecError(
        f"the ledger of target '{target.name}' has no send '{address}'",
        hint=did_you_mean(address, state.sends) or "`sendspec plan` lists the addresses",
    )


def _tell_of_jobs(console: Console, state: LedgerState, address: str | None) -> None:
    for name, record in sorted(state.sends.items()):
        if address not in (None, name):
            continue
        for request in record.all_requests:
            if request.job_id is not None:
                console.say(f"{name}: job {request.job_id}; the API has no status of send jobs")


def _write_private(path: str, content: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)  # one that was there may have been everybody's to read
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - from a descriptor
            file.write(content)
    except OSError as error:
        raise SendspecError(f"cannot write {path}: {error.strerror or error}") from error
