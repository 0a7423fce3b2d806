"""The vendor's lists of SMS programs and published messages, as one plan reads them.

Source: Acoustic Campaign, "Get SMS programs" and "Get published messages" (read on 2026-11-27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model.sends import Send

PROGRAM_PROPERTY: Final = "channelQualifier"
"""The property that names an SMS program; a send to a contact source has none."""
_MESSAGE_PROPERTIES: Final = ("publishedMessageId", "contentId")


def message_property(send: Send) -> str | None:
    """Return the property of a send's payload that names a published message, None if it has its own text."""
    return next((name for name in _MESSAGE_PROPERTIES if send.payload.get(name)), None)


class SmsProgram(Struct, frozen=True):
    """An SMS program; `name`, `code` and `sender` are text of the vendor, masked, '' if it reports none.

    Recipients see the `sender`, which not every country supports, or the short or long `code`. `country` is
    an ISO 3166 code or ''. The vendor documents the list as that of active programs, so a program is active
    unless its status says something else.
    """

    id: str
    name: str = ""
    code: str = ""
    sender: str = ""
    country: str = ""
    active: bool = True


class PublishedMessage(Struct, frozen=True):
    """A published SMS; `name` is text of the vendor, masked.

    `contact_source_id` is the list that the vendor uses if a send names none, None if the vendor reports
    none. `program_ids` are its SMS programs.
    """

    id: str
    name: str = ""
    contact_source_id: int | None = None
    program_ids: tuple[str, ...] = ()


class VendorCatalog(Struct, frozen=True):
    """Every SMS program and every published SMS of an organisation, by id in lower case."""

    programs: Mapping[str, SmsProgram] = field(default_factory=dict)
    messages: Mapping[str, PublishedMessage] = field(default_factory=dict)

    @classmethod
    def of(cls, programs: Iterable[SmsProgram], messages: Iterable[PublishedMessage]) -> Self:
        """Return the catalog with these entries."""
        return cls(
            {program.id.casefold(): program for program in programs},
            {message.id.casefold(): message for message in messages},
        )

    def program(self, identifier: object) -> SmsProgram | None:
        """Return the program with this id, in any case, or None."""
        return self.programs.get(str(identifier).casefold())

    def program_of(self, send: Send) -> SmsProgram | None:
        """Return the program that a send names, None if it names none or one that is not in the list."""
        return self.program(send.payload.get(PROGRAM_PROPERTY, ""))

    def message_of(self, send: Send) -> PublishedMessage | None:
        """Return the published message that a send names, None if it names none or an unknown one."""
        name = message_property(send)
        return None if name is None else self.messages.get(str(send.payload[name]).casefold())
