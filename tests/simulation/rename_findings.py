"""Findings of the rule `renamed-send`, without the other rules, which the protocol does not depend on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.model import Finding, Level, Project
from sendspec.rules import RuleContext
from sendspec.rules._lib.rule import CheckedSend
from sendspec.rules._lib.same_messages import with_same_messages
from sendspec.rules.renamed_send import RenamedSend
from tests.simulation.ledger_setups import TARGET
from tests.simulation.simulated_driver import START

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.compare import Comparison
    from sendspec.identity import Identities
    from sendspec.model import AudienceFacts, Send
    from tests.simulation.specs import Spec

_PROJECT: Final = Project(Path(), {}, {}, ())
_RULE: Final = RenamedSend()


def find_renames(
    specs: Mapping[str, Spec],
    sends: Sequence[Send],
    facts: Mapping[str, AudienceFacts | None],
    comparisons: Mapping[str, Comparison],
    identities: Identities,
) -> tuple[Finding, ...]:
    """Return the findings about sends that are renamed ones, unless a person allowed them."""
    context = RuleContext(_PROJECT, TARGET, sends, identities.ledger, START, identities=identities)
    records = identities.ledger.sends
    checked_sends = [
        CheckedSend(send, facts[send.address], records.get(send.address), comparisons[send.address])
        for send in sends
    ]
    context = with_same_messages(context, checked_sends)
    findings = []
    for checked_send in checked_sends:
        send = checked_send.send
        findings += [
            Finding(
                rule=_RULE.id,
                reason=violation.reason,
                level=violation.level or Level.ERROR,
                message=violation.message,
                location=violation.location,
                address=send.address,
                allowed="on purpose" if specs[send.address].allowed else None,
            )
            for violation in _RULE.check_send(checked_send, context)
        ]
    return tuple(findings)
