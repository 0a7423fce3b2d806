"""Whether a request was accepted is not known.

What: a request of this send went out, or may have, and its outcome was never learnt: the connection
broke, the vendor answered with an error of its own, or the run ended in between. Nothing more of the
send goes out until a person says what became of it. A request that was begun less than 15 minutes ago
may still be under way in another run: then wait. A contact-source request is only told of (info) as
long as the spec still says the very same and its window is open: repeating it is safe, and apply does
so. A request whose send is no longer in the specs is a warning.

Why: the API cannot be asked, and has no key by which it would recognise a repetition. Sending again
may send twice; forgetting it may lose a send. Look into the vendor's reports, then record what you
found with `sendspec resolve`.

Source: sendspec's promise: no outcome is lost without saying so.

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

Good (once resolved, or for a send that has nothing unknown):

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

import shlex
from typing import TYPE_CHECKING, Final

from sendspec.compare import SendState, may_be_in_progress
from sendspec.formatting import format_timestamp
from sendspec.model import Endpoint, Level, Location
from sendspec.record_phrases import outcome_text, progress_text, wait_text
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import RequestRecord, SendRecord
    from sendspec.rules._lib.base import CheckedSend, Context

_REPEATS: Final = "if nothing else stands against it, apply repeats the same request, which settles it"
_DEFAULT_DIRECTORY: Final = "specs"
_DEFAULT_TARGET: Final = "sandbox"


class UnknownOutcome(Rule):
    """Requests that nobody knows the outcome of."""

    id = "unknown-outcome"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterator[Violation]:
        """Report each open request of a send, with the command that settles it."""
        if checked_send.record is None:
            return
        send, repeated = checked_send.send, _is_repeated(checked_send, context)
        for request in checked_send.comparison.unknown:
            command = _commands(send.address, request, checked_send.record, context)
            yield Violation(
                _message(send.address, request, context),
                send.locations.root,
                f"{_REPEATS}; else {command}" if repeated else command,
                Level.INFO if repeated else None,
            )

    def check_project(self, context: Context) -> Iterator[Violation]:
        """Report the open requests of sends that are only in the ledger."""
        location = Location(str(context.project.directory / "sendspec.yaml"))
        present = {send.address for send in context.sends}
        for address, record in context.ledger.sends.items():
            if address in present:
                continue
            for request in record.all_requests:
                if request.state.is_open:
                    message = f"{_message(address, request, context)}; the send is no longer in the specs"
                    yield Violation(
                        message, location, _commands(address, request, record, context), Level.WARNING
                    )


def _is_repeated(checked_send: CheckedSend, context: Context) -> bool:
    """Whether apply may settle it: the same POST is safe, and its window is open."""
    send = checked_send.send
    early = send.not_before is not None and context.now < send.not_before
    late = send.not_after is not None and context.now >= send.not_after
    return checked_send.comparison.state is SendState.PARTIAL and not early and not late


def _message(address: str, request: RequestRecord, context: Context) -> str:
    name = f"{address}#{request.batch}"
    if may_be_in_progress(request, context.now):
        return f"{name} is {progress_text(request)}"
    why = outcome_text(request.reason, request.evidence)
    return f"it is not known whether {name} was accepted at {format_timestamp(request.at)}: {why}"


def _commands(address: str, request: RequestRecord, record: SendRecord, context: Context) -> str:
    """Give the two commands that settle a request, ready for a shell."""
    found = "JOBID" if record.endpoint is Endpoint.CONTACT_SOURCE else "TRANSACTIONID"
    start = shlex.join(["sendspec", "resolve", f"{address}#{request.batch}", *_where(context)])
    first, gone = "", ""
    if may_be_in_progress(request, context.now):
        wait = f"wait until {wait_text(request)} and plan again"
        first, gone = f"{wait}; or, once you have seen that no run is under way, ", " --run-is-gone"
    return (
        f"{first}find it in the vendor's reports, then "
        f"`{start} --sent {found}{gone} --reason TEXT` or `{start} --not-sent{gone} --reason TEXT`"
    )


def _where(context: Context) -> Iterable[str]:
    directory = str(context.project.directory)
    if directory != _DEFAULT_DIRECTORY:
        yield from ("--dir", directory)
    if context.target.name != _DEFAULT_TARGET:
        yield from ("--target", context.target.name)
