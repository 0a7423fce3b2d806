"""A send was edited after it was sent.

What: the specs of a send that was sent, in whole or in part, differ from the ledger: other
properties, another endpoint, other recipients, or a lower `revision`. A higher `revision` sends the
send again to the whole current list, and is never an error.

Why: an edit does not reach people who already have the message, and sendspec sends nothing twice on
its own. Edited specs would hide what people received. Create a new send for people who joined the
list. You may remove a finished send from the specs, because the ledger keeps its content.

Source: sendspec's promise: no request is sent twice.

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

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.compare import SendState, accepted
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.record_phrases import OTHER_RECIPIENTS
from sendspec.rules._lib.rule import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import AudienceFacts, Change, Location, SendRecord
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_SPEC_KEYS: Final = {"recipients": "contacts"}


class ChangedAfterSend(Rule):
    """Specs that differ from the sent requests."""

    id = "changed-after-send"
    level = Level.ERROR
    reasons: ClassVar = {
        "edited": "the send was edited after all of it was sent",
        "edited-mid-send": "the send was edited after a part of it was sent",
        "revision-lowered": "the revision is lower than the one in the ledger",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Report the properties that differ; the plan shows their values."""
        comparison, record = checked_send.comparison, checked_send.record
        if comparison.state is not SendState.EDITED or record is None:
            return
        first_field = comparison.changes[0].field
        location = _location(checked_send, first_field)
        if first_field == "revision":
            revision = checked_send.send.revision
            message = f"revision {revision} is lower than revision {record.revision} in the ledger"
            yield Violation("revision-lowered", message, location, f"write `revision: {record.revision}`")
            return
        whole = len(accepted(record)) == record.expected_requests
        part = "" if whole else "a part of "
        yield Violation(
            "edited" if whole else "edited-mid-send",
            f"{_field_names(comparison.changes)} changed after {part}revision {record.revision} was sent"
            f"{_recipient_counts(comparison.changes)}",
            location,
            _hint(checked_send, record, whole=whole),
        )


def _field_names(changes: Iterable[Change]) -> str:
    *others, last = ("the recipients" if field == "recipients" else field for field, _, _ in changes)
    return f"{', '.join(others)} and {last}" if others else last


def _recipient_counts(changes: Iterable[Change]) -> str:
    """Return the number of recipients then and now, or '' if they did not change."""
    for field, sent, now in changes:
        if field == "recipients" and sent is not None and now is not None:
            return (
                f": {now:,} then and now, {OTHER_RECIPIENTS}"
                if sent == now
                else f": {sent:,} then, {now:,} now"
            )
    return ""


def _hint(checked_send: CheckedSend, record: SendRecord, *, whole: bool) -> str:
    """Return the safe choices, and what a new revision would do."""
    new_revision = _new_revision(record, checked_send.facts)
    if not whole:
        return f"undo the edit to send the rest; {new_revision}"
    fields = [change.field for change in checked_send.comparison.changes]
    undo = "restore the list" if fields == ["recipients"] else "undo the edit"
    new_send = "create a new send for the new recipients, " if "recipients" in fields else ""
    return f"{undo}, {new_send}or remove the finished send from the specs; {new_revision}"


def _new_revision(record: SendRecord, facts: AudienceFacts | None) -> str:
    whole = "contact source" if facts is None else f"list of {pluralize(facts.count, 'recipient')}"
    return f"`revision: {record.revision + 1}` would send to the whole {whole} again"


def _location(checked_send: CheckedSend, field: str) -> Location:
    return checked_send.send.locations.key(_SPEC_KEYS.get(field, field))
