"""`sendspec resolve`: the only way out of `unknown`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project import ledger_for, open_project
from sendspec.errors import SendspecError, Usage
from sendspec.formatting import format_timestamp, whole_seconds

if TYPE_CHECKING:
    from sendspec.ledger import Settled
    from sendspec.model import LedgerState, Project, Target

_MOST_DIGITS: Final = 18
"""Of a job id or a batch: what fits into 64 bits whatever the digits."""


@click.command("resolve")
@click.argument("request", metavar="[ADDRESS#BATCH]", required=False)
@click.option(
    "--dir",
    "directory",
    metavar="DIR",
    default="specs",
    show_default=True,
    callback=options.reject_empty_name,
    help="Project directory.",
)
@options.target_option
@click.option("--sent", "sent_id", metavar="ID", help="It was accepted, under this job or transaction id.")
@click.option("--not-sent", is_flag=True, help="It was not accepted; the next apply sends it.")
@click.option(
    "--run-is-gone", is_flag=True, help="The run that began it has ended; on a branch no lock tells."
)
@click.option("--reason", metavar="TEXT", help="How you know; kept in the ledger.")
@click.option(
    "--from-log",
    "log",
    metavar="FILE",
    help="Settle all that a log or spool file of a lost run tells; - reads standard input.",
)
def command(  # noqa: PLR0913 - one parameter an option
    *,
    request: str | None,
    directory: str,
    target_name: str,
    sent_id: str | None,
    not_sent: bool,
    run_is_gone: bool,
    reason: str | None,
    log: str | None,
) -> int:
    """Settle requests whose outcome is unknown, by what you know or what a log tells."""
    if log is not None:
        if request or sent_id or not_sent or reason:
            raise Usage("--from-log goes without ADDRESS#BATCH, --sent, --not-sent and --reason")
        return _from_log(directory, target_name, log)
    if request is None:
        raise Usage("say which request, as ADDRESS#BATCH", hint="`sendspec plan` lists what is unknown")
    if (sent_id is not None) == not_sent:
        raise Usage("say either --sent ID or --not-sent")
    if sent_id is not None and not sent_id.strip():
        raise Usage("--sent must say the job or transaction id", hint="the vendor's reports have it")
    if sent_id is not None and not sent_id.isprintable():
        raise Usage(f"'{sent_id}' is not an id", hint="copy it from the vendor's reports, letter by letter")
    if not reason or not reason.strip():
        raise Usage("--reason must say how you know", hint="it is kept in the ledger for whoever asks later")
    project, target = open_project(directory, target_name)
    with ledger_for(project, target).open() as session:
        if not run_is_gone:
            _refuse_young(session.state, request)
        settled = settlement(session.state, request, sent_id, reason.strip())
        if not_sent:
            _ask_spool(project, target, session.state, settled)
        session.append([settled])
    Console().info(f"{request} is now {settled.state.value}")
    return 0


def _from_log(directory: str, target_name: str, log: str) -> int:
    from sendspec.request_log import rebuild

    project, target = open_project(directory, target_name)
    try:
        with click.open_file(log, encoding="utf-8", errors="replace") as lines:
            text = lines.readlines()
    except OSError as error:
        raise SendspecError(f"cannot read {log}: {error.strerror or error}") from error
    console = Console()
    with ledger_for(project, target).open() as session:
        rebuilt = rebuild(text, session.state)
        if rebuilt.outcomes:
            session.append(rebuilt.outcomes)
    if not rebuilt.outcomes and not rebuilt.known:
        raise SendspecError(
            f"{log} has no receipt of target '{target.name}' at {target.account}",
            hint="give it the whole log of the apply that was lost, or its spool in .sendspec/; a receipt is "
            "a line that begins with sendspec-receipt, after a runner's time at most",
        )
    for outcome in rebuilt.outcomes:
        console.info(f"{outcome.key} is now {outcome.state.value}")
    console.info(f"{len(rebuilt.outcomes)} settled from {log}, {rebuilt.known} known before")
    return 0


def settlement(state: LedgerState, request: str, sent_id: str | None, reason: str) -> Settled:
    """Give the entry that settles `request` (ADDRESS#BATCH) by what a person knows.

    What was unknown may be settled either way; what was called not-sent, by a person's mistake, only as
    sent: nothing is sent again for that.

    Raises:
        Usage: `request` or `sent_id` cannot be one.
        SendspecError: its outcome is not unknown.
    """
    from sendspec.ledger import Settled
    from sendspec.model import IdKind, OutcomeReason, RequestKey, RequestState, SettledBy
    from sendspec.redact import Redactor

    address, _, number = request.rpartition("#")
    if not address or not _is_number(number):
        raise Usage(
            f"'{request}' is not ADDRESS#BATCH", hint="such as 'spring-sale/last-call[en]#3'; plan prints it"
        )
    latest = state.sends.get(address)
    if latest is None:
        raise SendspecError(f"the ledger of target '{state.target}' has no send '{address}'")
    for record in latest.revisions:
        for known in record.requests:
            mistaken = known.state is RequestState.NOT_SENT and sent_id is not None
            if known.batch == int(number) and (known.state.is_open or mistaken):
                is_job = record.endpoint.traits.id_kind is IdKind.JOB
                return Settled(
                    key=RequestKey(address, record.revision, known.batch),
                    state=RequestState.NOT_SENT if sent_id is None else RequestState.SENT,
                    at=whole_seconds(datetime.now(UTC)),
                    attempts=known.attempts,
                    job_id=_job_id(sent_id) if is_job and sent_id is not None else None,
                    transaction_id=None if is_job else sent_id,
                    reason=OutcomeReason.STATED,
                    evidence=Redactor()(reason),
                    settled_by=SettledBy.PERSON,
                )
    raise SendspecError(
        f"{request} has no unknown outcome: there is nothing to resolve",
        hint="`sendspec plan` lists what is unknown",
    )


def _refuse_young(state: LedgerState, request: str) -> None:
    """Refuse to settle what a run that is alive may be sending: on a branch no lock tells of it."""
    from sendspec.compare import may_be_in_progress
    from sendspec.record_phrases import wait_text

    address, _, number = request.rpartition("#")
    record = state.sends.get(address)
    for known in record.all_requests if record else ():
        if str(known.batch) == number and may_be_in_progress(known, datetime.now(UTC)):
            raise SendspecError(
                f"{request} was started at {format_timestamp(known.at)}; its run may still be sending it",
                hint=f"wait until {wait_text(known)}, or say --run-is-gone once you have seen that no run "
                "is under way",
            )


def _ask_spool(project: Project, target: Target, state: LedgerState, settled: Settled) -> None:
    """Refuse to call not-sent what the spool of a run in this directory calls sent."""
    from sendspec.cli._lib.spool import Spool

    spool = Spool(project, target, Console())
    if settled.key in spool.sent(state):
        raise SendspecError(
            f"{settled.key} was sent: a run in this directory has its receipt",
            hint=f"the ledger takes it from there: {spool.way_out()}",
        )


def _job_id(text: str) -> int:
    if not _is_number(text):
        raise Usage(f"'{text}' is not a job id", hint="a contact-source request has a number as its job id")
    return int(text)


def _is_number(text: str) -> bool:
    # Looked at before it is converted: Python refuses to convert thousands of digits.
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
