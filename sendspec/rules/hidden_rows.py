"""A cell of the list has swallowed the rows after it.

What: a later line of a cell looks like a contact, because a field of it is a phone number. The finding
is an error of its own, so an `allow` entry for `value-shape`, such as for addresses of two lines, does not
cover it.

Why: a quote that was not closed puts the rows after it into one cell. Their people get nothing, and one
recipient gets their numbers.

Source: this project's caution; unclosed quotes are a usual defect of exports.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12."
        contacts:
          - phoneNumber: "447700900123"
            personalization:
              NAME: |-
                Ann
                447700900124,Ben

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
          - {phoneNumber: "447700900124", personalization: {NAME: Ben}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import DefectKind, Level
from sendspec.rules._lib.defect_violations import DefectText, value_violations
from sendspec.rules._lib.rule import Rule, RuleGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.rules._lib.rule import CheckedSend, RuleContext, Violation

_VALUES: Final[Mapping[DefectKind, DefectText]] = {
    DefectKind.HIDDEN_ROWS: DefectText(
        "has", "several lines that look like contacts", "close the quoted field before the line ends"
    ),
}


class HiddenRows(Rule):
    """Cells that contain other rows."""

    id = "hidden-rows"
    group = RuleGroup.PEOPLE
    level = Level.ERROR
    reasons: ClassVar = {"hidden-rows": "a cell has lines that look like contacts"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the facts about the values."""
        return value_violations(checked_send, _VALUES)
