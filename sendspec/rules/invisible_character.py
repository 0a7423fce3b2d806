r"""A text or a value has an invisible character.

What: `content`, the defaults, and the values of lists and lookups must not contain control characters,
zero-width and bidirectional characters, soft hyphens, byte order marks, and the separators U+2028 and
U+2029. Joiners and direction marks are allowed in the scripts that need them, and in emoji.

Why: an invisible character makes a text UCS-2, which more than doubles its segments. It can reverse
the order of the letters after it, and makes two values different that look the same.

Source: Unicode Character Database, general categories Cc, Cf, Zl and Zp; 3GPP TS 23.038, the alphabet
of an SMS.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: "Ann\u200B"}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: Ann}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import DefectKind, Level
from sendspec.rules._lib.defect_violations import DefectText, text_defects, value_violations
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.text_defects import invisible_characters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_HINT: Final = "remove the character; write the value again if you cannot see it"
_VALUES: Final = {DefectKind.INVISIBLE: DefectText("has", "the invisible character {}", _HINT)}


class InvisibleCharacter(Rule):
    """Characters that a reader cannot see."""

    id = "invisible-character"
    group = RuleGroup.COST
    level = Level.ERROR
    reasons: ClassVar = {"invisible": "a character is invisible"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the texts, and the facts about the values."""
        for name, defect, location in text_defects(checked_send.send, context, invisible_characters):
            message = f"{name} has the invisible character {defect.label}, at character {defect.offset + 1}"
            yield Violation("invisible", message, location, _HINT)
        yield from value_violations(checked_send, _VALUES)
