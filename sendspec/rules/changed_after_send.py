"""A send was edited after it was sent.

What: the specs of a send that was sent, in whole or in part, differ from the ledger: other
properties, another endpoint, or a lower `revision`. A higher `revision` sends the send again to the
whole current list, and is not an error. Once all of a send was sent, its list may change, move or
disappear: that is an info, and the error about its text blocks only this send.

A send job with a `scheduledDate` is with the vendor from the first apply until that date. An edit, a
removal from the specs (a warning) or a higher `revision` before that date does not stop it. Stop the
job at the vendor, and record that with `sendspec resolve 'ADDRESS#1' --stopped --reason TEXT`.

Why: an edit does not reach people who already have the message, and sendspec sends nothing twice on its
own. Edited specs would hide what people received. Create a new send for people who joined the list. You may
remove a finished send from the specs, because the ledger keeps its content, with which `renamed-send`
compares later sends; while the send stays, other texts need no comparison. The API has no call that cancels
a job, so a moved date with a new revision would send on both dates.

Source: sendspec's promise: no request is sent twice. Acoustic Campaign, sending to a contact source:
no call reads or cancels a send job.

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

from sendspec.compare import SendState, is_stopped, jobs_at_vendor
from sendspec.formatting import pluralize
from sendspec.model import Level, Location, RequestKey
from sendspec.record_phrases import OTHER_RECIPIENTS, due_text, job_text
from sendspec.rules._lib.resolve_command import resolve_command
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import AudienceFacts, Change, SendRecord, VendorJob
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_SPEC_KEYS: Final = {"recipients": "contacts"}


class ChangedAfterSend(Rule):
    """Specs that differ from the sent requests."""

    id = "changed-after-send"
    group = RuleGroup.LEDGER
    level = Level.ERROR
    reasons: ClassVar = {
        "edited": "the send was edited after all of it was sent",
        "edited-mid-send": "the send was edited after a part of it was sent",
        "revision-lowered": "the revision is lower than the one in the ledger",
        "edited-before-due": "the send was edited while the vendor has its job",
        "raised-before-due": "the revision was raised while the vendor has the job of an earlier one",
        "removed-before-due": "the send was removed from the specs while the vendor has its job",
        "edited-after-stop": "the send was edited after its job was stopped at the vendor",
        "list-changed": "the list changed after all of the send was sent",
        "list-unreadable": "the list of a finished send cannot be read",
    }
    applies_to_finished_sends = True

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report the jobs at the vendor whose sends are no longer in the specs."""
        location = Location(str(context.project.directory / "sendspec.yaml"))
        present = {send.address for send in context.sends}
        for address, record in context.ledger.sends.items():
            if address in present or not context.selection.includes(address):
                continue
            for job in jobs_at_vendor(record, context.now):
                message = f"{address} left the specs, but {_still_goes_out(job)}"
                hint = _stop_hint(address, job, context)
                yield Violation("removed-before-due", message, location, hint, Level.WARNING)

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Report the properties that differ; the plan shows their values."""
        comparison, record = checked_send.comparison, checked_send.record
        if record is None:
            return
        jobs = jobs_at_vendor(record, context.now)
        match comparison.state:
            case SendState.EDITED:
                yield _edit(checked_send, record, jobs, context)
            case SendState.DONE if checked_send.list_problem is not None or comparison.changes:
                yield _list_note(checked_send, record)
            case SendState.NEW if jobs:
                yield _raised(checked_send, jobs[0], context)


def _edit(
    checked_send: CheckedSend, record: SendRecord, jobs: tuple[VendorJob, ...], context: RuleContext
) -> Violation:
    changes, finished = checked_send.comparison.changes, checked_send.comparison.finished
    first_field = changes[0].field
    hint: str | None
    if first_field == "revision":
        revision = checked_send.send.revision
        message = f"revision {revision} is lower than revision {record.revision} in the ledger"
        reason, hint = "revision-lowered", f"write `revision: {record.revision}`"
    elif jobs:
        reason = "edited-before-due"
        message = f"{_field_names(changes)} changed, but {_still_goes_out(jobs[0])}"
        hint = f"undo the edit, or {_stop_hint(checked_send.send.address, jobs[0], context)}"
    elif is_stopped(record):
        reason = "edited-after-stop"
        message = f"{_field_names(changes)} changed after the job of revision {record.revision} was stopped"
        hint = f"write `revision: {record.revision + 1}` and another messageName to send it"
    else:
        reason = "edited" if finished else "edited-mid-send"
        part = "" if finished else "a part of "
        message = (
            f"{_field_names(changes)} changed after {part}revision {record.revision} was sent"
            f"{_recipient_counts(changes)}"
        )
        hint = _hint(checked_send, record)
    location = _location(checked_send, first_field)
    return Violation(reason, message, location, hint, blocks_only_its_send=finished)


def _raised(checked_send: CheckedSend, job: VendorJob, context: RuleContext) -> Violation:
    send = checked_send.send
    message = f"revision {send.revision} sends again, but {_still_goes_out(job)}"
    hint = f"{_stop_hint(send.address, job, context)}, or `allow` this rule if both are intended"
    return Violation("raised-before-due", message, send.locations.of("revision"), hint)


def _list_note(checked_send: CheckedSend, record: SendRecord) -> Violation:
    location = _location(checked_send, "recipients")
    if checked_send.list_problem is not None:
        message = f"the list of this finished send cannot be read: {checked_send.list_problem.message}"
        hint = "remove the send from the specs to silence this; the ledger keeps its content"
        return Violation("list-unreadable", message, location, hint, Level.INFO)
    counts = _recipient_counts(checked_send.comparison.changes)
    message = f"the recipients changed after revision {record.revision} was sent{counts}"
    hint = f"create a new send for the new rows only; {_new_revision(record, checked_send.facts)}"
    return Violation("list-changed", message, location, hint, Level.INFO)


def _still_goes_out(job: VendorJob) -> str:
    name = job_text(job.request)
    verb = "go" if name.startswith("jobs ") else "goes"
    return f"{name} of revision {job.revision} still {verb} out, {due_text(job.due)}"


def _stop_hint(address: str, job: VendorJob, context: RuleContext) -> str:
    command = resolve_command(RequestKey(address, job.revision, job.request.batch), context)
    return f"stop {job_text(job.request)} at the vendor, then run `{command} --stopped --reason TEXT`"


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


def _hint(checked_send: CheckedSend, record: SendRecord) -> str:
    """Return the safe choices, and what a new revision would do."""
    new_revision = _new_revision(record, checked_send.facts)
    if not checked_send.comparison.finished:
        return f"undo the edit to send the rest; {new_revision}"
    fields = [change.field for change in checked_send.comparison.changes]
    new_send = "create a new send for the new rows only, " if "recipients" in fields else ""
    return f"undo the edit, {new_send}or remove the finished send from the specs; {new_revision}"


def _new_revision(record: SendRecord, facts: AudienceFacts | None) -> str:
    whole = "list"
    if facts is not None:
        whole = f"list of {pluralize(facts.count, 'recipient')}"
    elif record.recipients is None:
        whole = "contact source"
    return f"`revision: {record.revision + 1}` would send to the whole {whole} again"


def _location(checked_send: CheckedSend, field: str) -> Location:
    return checked_send.send.locations.key(_SPEC_KEYS.get(field, field))
