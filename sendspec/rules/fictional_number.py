"""A list for a real target has a fictional number.

What: regulators reserve numbers for films, books and examples. In North America, these are 555-0100
to 555-0199 of every area code. In the United Kingdom, these are 07700 900000 to 900999 and a block in
the larger cities. Ireland, France, Sweden and Australia have others. The rule does not apply to a
sandbox, where you should use these numbers.

Why: no phone has these numbers. In a list for a real target, they show that someone used an example or
a test list by mistake. The real recipients would get no message.

Source: NANPA, 555 line numbers (0100-0199 for entertainment); Ofcom, telephone numbers for drama use;
ComReg, numbering conditions (020 91x xxxx); ARCEP, decision 2018-0881 (06 39 98 xx xx and others);
PTS, numbers for fiction (070-174 06 05 to 06 99); ACMA, phone numbers for use in creative works.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "12125550123"}

Good (the number is the vendor's own example):

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "19492319304"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class FictionalNumber(Rule):
    """Numbers reserved for fiction in a send to a real target."""

    id = "fictional-number"
    group = RuleGroup.PEOPLE
    level = Level.ERROR
    reasons: ClassVar = {"reserved-number": "a number is reserved for fiction"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check the numbers of one send, if the target is real."""
        reserved = checked_send.facts and checked_send.facts.numbers.reserved
        if reserved and context.target.is_real:
            occurrences, target = reserved, context.target.name
            yield Violation(
                "reserved-number",
                sentence(
                    occurrences,
                    "number",
                    "is",
                    f"reserved for fiction, but target '{target}' sends real messages",
                ),
                occurrences.first,
                "replace the example or test numbers with real ones",
            )
