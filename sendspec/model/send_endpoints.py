"""The endpoints that send, and how they differ: one table for every other package.

Source: Acoustic Campaign, SMS API: `sendjobs` answers 201 with a numeric job id and refuses a
`messageName` that exists already; `sends` and `externalconsentsends` answer 202 with a transaction
id and have no such check.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Endpoint(StrEnum):
    """The calls that send; the names are those of the specs, the calls are the API's."""

    CONTACT_SOURCE = "contact-source"
    CONTACTS = "contacts"
    EXTERNAL_CONSENT = "external-consent"

    @property
    def traits(self) -> EndpointTraits:
        """How this endpoint differs from the others."""
        return _TRAITS[self]

    @property
    def number_property(self) -> str:
        """The contact's property with the phone number; raises ValueError if the vendor keeps contacts."""
        name = self.traits.number_property
        if name is None:
            raise ValueError(f"requests to {self.value} carry no contacts")
        return name


class IdKind(Enum):
    """The kind of id that an accepted request gets."""

    JOB = auto()
    """A positive integer; the API has no status call for it."""
    TRANSACTION = auto()
    """An opaque string; the status call takes it."""


class EndpointTraits(Struct, frozen=True):
    """One row of the endpoint table.

    `path` is below `/rest`. `path_property` is the property of the payload that fills `{id}` in it;
    the body does not carry that property. `number_property` is the contact's property with the phone
    number, None if the vendor keeps the contacts. `lookup` says whether a contact may be named by a
    `contactLookup`, and so whether the vendor fills tags from its database. `schedulable` means that the
    payload may have a `scheduledDate`.
    """

    path: str
    accepted_status: int
    id_kind: IdKind
    number_property: str | None = None
    lookup: bool = False
    checks_consent: bool = True
    path_property: str | None = None
    unique_name_property: str | None = None
    schedulable: bool = False

    @property
    def has_contacts(self) -> bool:
        """Whether the request carries the contacts, not a reference to the vendor's own list."""
        return self.number_property is not None

    @property
    def identity_properties(self) -> tuple[str, ...]:
        """The properties of a contact that may name it, of which a contact has one."""
        lookup = ("contactLookup",) if self.lookup else ()
        return lookup if self.number_property is None else (self.number_property, *lookup)

    @property
    def repeatable(self) -> bool:
        """Whether the vendor refuses a second request of the same name, so that repeating it is safe."""
        return self.unique_name_property is not None


_TRAITS: Final[Mapping[Endpoint, EndpointTraits]] = MappingProxyType(
    {
        Endpoint.CONTACT_SOURCE: EndpointTraits(
            path="/channels/sms/publishedmessages/{id}/sendjobs",
            accepted_status=201,
            id_kind=IdKind.JOB,
            path_property="publishedMessageId",
            unique_name_property="messageName",
            schedulable=True,
        ),
        Endpoint.CONTACTS: EndpointTraits(
            path="/channels/sms/sends",
            accepted_status=202,
            id_kind=IdKind.TRANSACTION,
            number_property="contactId",
            lookup=True,
        ),
        Endpoint.EXTERNAL_CONSENT: EndpointTraits(
            path="/channels/sms/externalconsentsends",
            accepted_status=202,
            id_kind=IdKind.TRANSACTION,
            number_property="phoneNumber",
            checks_consent=False,
        ),
    }
)
