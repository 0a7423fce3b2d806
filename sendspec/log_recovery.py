"""The decision which outcomes of a log a ledger takes: those that are signed, verified or confirmed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.acoustic import StatusAnswer
from sendspec.compare import recipients_of
from sendspec.errors import SendspecError
from sendspec.ledger.journal_entries import fold
from sendspec.model import OutcomeReason, RequestState
from sendspec.outcome_log import recover_outcomes, sort_lines
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sendspec.ledger import Entry, Settled
    from sendspec.model import LedgerState, RequestKey
    from sendspec.outcome_log import RecoveredOutcomes
    from sendspec.status import StatusClient


class Doubt(StrEnum):
    """Why an unsigned line does not settle its request."""

    NOT_SENT = "only a person can confirm that it was not sent"
    NO_STATUS_CALL = "the vendor reports no status of a send job"
    NO_ID = "the line has no transaction id to verify"
    ID_USED = "another request in the ledger has this transaction id"
    NOT_FOUND = "the vendor does not know this transaction"
    OTHER_COUNT = "this transaction has another number of contacts"
    NO_ANSWER = "the vendor could not be asked"


class LogRecovery(Struct, frozen=True):
    """The news of a log for a ledger; `claims` come from lines that no trusted key signed.

    `after` is the ledger with the signed news. `damaged` has the numbers of the damaged lines.
    """

    signed: RecoveredOutcomes
    unsigned: RecoveredOutcomes
    damaged: tuple[int, ...]
    after: LedgerState

    @property
    def claims(self) -> tuple[Settled, ...]:
        """The outcomes that need a proof or a person, by request."""
        return (*self.unsigned.outcomes, *self.unsigned.restored)

    @property
    def is_empty(self) -> bool:
        """Whether the log has nothing about the ledger."""
        signed, unsigned = self.signed, self.unsigned
        return not (
            signed.entries
            or unsigned.entries
            or signed.known_lines
            or unsigned.known_lines
            or self.orphans
            or self.damaged
        )

    @property
    def orphans(self) -> tuple[RequestKey, ...]:
        """The lost requests whose send the log does not have."""
        return self.unsigned.orphans


def recover_log(lines: Sequence[str], state: LedgerState, keys: Collection[bytes]) -> LogRecovery:
    """Return the news of a log for a ledger; a signed line about a request precedes an unsigned one."""
    log = sort_lines(lines, state, keys)
    signed = recover_outcomes(log.signed, state)
    after = fold(state, signed.entries)
    unsigned = recover_outcomes([*log.signed, *log.unsigned], after)
    known = recover_outcomes(log.unsigned, after).known_lines
    return LogRecovery(signed, replace(unsigned, known_lines=known), log.damaged, after)


def accepted_claims(
    recovery: LogRecovery, doubts: Mapping[RequestKey, Doubt], *, confirmed: bool
) -> tuple[Entry, ...]:
    """Return what the ledger takes of the unsigned news.

    A person confirms all of it, or only claims without a doubt count. A lost request in doubt becomes
    unknown, because a ledger without it would let apply send it.
    """
    if confirmed:
        return recovery.unsigned.entries
    restored = [_as_unknown(claim) if claim.key in doubts else claim for claim in recovery.unsigned.restored]
    proven = [claim for claim in recovery.unsigned.outcomes if claim.key not in doubts]
    return (*recovery.unsigned.revisions, *restored, *proven)


def doubt_of(claim: Settled, recovery: LogRecovery, client: StatusClient | None) -> Doubt | None:
    """Return why a claim needs a person; None if it is harmless, or if the vendor confirms it."""
    if claim.state is RequestState.UNKNOWN:
        return None
    if claim.state is RequestState.NOT_SENT:
        return Doubt.NOT_SENT
    if claim.job_id is not None:
        return Doubt.NO_STATUS_CALL
    if claim.transaction_id is None:
        return Doubt.NO_ID
    if _uses_of(claim.transaction_id, recovery) > 1:
        return Doubt.ID_USED
    return Doubt.NO_ANSWER if client is None else _asked(claim, claim.transaction_id, recovery, client)


def _asked(claim: Settled, transaction_id: str, recovery: LogRecovery, client: StatusClient) -> Doubt | None:
    try:
        answer = client.status(transaction_id)
    except SendspecError:
        return Doubt.NO_ANSWER
    if not isinstance(answer, StatusAnswer):
        return Doubt.NOT_FOUND
    return None if answer.total == _contacts(claim, recovery) else Doubt.OTHER_COUNT


def _uses_of(transaction_id: str, recovery: LogRecovery) -> int:
    """Return how many requests of the ledger and of the claims have an id."""
    ids: dict[RequestKey | tuple[str, int, int], str | None] = {
        (address, revision.revision, request.batch): request.transaction_id
        for address, record in recovery.after.sends.items()
        for revision in record.revisions
        for request in revision.requests
    }
    ids |= {claim.key: claim.transaction_id for claim in recovery.claims}
    return list(ids.values()).count(transaction_id)


def _contacts(claim: Settled, recovery: LogRecovery) -> int | None:
    """Return the number of contacts of a request, None if the ledger does not know it."""
    record = fold(recovery.after, recovery.unsigned.revisions).revision_of(claim.key)
    recipients = record and record.recipients
    return recipients_of(recipients.count, [claim.key.batch]) if recipients else None


def _as_unknown(claim: Settled) -> Settled:
    return replace(
        claim,
        state=RequestState.UNKNOWN,
        reason=OutcomeReason.RUN_LOST,
        evidence=None,
        job_id=None,
        transaction_id=None,
    )
