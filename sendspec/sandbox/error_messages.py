"""What the API says when it refuses: one row a documented case, exact to the letter.

Source: the answer tables of the vendor's pages on sending to a contact source, to contacts and
with external consent. Mistakes in the texts ("RefrenceId", a missing space) are the vendor's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal: `message` has holes for `str.format`.

    `field` is the property it is about, which matters where 400s are told in `fieldErrors`;
    `in_field` marks the ones that the vendor documents there whatever the others do.
    """

    status: int
    message: str
    field: str | None = None
    in_field: bool = False


class Refusal(Enum):
    """Every documented refusal; the names are this project's."""

    # contact-source
    SOURCE_NOT_ENABLED = Row(400, "Contact source {id}is not enabled for SMS.", "contactSourceId")
    SOURCE_UNKNOWN = Row(400, "Contact source ID {id} does not exist.", "contactSourceId")
    SOURCE_FOREIGN = Row(400, "Contact source access denied", "contactSourceId")
    MESSAGE_UNKNOWN = Row(400, "Unable to find published DeliveryDraft with contentId {id}", "contentId")
    NAME_BLANK = Row(400, "Invalid message name", "messageName")
    NAME_TAKEN = Row(400, "A SMS with the name: {name} already exists", "messageName")
    SYSTEM_NAME_LONG = Row(
        400, "Length of External System Name cannot exceed 2000 characters.", "externalSystemName"
    )
    REFERENCE_LONG = Row(
        400,
        "Length of External System RefrenceId cannot exceed 2000 characters.",
        "externalSystemReferenceId",
    )
    FAILURE = Row(400, "Failure")

    # contacts and external-consent
    TAG_UNMATCHED = Row(400, "Wrong personalization tags {tag}", "content")
    NOT_JSON = Row(400, "Bad request")
    PROGRAM = Row(400, "SMS Program is inactive or not found with identifier {id}.", "channelQualifier")
    QUALIFIER_EMPTY = Row(400, "Channel qualifier should be present", "channelQualifier", in_field=True)
    CONTENT_LONG = Row(400, "The message exceeded the maximum 800 character limit.", "content")
    CONTENT_EMPTY = Row(400, "SMS content should be present", "content")
    CONTACTS_COUNT = Row(
        400, "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.", "contacts"
    )
    CONTACT_EMPTY = Row(
        400,
        "Contact information is empty. Please provide contact identifier or lookup keys.",
        "contacts",
    )

    # every call
    TOKEN_EXPIRED = Row(401, "The access token has expired. Token provided was: {token}")
    FORBIDDEN = Row(403, "Forbidden")


class Refused(Exception):
    """A request that is not accepted, by the documented `case`; `holes` fill its message."""

    def __init__(self, case: Refusal, **holes: object) -> None:
        self.row = case.value
        self.message = case.value.message.format(**holes)
        super().__init__(self.message)


BUSY: Final = "The request was refused: max number of concurrent requests reached"
"""The refusal of the 11th request; only "max number of concurrent" has been seen of the vendor's text."""

STATUS_UNKNOWN: Final = "Transaction status not found. Please try your request again in a few minutes."

# Why a contact got no SMS: the vendor's words are not documented, these are the sandbox's.
NOT_OPTED_IN: Final = "Contact is not opted in to the SMS program"
INVALID_NUMBER: Final = "Phone number is invalid"
NO_SUCH_CONTACT: Final = "Contact not found"
