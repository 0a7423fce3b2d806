"""`sendspec status`: the delivery status of sent transactions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console, error_reason
from sendspec.cli._lib.context import connect, ledger_for, open_project
from sendspec.cli._lib.failed_rows import read_failed_rows
from sendspec.cli._lib.github_step import write_step_outputs, write_step_summary
from sendspec.cli._lib.outcome_spool import report_recall
from sendspec.cli._lib.outputs import choose_outputs, write_outputs
from sendspec.cli._lib.personal_outputs import reject_public_repository
from sendspec.errors import ExitCode, SendspecError
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from sendspec.cli._lib.outputs import Output
    from sendspec.ledger import Ledger
    from sendspec.model import LedgerState, Project, Target
    from sendspec.selection import Selection
    from sendspec.status import StatusBook


@click.command("status")
@options.directory_argument
@options.target_option
@options.send_option
@click.option(
    "--timeout",
    type=options.Seconds(),
    default=300.0,
    show_default=True,
    help="Seconds to wait for transactions to settle.",
)
@click.option(
    "--interval",
    type=options.Seconds(),
    default=5.0,
    show_default=True,
    help="Seconds between two rounds of queries.",
)
@click.option("--all", "query_settled", is_flag=True, help="Query settled transactions again.")
@click.option(
    "--failed-csv",
    metavar="FILE",
    help="Write the contacts that received nothing to FILE, unmasked, with their rows; implies --all.",
)
@click.option(
    "--allow-unsettled",
    is_flag=True,
    help="Exit 0 if the vendor is still processing transactions, as for a run on a schedule.",
)
@options.contacts_directory_option
@options.format_option("text", "json", "markdown", "github")
@options.output_option
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    selection: Selection,
    timeout: float,
    interval: float,
    query_settled: bool,
    failed_csv: str | None,
    allow_unsettled: bool,
    contacts_directory: str | None,
    outputs: tuple[Output, ...],
    output: str | None,
) -> int:
    """Query the delivery status of each transaction, and record it in the ledger.

    Settled transactions are shown from the ledger, not queried again. Exits 1 if a transaction does
    not settle before the timeout, unless --allow-unsettled is given.
    """
    from sendspec import status
    from sendspec.report import status as report
    from sendspec.report.delivery_review import review_deliveries, unknown_requests
    from sendspec.report.run_markdown import run_markdown

    outputs = choose_outputs(outputs, output, other_files=[failed_csv])
    if failed_csv is not None:
        reject_public_repository()
    project, target = open_project(directory, target_name, selection, contacts_directory)
    ledger = ledger_for(project, target)
    state = ledger.read()
    selection.check([*state.sends, *state.moved], f"the ledger of target '{target.name}'")
    console = Console()
    report_recall(console, state, project)
    selected = _selected(state, selection)
    _report_jobs(console, state, selected)
    transactions = [t for t in status.transactions(state) if t.key.address in selected]
    if not transactions:
        console.info("No transactions to query.")
    book = status.StatusBook(transactions, ignore_ledger=query_settled or failed_csv is not None)
    query_error = _query(project, target, book, timeout=timeout, interval=interval)
    ledger_error = _record(ledger, book)
    if query_error is not None:
        raise ledger_error or query_error
    if failed_csv is not None:
        lists = read_failed_rows(console, project, target, state, book.statuses)
        _write_private(failed_csv, report.failed_csv(book.statuses, lists))
    review = cache(lambda: review_deliveries(target.name, state, book.statuses, selected, datetime.now(UTC)))
    texts: dict[str, Callable[[], str]] = {
        "text": partial(report.status_text, book.statuses, unknown_requests(state, selected)),
        "json": partial(report.status_json, book.statuses),
        "markdown": lambda: run_markdown(review(), directory),
        "github": lambda: report.status_annotations(review()),
    }
    write_outputs(console, outputs, texts)
    write_step_outputs(outputs, lambda: report.status_outputs(book.statuses))
    write_step_summary(console, outputs, lambda _: run_markdown(review(), directory))
    if ledger_error is not None:
        raise ledger_error
    return ExitCode.OK if _is_done(book, allow_unsettled=allow_unsettled) else ExitCode.ERROR


def _is_done(book: StatusBook, *, allow_unsettled: bool) -> bool:
    """Return whether every transaction is settled, or will be without a person."""
    from sendspec.model import StatusReason

    open_reasons = (StatusReason.PROCESSING, StatusReason.NOT_FOUND_YET) if allow_unsettled else ()
    return all(status.settled or status.reason in open_reasons for status in book.statuses)


def _query(
    project: Project, target: Target, book: StatusBook, *, timeout: float, interval: float
) -> SendspecError | None:
    """Query the open transactions; return the error that ended it early, if any."""
    from sendspec.driver import Signals
    from sendspec.status import poll

    transactions = book.unsettled
    if not transactions:
        return None
    try:
        with Signals(), connect(project, target) as client:
            poll(
                client,
                transactions,
                concurrency=target.concurrency,
                timeout=timeout,
                interval=interval,
                on_status=book.update,
            )
    except KeyboardInterrupt:
        answered = f"{len(book.new_deliveries):,} of {pluralize(len(transactions), 'transaction')}"
        return SendspecError(f"interrupted; the ledger has the status of {answered}")
    except SendspecError as error:
        return error
    return None


def _record(ledger: Ledger, book: StatusBook) -> SendspecError | None:
    """Record new answers; return an error instead of raising it, so that the answers are still shown."""
    news = book.new_deliveries
    if news:
        try:
            with ledger.open() as session:
                session.append(news)
        except SendspecError as error:
            return error
    return None


def _selected(state: LedgerState, selection: Selection) -> set[str]:
    """Return the addresses of the sends that are selected by their current or a former address."""
    former = {state.address_of(name) for name in state.moved if selection.includes(name)}
    return former | {address for address in state.sends if selection.includes(address)}


def _report_jobs(console: Console, state: LedgerState, selected: Container[str]) -> None:
    from sendspec.compare import jobs_at_vendor
    from sendspec.record_phrases import due_text

    for name, record in sorted(state.sends.items()):
        if name not in selected:
            continue
        due = {job.request.job_id: due_text(job.due) for job in jobs_at_vendor(record, datetime.now(UTC))}
        for request in record.all_requests:
            if request.job_id is None:
                continue
            fate = "stopped at the vendor" if request.is_stopped else due.get(request.job_id)
            known = f"job {request.job_id}{f', {fate}' if fate else ''}"
            console.info(f"{name}: {known}; the API does not report the status of send jobs")


def _write_private(path: str, content: str) -> None:
    from sendspec.cli._lib.output_file import OutputFile

    try:
        OutputFile(path, private=True).write(content)
    except (OSError, ValueError) as error:
        raise SendspecError(
            f"cannot write {path}: {error_reason(error)}", hint="name another file, or free disk space"
        ) from error
