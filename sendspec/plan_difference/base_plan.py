"""The plan of a base: what apply would do now with its sends, without a check by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.compare import compare
from sendspec.identity import identify
from sendspec.plan import make_plan
from sendspec.rules import CheckResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sendspec.model import AudienceFacts, LedgerState, PlannedSend, Send, Target
    from sendspec.selection import Selection


def plan_base(  # noqa: PLR0913 - the whole basis of a plan
    target: Target,
    sends: Sequence[Send],
    facts: Mapping[str, AudienceFacts | None],
    ledger: LedgerState,
    now: datetime,
    *,
    selection: Selection,
) -> dict[str, PlannedSend]:
    """Return what apply would do at `now` with each send of a base, by address.

    `facts` may miss the lists that nothing of the comparison needs. No rule blocks a send: the question is
    what the branch changes, and the rules of the base were checked when it was merged.

    Raises:
        SpecError: a `formerly` of the base cannot be understood.
    """
    identities = identify(sends, ledger, selection)
    known = {send.address: facts.get(send.address) for send in sends}
    comparisons = {
        send.address: compare(send, known[send.address], identities.ledger.sends.get(send.address))
        for send in sends
    }
    checked = CheckResult(known, comparisons, ())
    plan = make_plan(target, sends, checked, identities, now, selection=selection, digest=lambda *_: "")
    return {planned.address: planned for planned in plan.sends}
