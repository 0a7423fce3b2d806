"""`sendspec resolve`: settle unknown outcomes by hand or from a log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.cli._lib.outcome_spool import resolve_command
from sendspec.errors import SendspecError, Usage
from sendspec.outcome_spool import SpoolFile

if TYPE_CHECKING:
    from sendspec.ledger import LedgerSession
    from sendspec.resolve import RequestName


@click.command("resolve")
@click.argument("request", metavar="[ADDRESS#BATCH]", required=False)
@click.option(
    "--dir",
    "directory",
    metavar="DIR",
    callback=options.choose_directory,
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
    help="Settle all requests with an outcome in a log or spool file; - reads standard input.",
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
        return _settle_from_log(directory, target_name, log)
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
            spool = SpoolFile(project.directory, target.name)
            record = resolve_command(project, target, spool.path)
            check_spool(session.state, found.key, spool.read_lines(), record)
        session.append([settled])
    Console().info(f"{found.key} is now {settled.state.value}")
    _raise_double(session)
    return 0


def _raise_double(session: LedgerSession) -> None:
    """Raise SentTwice if an acceptance was recorded of a request that has another one."""
    from sendspec.ledger.write_conflicts import sent_twice

    error = sent_twice(session.double_acceptances)
    if error is not None:
        raise error


def _stop(directory: str, target_name: str, name: RequestName, reason: str) -> int:
    from sendspec.resolve import stop_of

    project, target = open_project(directory, target_name)
    with ledger_for(project, target).open() as session:
        stopped = stop_of(session.state, name, reason, datetime.now(UTC))
        session.append([stopped])
    jobs = f" (job {', '.join(stopped.stop.jobs)})" if stopped.stop.jobs else ""
    Console().info(f"{stopped.key}{jobs} is now recorded as stopped at the vendor")
    return 0


def _settle_from_log(directory: str, target_name: str, log: str) -> int:
    from sendspec.outcome_log import MARKER, recover_outcomes

    project, target = open_project(directory, target_name)
    try:
        with click.open_file(log, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
    except OSError as error:
        raise SendspecError(
            f"cannot read {log}: {error.strerror or error}; nothing was changed",
            hint="name the log of the lost apply, or its spool in .sendspec/",
        ) from error
    console = Console()
    with ledger_for(project, target).open() as session:
        recovered = recover_outcomes(lines, session.state)
        if recovered.entries:
            session.append(recovered.entries)
    if not (recovered.entries or recovered.known_lines or recovered.orphans):
        raise SendspecError(
            f"{log} has no outcome for target '{target.name}' at {target.account}; nothing was changed",
            hint="use the whole log of the lost apply, or its spool in .sendspec/; its lines start with "
            f"{MARKER}, after a runner's timestamp at most",
        )
    for outcome in recovered.outcomes:
        console.info(f"{outcome.key} is now {outcome.state.value}")
    for outcome in recovered.restored:
        console.info(f"{outcome.key} was not in the ledger and is now {outcome.state.value}")
    restored = f", restored {len(recovered.restored)}" if recovered.restored else ""
    console.info(
        f"settled {len(recovered.outcomes)} from {log}{restored}, {recovered.known_lines} were known before"
    )
    if recovered.orphans:
        names = ", ".join(map(str, recovered.orphans))
        raise SendspecError(
            f"{log} has outcomes of {names}, but not the sends; the ledger still lacks these requests",
            hint="use the whole log of that run, which has a line of each send, before the next apply",
        )
    _raise_double(session)
    return 0
