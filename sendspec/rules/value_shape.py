"""A value belongs in another column, or has several lines.

What: a warning if the value of a tag is a phone number or an e-mail address, unless the name of the
tag fits. An error if the value of a tag has a line break. Except a send with `allow` if its values are
meant to have several lines. The rule `hidden-rows` reports cells whose later lines look like contacts.

Why: rows that a spreadsheet shifted greet people by a number. A line break often shows that a quote was
not closed.

Source: this project's caution; shifted columns and unclosed quotes are the usual defects of exports.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: "+44 7700 900124"}}

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
from sendspec.rules._lib.defect_violations import DefectText, value_violations
from sendspec.rules._lib.rule import Rule, RuleGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.rules._lib.rule import CheckedSend, RuleContext, Violation

_COLUMNS: Final = "check that each value is in its own column, and that `columns` maps the right ones"
_VALUES: Final[Mapping[DefectKind, DefectText]] = {
    DefectKind.PHONE_NUMBER: DefectText("is", "a phone number", _COLUMNS, Level.WARNING),
    DefectKind.EMAIL_ADDRESS: DefectText("is", "an e-mail address", _COLUMNS, Level.WARNING),
    DefectKind.LINE_BREAK: DefectText(
        "has", "a line break", "close the quote at the end of the value, or replace the line break"
    ),
}


class ValueShape(Rule):
    """Values in the wrong column, and cells of several lines."""

    id = "value-shape"
    group = RuleGroup.CONTENT
    level = Level.ERROR
    reasons: ClassVar = {
        "phone-number": "a value is a phone number",
        "email-address": "a value is an e-mail address",
        "line-break": "a value has a line break",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the facts about the values."""
        return value_violations(checked_send, _VALUES)
