"""The outcome of a request is unknown.

What: apply sent a request of this send, or may have, but recorded no outcome: the connection broke,
the vendor answered with an error of its own, or the run ended first. apply sends no more requests of
the send until a person settles the outcome. A request that started less than 15 minutes ago may
still be running in another run, so wait first. apply can safely repeat a contact-source request within
a day while its spec is unchanged and its window is open; this is only an info. A request whose send is
no longer in the specs is a warning.

Why: the API has no call to query a request, and no key to recognise a repeated one. A second request
may send twice, and ignoring the first may lose it. Look up the request in the vendor's reports, then
record what you found with `sendspec resolve`.

Source: sendspec's promise: it reports every unknown outcome.

Bad (while the ledger has an unknown request of spring-sale/last-call):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good (after it is settled, or for a send without an unknown request):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: thanks
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: thank you for a great spring. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.compare import SendState, may_be_in_progress
from sendspec.formatting import format_timestamp
from sendspec.model import IdKind, Level, Location, RequestKey
from sendspec.record_phrases import outcome_text, progress_text, wait_text
from sendspec.repeat_window import is_too_old, reason_not_to_repeat
from sendspec.rules._lib.resolve_command import resolve_command
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import RequestRecord, SendRecord
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_REPEATABLE: Final = (
    "run apply, which repeats the same request and settles it, unless something blocks the send"
)


class UnknownOutcome(Rule):
    """Requests with an unknown outcome."""

    id = "unknown-outcome"
    group = RuleGroup.LEDGER
    level = Level.ERROR
    reasons: ClassVar = {
        "unknown": "a request has no recorded outcome",
        "maybe-running": "another run may still be sending a request",
    }
    blocks_only_its_send = True
    applies_to_finished_sends = True

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Report each open request of a send, with the commands that settle it."""
        if checked_send.record is None or not checked_send.comparison.unknown:
            return
        send, repeatable = checked_send.send, _is_repeatable(checked_send, context)
        for key, record, request in _open_requests(send.address, checked_send.record):
            commands = _commands(key, record, request, context)
            too_old = _is_same_post(checked_send) and is_too_old(request.first_at, context.now)
            yield Violation(
                _reason(request, context),
                _message(key, request, context) + ("; it is too old to repeat" if too_old else ""),
                send.locations.root,
                f"{_REPEATABLE}; otherwise {commands}" if repeatable else commands,
                Level.INFO if repeatable else None,
            )

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report the open requests of sends that are no longer in the specs."""
        location = Location(str(context.project.directory / "sendspec.yaml"))
        present = {send.address for send in context.sends}
        for address, record in context.ledger.sends.items():
            if address in present or not context.selection.includes(address):
                continue
            for key, revision, request in _open_requests(address, record):
                message = f"{_message(key, request, context)}; the send is no longer in the specs"
                hint = _commands(key, revision, request, context)
                yield Violation(_reason(request, context), message, location, hint, Level.WARNING)


def _open_requests(
    address: str, latest: SendRecord
) -> Iterator[tuple[RequestKey, SendRecord, RequestRecord]]:
    """Yield the open requests of all revisions, each with its key and its revision."""
    for record in latest.revisions:
        for request in record.requests:
            if request.state.is_open:
                yield RequestKey(address, record.revision, request.batch), record, request


def _is_same_post(checked_send: CheckedSend) -> bool:
    return checked_send.comparison.state is SendState.PARTIAL


def _is_repeatable(checked_send: CheckedSend, context: RuleContext) -> bool:
    """Return whether apply may settle the send: the same POST is safe now, and its window is open."""
    send = checked_send.send
    early = send.not_before is not None and context.now < send.not_before
    late = send.not_after is not None and context.now >= send.not_after
    if not _is_same_post(checked_send) or early or late:
        return False
    return reason_not_to_repeat(checked_send.comparison.unknown, context.now) is None


def _reason(request: RequestRecord, context: RuleContext) -> str:
    return "maybe-running" if may_be_in_progress(request, context.now) else "unknown"


def _message(key: RequestKey, request: RequestRecord, context: RuleContext) -> str:
    if may_be_in_progress(request, context.now):
        return f"{key}: {progress_text(request)}"
    cause = outcome_text(request.reason, request.evidence)
    return f"the outcome of {key} at {format_timestamp(request.at)} is unknown: {cause}"


def _commands(key: RequestKey, record: SendRecord, request: RequestRecord, context: RuleContext) -> str:
    """Return a hint with the two commands that settle a request, quoted for a shell."""
    vendor_id = "JOBID" if record.endpoint.traits.id_kind is IdKind.JOB else "TRANSACTIONID"
    start = resolve_command(key, context)
    wait, run_ended = "", ""
    if may_be_in_progress(request, context.now):
        wait = f"wait until {wait_text(request)} and plan again; if the run has certainly ended, "
        run_ended = " --run-is-gone"
    return (
        f"{wait}look up the request in the vendor's reports, then run "
        f"`{start} --sent {vendor_id}{run_ended} --reason TEXT` or "
        f"`{start} --not-sent{run_ended} --reason TEXT`"
    )
