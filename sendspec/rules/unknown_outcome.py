"""Whether a request was accepted is not known.

What: a request of this send went out, or may have, and its outcome was never learnt: the connection
broke, the vendor answered with an error of its own, or the run ended in between. Nothing more of the
send goes out until a person says what became of it. A contact-source request is not reported as long
as the spec still says the very same: repeating it is safe, and apply does so. A request whose send
is no longer in the specs is a warning.

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

from sendspec.model import Endpoint, Level, Place
from sendspec.rules.rule import Report, Rule
from sendspec.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import RequestRecord, SendRecord
    from sendspec.rules.rule import Context, Surveyed

_DEFAULT_DIRECTORY: Final = "specs"
_DEFAULT_TARGET: Final = "sandbox"


class UnknownOutcome(Rule):
    """Requests that nobody knows the outcome of."""

    id = "unknown-outcome"
    level = Level.ERROR

    def check_send(self, surveyed: Surveyed, context: Context) -> Iterator[Report]:
        """Report each open request of a send, with the command that settles it."""
        if surveyed.comparison.standing is not Standing.UNKNOWN or surveyed.record is None:
            return
        send = surveyed.send
        for request in surveyed.comparison.unknown:
            yield Report(
                _message(send.address, request),
                send.places.root,
                _commands(send.address, request, surveyed.record, context),
            )

    def check_project(self, context: Context) -> Iterator[Report]:
        """Report the open requests of sends that are only in the ledger."""
        place = Place(str(context.project.directory / "sendspec.yaml"))
        present = {send.address for send in context.sends}
        for address, record in context.ledger.sends.items():
            if address in present:
                continue
            for request in record.all_requests:
                if request.state.is_open:
                    message = f"{_message(address, request)}, and the send is no longer in the specs"
                    yield Report(message, place, _commands(address, request, record, context), Level.WARNING)


def _message(address: str, request: RequestRecord) -> str:
    why = f": {request.evidence}" if request.evidence else ""
    return f"whether {address}#{request.batch} was accepted at {request.at} is not known{why}"


def _commands(address: str, request: RequestRecord, record: SendRecord, context: Context) -> str:
    """Give the two commands that settle a request, ready for a shell."""
    found = "JOBID" if record.endpoint is Endpoint.CONTACT_SOURCE else "TRANSACTIONID"
    command = ["sendspec", "resolve", f"{address}#{request.batch}", *_where(context)]
    start = shlex.join(command)
    return (
        "find it in the vendor's reports, then "
        f"`{start} --sent {found} --reason TEXT` or `{start} --not-sent --reason TEXT`"
    )


def _where(context: Context) -> Iterable[str]:
    directory = str(context.project.directory)
    if directory != _DEFAULT_DIRECTORY:
        yield from ("--dir", directory)
    if context.target.name != _DEFAULT_TARGET:
        yield from ("--target", context.target.name)
