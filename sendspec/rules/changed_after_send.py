"""A send was edited after it was sent.

What: what the specs say of a send that went out, in whole or in part, is not what the ledger says was
sent: other properties, another endpoint, other recipients, or a lower `revision`. Raising `revision`
says that it shall be sent again, to everybody on the list as it is now, and is never an error.

Why: an edit does not reach anybody who has the message already, and sendspec sends nothing twice on
its own. Specs that differ from what was sent would hide what people really got. People who joined
the list get a send of their own; a send that is finished may leave the specs, for the ledger keeps
what was sent.

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

from sendspec.compare import SendState, accepted
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.record_phrases import OTHER_RECIPIENTS
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import AudienceFacts, Change, Location, SendRecord
    from sendspec.rules._lib.base import CheckedSend, Context

_IN_THE_SPEC = {"recipients": "contacts"}


class ChangedAfterSend(Rule):
    """Specs that no longer say what was sent."""

    id = "changed-after-send"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Name what differs; the plan shows the values."""
        comparison, record = checked_send.comparison, checked_send.record
        if comparison.state is not SendState.EDITED or record is None:
            return
        first = comparison.changes[0].field
        if first == "revision":
            message = (
                f"revision {checked_send.send.revision} is lower than {record.revision}, which the ledger has"
            )
            yield Violation(message, _place(checked_send, first), f"write `revision: {record.revision}`")
            return
        whole = len(accepted(record)) == record.expected_requests
        part = "" if whole else "a part of "
        yield Violation(
            f"{_what(comparison.changes)} changed after {part}revision {record.revision} was sent"
            f"{_recipients(comparison.changes)}",
            _place(checked_send, first),
            _way_out(checked_send, record, whole=whole),
        )


def _what(changes: Iterable[Change]) -> str:
    *others, last = ("the recipients" if one.field == "recipients" else one.field for one in changes)
    return f"{', '.join(others)} and {last}" if others else last


def _recipients(changes: Iterable[Change]) -> str:
    """Say how many recipients there were and are, where they changed."""
    for field, sent, now in changes:
        if field == "recipients" and sent is not None and now is not None:
            return (
                f": {now:,} then and now, {OTHER_RECIPIENTS}"
                if sent == now
                else f": {sent:,} then, {now:,} now"
            )
    return ""


def _way_out(checked_send: CheckedSend, record: SendRecord, *, whole: bool) -> str:
    """Give the ways out, the dangerous one last and with what it would do."""
    again = f"{_again(record, checked_send.facts)}, also to those who have it already"
    if not whole:
        return f"undo the edit to send the rest; {again}"
    fields = [change.field for change in checked_send.comparison.changes]
    undo = "put the list back as it was" if fields == ["recipients"] else "undo the edit"
    new = "give those who are new a send of their own, " if "recipients" in fields else ""
    return f"{undo}, {new}or remove the finished send from the specs; {again}"


def _again(record: SendRecord, facts: AudienceFacts | None) -> str:
    whole = "contact source" if facts is None else f"list of {pluralize(facts.count, 'recipient')}"
    return f"`revision: {record.revision + 1}` would send it to the whole {whole}"


def _place(checked_send: CheckedSend, field: str) -> Location:
    return checked_send.send.locations.key(_IN_THE_SPEC.get(field, field))
