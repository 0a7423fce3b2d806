"""The ledger of the target, and the checks of it: readable, of this repository, and open to a push."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.doctor.examination import LedgerFacts, Read
from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.errors import LedgerError, LedgerMissing, SendspecError
from sendspec.formatting import pluralize
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.other_ledgers import refuse_unknown_requests

if TYPE_CHECKING:
    from sendspec.doctor.examination import Examination
    from sendspec.ledger import Ledger
    from sendspec.model import Project, Target


def examine_ledger(project: Project, target: Target, ledger: Ledger | SendspecError) -> LedgerFacts:
    """Return the facts about a ledger, or why it cannot be used; nothing is written."""
    if isinstance(ledger, SendspecError):
        return LedgerFacts("", Read(error=ledger), is_branch=False)
    is_branch = isinstance(ledger, GitLedger)
    try:
        state = ledger.read()
        refuse_unknown_requests(project, target, ledger, state)
    except SendspecError as error:
        return LedgerFacts(ledger.location, Read(error=error), is_branch)
    return LedgerFacts(ledger.location, Read(state), is_branch, _push_error(ledger))


def _push_error(ledger: Ledger) -> LedgerError | None:
    if isinstance(ledger, GitLedger):
        try:
            ledger.clone.check_push()
        except LedgerError as error:
            return error
    return None


def _ledger(examination: Examination) -> Decision:
    ledger = examination.ledger
    if ledger is None:
        return Decision.of(CheckReason.NO_TARGET)
    error = ledger.state.error
    if error is not None:
        is_missing = isinstance(error, LedgerMissing)
        return Decision.of_error(
            CheckReason.LEDGER_MISSING if is_missing else CheckReason.LEDGER_UNUSABLE, error
        )
    sends = 0 if ledger.state.value is None else len(ledger.state.value.sends)
    return Decision.of(CheckReason.LEDGER_READ, location=ledger.location, sends=pluralize(sends, "send"))


def _push(examination: Examination) -> Decision:
    ledger = examination.ledger
    if ledger is None:
        return Decision.of(CheckReason.NO_TARGET)
    if ledger.state.error is not None:
        return Decision.of(CheckReason.LEDGER_NOT_READ)
    if not ledger.is_branch:
        return Decision.of(CheckReason.LEDGER_IN_FILES)
    if ledger.push is not None:
        return Decision.of_error(CheckReason.PUSH_REFUSED, ledger.push)
    return Decision.of(CheckReason.PUSH_ACCEPTED)


CHECKS: Final = (
    Check("ledger", CheckGroup.LEDGER, _ledger),
    Check("ledger-push", CheckGroup.LEDGER, _push),
)
