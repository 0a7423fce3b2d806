"""The published message of a send is unknown to the vendor.

What: only `plan --online` checks this. `publishedMessageId` and `contentId` must be ids of published SMS
messages of the organisation; the vendor lists messages of other channels separately. A warning reports a
message whose SMS programs do not include that of the send, a message without an active program for a send
to a contact source, and such a send if neither it nor the message has a contact source. A `contactSourceId`
that differs from the message's own is not a defect; the plan shows both. The rule ignores sends that are
already sent.

Why: the vendor refuses the request, and a scheduled campaign is then late. A message of another program
may reach people under a sender that they do not know.

Source: Acoustic Campaign, sending to a contact source: "Unable to find published DeliveryDraft with
contentId <id>", and an absent `contactSourceId` is the published message's own; "Get published messages"
(`contactSourceId`, `programIds`); "What is an active program?" (a program sends only while it is active).
All were read on 2026-11-27.

Bad (the vendor's list does not have the message):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58d
        contactSourceId: 4396816
        messageName: spring-sale-teaser
        scheduledDate: "2036-03-01T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale-teaser
        scheduledDate: "2036-03-01T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import PROGRAM_PROPERTY, Level, message_property
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.vendor_ids import is_comparable, is_usual, label, nearest_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Location, Send, VendorCatalog
    from sendspec.model import PublishedMessage as ListedMessage
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class PublishedMessage(Rule):
    """Published messages that the vendor does not list, or that do not fit the send."""

    id = "published-message"
    group = RuleGroup.API
    level = Level.ERROR
    only_online = True
    reasons: ClassVar = {
        "unknown": "the vendor's list of published SMS does not have the message",
        "other-program": "the message belongs to other SMS programs than that of the send",
        "inactive-program": "the SMS programs of the message are not active",
        "no-contact-source": "neither the send nor the message has a contact source",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the published message of a pending send against the vendor's lists."""
        send, catalog = checked_send.send, context.catalog
        name = message_property(send)
        if catalog is None or name is None or not checked_send.pending:
            return
        location = send.locations.of(name)
        message = catalog.message_of(send)
        if message is None:
            identifier = str(send.payload[name])
            yield Violation(
                "unknown",
                f"the vendor's list of published SMS messages does not have '{identifier}'",
                location,
                _suggestion(send, identifier, catalog),
            )
        elif send.endpoint.traits.has_contacts:
            yield from _other_program(send, message, catalog)
        else:
            yield from _job_violations(send, message, catalog, location)


def _suggestion(send: Send, identifier: str, catalog: VendorCatalog) -> str:
    near = nearest_id(identifier, catalog.messages) or _id_of_name(
        str(send.payload.get("messageName", "")), catalog
    )
    if near is not None:
        return f"did you mean {catalog.messages[near].id}, the message {label(catalog.messages[near])}?"
    return "copy the Content ID of a published SMS message of this organisation"


def _id_of_name(name: str, catalog: VendorCatalog) -> str | None:
    """Return the id of the only message with this name, because people name a send job after its message."""
    wanted = name.strip().casefold()
    known = catalog.messages.items()
    found = [each for each, message in known if wanted and wanted == message.name.strip().casefold()]
    return found[0] if len(found) == 1 else None


def _other_program(send: Send, message: ListedMessage, catalog: VendorCatalog) -> Iterator[Violation]:
    """Yield a violation if the message has listed programs, and that of the send is not one of them."""
    program = catalog.program_of(send)
    own = [each for listed in message.program_ids if (each := catalog.program(listed)) is not None]
    if program is not None and own and program not in own:
        yield Violation(
            "other-program",
            f"the published message {label(message)} belongs to the SMS program {label(own[0])}, "
            f"but the send uses {label(program)}",
            send.locations.of(PROGRAM_PROPERTY),
            "check which program must send the message",
            Level.WARNING,
        )


def _job_violations(
    send: Send, message: ListedMessage, catalog: VendorCatalog, location: Location
) -> Iterator[Violation]:
    programs = [catalog.program(listed) for listed in message.program_ids]
    comparable = all(
        is_usual(listed) and is_comparable(listed, catalog.programs) for listed in message.program_ids
    )
    if programs and comparable and not any(program and program.active for program in programs):
        yield Violation(
            "inactive-program",
            f"the vendor's list does not have an active SMS program of the message {label(message)}",
            location,
            "use another message, or activate a program of this one at the vendor",
            Level.WARNING,
        )
    if message.contact_source_id is None and not send.payload.get("contactSourceId"):
        yield Violation(
            "no-contact-source",
            f"neither the send nor the published message {label(message)} has a contact source",
            location,
            "write the id of the list in `contactSourceId`",
            Level.WARNING,
        )
