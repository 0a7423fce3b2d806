"""`resolve --from-log`: the outcomes of a log, and the report of those that need a person."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import click

from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import connect, ledger_for, open_project
from sendspec.errors import SendspecError
from sendspec.formatting import first_names, pluralize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.ledger import LedgerSession, Settled
    from sendspec.log_recovery import Doubt, LogRecovery
    from sendspec.model import Project, RequestKey, Target

_SHOWN_MAX: Final = 100
_DAMAGED_MAX: Final = 10


def settle_from_log(directory: str, target_name: str, log: str, *, confirmed: bool) -> int:
    """Record the outcomes of a log that are signed, verified with the vendor, or `confirmed` by a person.

    Raises:
        SendspecError: the log cannot be read, has nothing about the ledger, or has lines that need a person.
    """
    from sendspec.log_recovery import accepted_claims, recover_log
    from sendspec.signing_keys import read_keys

    project, target = open_project(directory, target_name)
    lines, keys = _read(log), read_keys().trusted
    console = Console()
    with ledger_for(project, target).open() as session:
        recovery = recover_log(lines, session.state, keys)
        doubts = {} if confirmed else _doubts(project, target, recovery)
        entries = (*recovery.signed.entries, *accepted_claims(recovery, doubts, confirmed=confirmed))
        if entries:
            session.append(entries)
    if recovery.is_empty:
        raise SendspecError(
            f"{log} has no outcome for target '{target.name}' at {target.account}; nothing was changed",
            hint="use the whole log of the lost apply, or its spool; its lines start with sendspec-request, "
            "after a runner's timestamp at most",
        )
    _report(console, log, recovery, doubts)
    errors = list(_problems(log, recovery, doubts))
    for error in errors[:-1]:
        console.report_error(error)
    if errors:
        raise errors[-1]
    raise_double(session)
    return 0


def raise_double(session: LedgerSession) -> None:
    """Raise SentTwice if an acceptance was recorded of a request that has another one."""
    from sendspec.ledger.write_conflicts import sent_twice

    error = sent_twice(session.double_acceptances)
    if error is not None:
        raise error


def _read(log: str) -> list[str]:
    try:
        with click.open_file(log, encoding="utf-8", errors="replace") as file:
            return file.readlines()
    except OSError as error:
        raise SendspecError(
            f"cannot read {log}: {error.strerror or error}; nothing was changed",
            hint="name the log of the lost apply, or its spool",
        ) from error


def _doubts(project: Project, target: Target, recovery: LogRecovery) -> dict[RequestKey, Doubt]:
    """Return the claims that need a person, after the vendor was asked about the others."""
    from sendspec.log_recovery import Doubt, doubt_of

    doubts: dict[RequestKey, Doubt] = {}
    with ExitStack() as stack:
        client = None
        if any(claim.transaction_id is not None for claim in recovery.claims):
            try:
                client = stack.enter_context(connect(project, target))
            except SendspecError:
                client = None  # Without credentials the vendor cannot confirm a transaction.
        for claim in recovery.claims:
            doubt = doubt_of(claim, recovery, client)
            if doubt is not None:
                doubts[claim.key] = doubt
            if doubt is Doubt.NO_ANSWER:
                client = None  # One unanswered call is enough: each may last two minutes.
    return doubts


def _report(console: Console, log: str, recovery: LogRecovery, doubts: Mapping[RequestKey, Doubt]) -> None:
    signed, unsigned = recovery.signed, recovery.unsigned
    settled = [*signed.outcomes, *(claim for claim in unsigned.outcomes if claim.key not in doubts)]
    restored = [*signed.restored, *unsigned.restored]
    for outcome in settled:
        console.info(f"{outcome.key} is now {outcome.state.value}")
    for outcome in restored:
        state = "unknown" if outcome.key in doubts else outcome.state.value
        console.info(f"{outcome.key} was not in the ledger and is now {state}")
    more = f", restored {len(restored)}" if restored else ""
    known = signed.known_lines + unsigned.known_lines
    console.info(f"settled {len(settled)} from {log}{more}, {known} were known before")
    doubtful = [claim for claim in recovery.claims if claim.key in doubts]
    for claim in doubtful[:_SHOWN_MAX]:
        console.info(f"  {_claim(claim)}: {doubts[claim.key].value}")
    if len(doubtful) > _SHOWN_MAX:
        console.info(f"  and {len(doubtful) - _SHOWN_MAX:,} more")


def _claim(claim: Settled) -> str:
    kind, identity = ("job", claim.job_id) if claim.job_id is not None else ("as", claim.transaction_id)
    name = "" if identity is None else f" {kind} {identity}"
    return f"{claim.key} {claim.state.value}{name}"


def _problems(log: str, recovery: LogRecovery, doubts: Mapping[RequestKey, Doubt]) -> Sequence[SendspecError]:
    problems: list[SendspecError] = []
    if recovery.damaged:
        names = first_names([f"{log}:{number}" for number in recovery.damaged], _DAMAGED_MAX)
        problems.append(
            SendspecError(
                f"{names}: this is not what sendspec wrote; the log was cut, or a runner masked a part",
                hint="settle the requests that `sendspec plan` still shows as unknown, with the vendor's "
                "reports",
            )
        )
    if recovery.orphans:
        names = ", ".join(map(str, recovery.orphans))
        problems.append(
            SendspecError(
                f"{log} has outcomes of {names}, but not the sends; the ledger still lacks these requests",
                hint="use the whole log of that run, which has a line of each send, before the next apply",
            )
        )
    if doubts:
        problems.append(
            SendspecError(
                f"{pluralize(len(doubts), 'outcome')} of {log} not recorded: no key of this machine signed "
                "them",
                hint="compare this list with the vendor's reports and add --yes, or set SENDSPEC_LOG_KEY to "
                "the key of that run",
            )
        )
    return problems
