"""`sendspec resolve`: settle unknown outcomes by hand or from a log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.completion import complete_directory, complete_file, complete_request
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.cli._lib.log_report import raise_double, settle_from_log
from sendspec.cli._lib.outcome_spool import resolve_command, spool_of
from sendspec.errors import Usage

if TYPE_CHECKING:
    from sendspec.resolve import RequestName


@click.command("resolve")
@click.argument("request", metavar="[ADDRESS#BATCH]", required=False, shell_complete=complete_request)
@click.option(
    "--dir",
    "directory",
    metavar="DIR",
    callback=options.choose_directory,
    shell_complete=complete_directory,
    help="Project directory; without it, the nearest above, else `specs`.",
)
@options.target_option
@click.option("--sent", "sent_id", metavar="ID", help="The vendor accepted it; ID is its job or transaction.")
@click.option("--not-sent", is_flag=True, help="The vendor did not accept it; the next apply sends it.")
@click.option(
    "--stopped",
    is_flag=True,
    help="You stopped this send job at the vendor before its date; a higher revision may be sent.",
)
@click.option(
    "--run-is-gone",
    is_flag=True,
    help="Confirm that the run that started this request has ended (a git ledger has no lock to check).",
)
@click.option("--reason", metavar="TEXT", help="How you know; stored in the ledger.")
@click.option(
    "--from-log",
    "log",
    metavar="FILE",
    shell_complete=complete_file,
    help="Settle all requests with an outcome in a log or spool file; - reads standard input.",
)
@click.option(
    "--yes",
    "confirmed",
    is_flag=True,
    help="With --from-log: also believe lines that no key of this machine signed.",
)
def command(  # noqa: PLR0913 - one parameter for each option
    *,
    request: str | None,
    directory: str,
    target_name: str,
    sent_id: str | None,
    not_sent: bool,
    stopped: bool,
    run_is_gone: bool,
    reason: str | None,
    log: str | None,
    confirmed: bool,
) -> int:
    """Settle requests whose outcome is unknown, or record a stopped send job.

    Name one request and its outcome, or a log that contains outcomes. A request of a revision above 1
    is ADDRESS@REVISION#BATCH.
    """
    from sendspec.resolve import parse_request

    if log is not None:
        if request or sent_id or not_sent or stopped or reason:
            raise Usage(
                "--from-log cannot be combined with ADDRESS#BATCH, an outcome or --reason",
                hint="omit the other arguments",
            )
        return settle_from_log(directory, target_name, log, confirmed=confirmed)
    if confirmed:
        raise Usage("--yes works only with --from-log", hint="omit --yes, or add --from-log FILE")
    if request is None:
        raise Usage(
            "ADDRESS#BATCH is missing", hint="copy the name of an unknown request from `sendspec plan`"
        )
    _check_outcome(sent_id, not_sent=not_sent, stopped=stopped)
    if not reason or not reason.strip():
        raise Usage("--reason is missing", hint="add --reason with how you know; it is stored in the ledger")
    name = parse_request(request)
    if stopped:
        return _stop(directory, target_name, name, reason.strip())
    return _settle(directory, target_name, name, sent_id, reason.strip(), run_is_gone=run_is_gone)


def _check_outcome(sent_id: str | None, *, not_sent: bool, stopped: bool) -> None:
    if (sent_id is not None) + not_sent + stopped != 1:
        raise Usage("exactly one of --sent ID, --not-sent and --stopped is required", hint="use one of them")
    if sent_id is not None and not sent_id.strip():
        raise Usage("--sent is empty", hint="add the job or transaction id from the vendor's reports")


def _settle(  # noqa: PLR0913 - the values of the options
    directory: str,
    target_name: str,
    name: RequestName,
    sent_id: str | None,
    reason: str,
    *,
    run_is_gone: bool,
) -> int:
    from sendspec.resolve import check_run_ended, check_spool, find_request, settlement

    project, target = open_project(directory, target_name)
    with ledger_for(project, target).open() as session:
        now = datetime.now(UTC)
        found = find_request(session.state, name, accepted=sent_id is not None)
        if not run_is_gone:
            check_run_ended(found, now)
        settled = settlement(session.state, found, sent_id, reason, now)
        if sent_id is None:
            spool = spool_of(project, target, Console())
            record = resolve_command(project, target, spool.path)
            check_spool(session.state, found.key, spool.read_lines(), record)
        session.append([settled])
    Console().info(f"{found.key} is now {settled.state.value}")
    raise_double(session)
    return 0


def _stop(directory: str, target_name: str, name: RequestName, reason: str) -> int:
    from sendspec.resolve import stop_of

    project, target = open_project(directory, target_name)
    with ledger_for(project, target).open() as session:
        stopped = stop_of(session.state, name, reason, datetime.now(UTC))
        session.append([stopped])
    jobs = f" (job {', '.join(stopped.stop.jobs)})" if stopped.stop.jobs else ""
    Console().info(f"{stopped.key}{jobs} is now recorded as stopped at the vendor")
    return 0
