"""`sendspec status`: what the vendor made of what was sent."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import click

from sendspec.cli import options
from sendspec.cli.console import Console
from sendspec.cli.project import connect, ledger_of, open_project
from sendspec.errors import ExitCode, SendspecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.ledger import Ledger
    from sendspec.model import LedgerState
    from sendspec.status import Followed


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
@click.option("--failed-csv", metavar="FILE", help="Write everyone who got nothing, unmasked, to FILE.")
@options.form("text", "json")
@options.output
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    address: str | None,
    timeout: float,
    interval: float,
    failed_csv: str | None,
    form: str,
    output: str | None,
) -> int:
    """Ask what became of each transaction, and record it in the ledger.

    Exits 1 if some transaction was not settled when the time was up.
    """
    from sendspec import status  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.report import delivery  # noqa: PLC0415 - as above

    project, target = open_project(directory, target_name)
    ledger = ledger_of(project, target)
    state = ledger.read()
    if address is not None and address not in state.sends:
        raise SendspecError(
            f"the ledger of target '{target.name}' has no send '{address}'",
            hint="`sendspec plan` lists the addresses",
        )
    asked = [t for t in status.transactions(state) if address in (None, t.key.address)]
    console = Console()
    _tell_of_jobs(console, state, address)
    if not asked:
        console.say("No transactions to ask about.")
        return ExitCode.OK
    with connect(project, target) as client:
        followed = status.follow(
            client, asked, concurrency=target.concurrency, timeout=timeout, interval=interval
        )
    _record(ledger, followed)
    if failed_csv is not None:
        _write_private(failed_csv, delivery.failed_csv(followed))
    console.data(
        delivery.delivery_json(followed) if form == "json" else delivery.delivery_text(followed), output
    )
    return ExitCode.OK if all(each.settled for each in followed) else ExitCode.ERROR


def _record(ledger: Ledger, followed: Sequence[Followed]) -> None:
    from sendspec.ledger import Delivered  # noqa: PLC0415 - not needed for help

    news = [Delivered(each.transaction.key, each.delivery) for each in followed if each.delivery is not None]
    if news:
        with ledger.open() as session:
            session.append(news)


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
