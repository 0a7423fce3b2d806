"""Error messages of the API: one entry per documented refusal, with its text to the letter.

Source: the answer tables of the vendor's pages on sending to a contact source, to contacts and with
external consent. Mistakes in the texts ("RefrenceId", a missing space) are the vendor's.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct


class ErrorMessage(Struct, frozen=True):
    """The status and the text of one refusal; `message` is a template for `str.format`.

    `field` is the property that `fieldErrors` names if the errors are placed there. `always_in_field`
    marks a refusal that the vendor documents in `fieldErrors`, independent of the others.
    """

    status: int
    message: str
    field: str | None = None
    always_in_field: bool = False


class Refusal(Enum):
    """Every documented refusal; the names of the members are this project's."""

    # contact-source
    SOURCE_NOT_ENABLED = ErrorMessage(400, "Contact source {id}is not enabled for SMS.", "contactSourceId")
    SOURCE_UNKNOWN = ErrorMessage(400, "Contact source ID {id} does not exist.", "contactSourceId")
    SOURCE_FOREIGN = ErrorMessage(400, "Contact source access denied", "contactSourceId")
    MESSAGE_UNKNOWN = ErrorMessage(
        400, "Unable to find published DeliveryDraft with contentId {id}", "contentId"
    )
    NAME_BLANK = ErrorMessage(400, "Invalid message name", "messageName")
    NAME_TAKEN = ErrorMessage(400, "A SMS with the name: {name} already exists", "messageName")
    SYSTEM_NAME_LONG = ErrorMessage(
        400, "Length of External System Name cannot exceed 2000 characters.", "externalSystemName"
    )
    REFERENCE_LONG = ErrorMessage(
        400,
        "Length of External System RefrenceId cannot exceed 2000 characters.",
        "externalSystemReferenceId",
    )
    FAILURE = ErrorMessage(400, "Failure")

    # contacts and external-consent
    TAG_UNMATCHED = ErrorMessage(400, "Wrong personalization tags {tag}", "content")
    NOT_JSON = ErrorMessage(400, "Bad request")
    PROGRAM = ErrorMessage(
        400, "SMS Program is inactive or not found with identifier {id}.", "channelQualifier"
    )
    QUALIFIER_EMPTY = ErrorMessage(
        400, "Channel qualifier should be present", "channelQualifier", always_in_field=True
    )
    CONTENT_LONG = ErrorMessage(400, "The message exceeded the maximum 800 character limit.", "content")
    CONTENT_EMPTY = ErrorMessage(400, "SMS content should be present", "content")
    CONTACTS_COUNT = ErrorMessage(
        400, "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.", "contacts"
    )
    CONTACT_EMPTY = ErrorMessage(
        400,
        "Contact information is empty. Please provide contact identifier or lookup keys.",
        "contacts",
    )

    # every operation
    TOKEN_EXPIRED = ErrorMessage(401, "The access token has expired. Token provided was: {token}")
    FORBIDDEN = ErrorMessage(403, "Forbidden")


class Refused(Exception):
    """A request that the sandbox refuses; `values` fill the template of the message."""

    def __init__(self, refusal: Refusal, **values: object) -> None:
        self.error = refusal.value
        self.message = refusal.value.message.format(**values)
        super().__init__(self.message)


BUSY: Final = "Max number of concurrent requests reached"
"""The refusal above the concurrency limit; only "max number of concurrent" of the vendor's text is known."""

STATUS_UNKNOWN: Final = "Transaction status not found. Please try your request again in a few minutes."

# These texts are the sandbox's, because the vendor does not document why a contact got no message.
NOT_OPTED_IN: Final = "Contact is not opted in to the SMS program"
INVALID_NUMBER: Final = "Phone number is invalid"
NO_SUCH_CONTACT: Final = "Contact not found"
