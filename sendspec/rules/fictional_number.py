"""A list for a real target has a fictional number.

What: regulators reserve numbers for films, books and examples. In North America, these are 555-0100
to 555-0199 of every area code. In the United Kingdom, these are 07700 900000 to 900999 and a block in
the larger cities. Ireland, France, Sweden and Australia have others. The rule does not apply to the
sandbox and to loopback targets, where you should use these numbers.

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

import re
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import ViolationCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.rule import RuleContext

_AUSTRALIAN_MOBILES: Final = (
    "570006 570110 570156 570157 570158 570159 570313 570737 571266 571491 571804 572549 572665 572983 "
    "573087 573770 574118 574632 575254 575789 576398 576801 577426 577644 578148 578888 578957 579212 "
    "579455 579760"
)
RESERVED: Final = (
    r"1[2-9]\d\d55501\d\d",
    r"447700900\d{3}",
    r"441632960\d{3}",  # numbers without an area
    r"44(?:11[3-8]|1[2-6]1)4960\d{3}",  # Leeds to Reading; Birmingham to Manchester
    r"441914980\d{3}|442079460\d{3}|442920180\d{3}|442896496\d{3}",  # Tyneside, London, Cardiff, Belfast
    r"443069990\d{3}|448081570\d{3}|449098790\d{3}",  # UK-wide, freephone, premium rate
    r"3532091\d{5}",
    r"33(?:19900|26191|35301|46571|53649|63998)\d{4}",
    r"467017406(?:0[5-9]|[1-9]\d)",
    rf"61491(?:{_AUSTRALIAN_MOBILES.replace(' ', '|')})",
)
_RESERVED: Final = re.compile("|".join(RESERVED))


class FictionalNumber(Rule):
    """Numbers reserved for fiction in a send to a real target."""

    id = "fictional-number"
    level = Level.ERROR
    reasons: ClassVar = {"reserved-number": "a number is reserved for fiction"}

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check every number, if the target is real."""
        return _FictionalNumberCheck(context.target.name) if context.target.is_real else None


class _FictionalNumberCheck(ContactCheck):
    def __init__(self, target: str) -> None:
        self._target = target
        self._reserved = ViolationCount()

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if _RESERVED.fullmatch(contact.identity) is not None:
                self._reserved.add(contact.location)

    def violations(self) -> Iterator[Violation]:
        if self._reserved.count:
            yield Violation(
                "reserved-number",
                self._reserved.sentence(
                    "number", "is", f"reserved for fiction, but target '{self._target}' sends real messages"
                ),
                self._reserved.first,
                "replace the example or test numbers with real ones",
            )
