"""A number that is reserved for fiction goes to a real target.

What: numbers that a regulator keeps free for films, books and examples: in North America 555-0100 to
555-0199 of every area code, in the United Kingdom 07700 900000 to 900999 and a block in the larger
cities, and those of Ireland, France, Sweden and Australia. On the sandbox and on loopback targets
they are what should be used, and nothing is said.

Why: nobody has them. In a list for a real target they mean that an example or a test fixture was
taken for the real thing, and whoever should have got the message does not.

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
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation, Watch
from sendspec.rules._lib.examples import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.base import Context

_AUSTRALIAN_MOBILES: Final = (
    "570006 570110 570156 570157 570158 570159 570313 570737 571266 571491 571804 572549 572665 572983 "
    "573087 573770 574118 574632 575254 575789 576398 576801 577426 577644 578148 578888 578957 579212 "
    "579455 579760"
)
RESERVED: Final = (
    r"1[2-9]\d\d55501\d\d",
    r"447700900\d{3}",
    r"441632960\d{3}",  # no area
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
    """Reserved numbers on a target that sends for real."""

    id = "fictional-number"
    level = Level.ERROR

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look at every number, if the target is real."""
        return _Numbers(context.target.name) if context.target.is_real else None


class _Numbers(Watch):
    def __init__(self, target: str) -> None:
        self._target = target
        self._found = Rows()

    def see(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if _RESERVED.fullmatch(contact.identity) is not None:
                self._found.add(contact.location)

    def reports(self) -> Iterator[Violation]:
        if self._found.count:
            yield Violation(
                f"{pluralize(self._found.count, 'number')} reserved for fiction in a send to "
                f"target '{self._target}'{self._found.also()}",
                self._found.first,
                "nobody has such a number: was an example or a test list left in?",
            )
