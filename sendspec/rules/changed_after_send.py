"""A send was edited after it was sent.

What: what the specs say of a send that went out, in whole or in part, is not what the ledger says was
sent: other properties, another endpoint, other recipients, or a lower `revision`. Raising `revision`
says that it shall be sent again, and is never an error.

Why: an edit does not reach anybody who has the message already, and sendspec sends nothing twice on
its own. Specs that differ from what was sent would hide what people really got.

Source: sendspec's promise: no request is ever sent twice.

Bad (after it was sent with 20%):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 30% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        revision: 2
        channelQualifier: "148372"
        content: "Acme: 30% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Level
from sendspec.rules.rule import Report, Rule
from sendspec.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Place
    from sendspec.rules.rule import Context, Surveyed

_IN_THE_SPEC = {"recipients": "contacts"}


class ChangedAfterSend(Rule):
    """Specs that no longer say what was sent."""

    id = "changed-after-send"
    level = Level.ERROR

    def check_send(self, surveyed: Surveyed, context: Context) -> Iterable[Report]:
        """Name what differs; the plan shows the values."""
        comparison, record = surveyed.comparison, surveyed.record
        if comparison.standing is not Standing.EDITED or record is None:
            return
        fields = [change.field for change in comparison.changes]
        if fields[0] == "revision":
            message = f"revision {surveyed.send.revision} is lower than {record.revision}, which was sent"
            yield Report(message, _place(surveyed, "revision"), f"write `revision: {record.revision}`")
            return
        yield Report(
            f"{', '.join(fields)} changed after revision {record.revision} was sent",
            _place(surveyed, fields[0]),
            f"undo the edit, or write `revision: {record.revision + 1}` to send it again to everybody",
        )


def _place(surveyed: Surveyed, field: str) -> Place:
    return surveyed.send.places.key(_IN_THE_SPEC.get(field, field))
