"""Every rule there is, in the order of the catalogue; a rule that is not here does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.rules.audience_changed_mid_send import AudienceChangedMidSend
from sendspec.rules.batching import Batching
from sendspec.rules.changed_after_send import ChangedAfterSend
from sendspec.rules.contact_identity import ContactIdentity
from sendspec.rules.content_length import ContentLength
from sendspec.rules.content_source import ContentSource
from sendspec.rules.duplicate_contact import DuplicateContact
from sendspec.rules.duplicate_message_name import DuplicateMessageName
from sendspec.rules.external_field_length import ExternalFieldLength
from sendspec.rules.fictional_number import FictionalNumber
from sendspec.rules.marketing_consent import MarketingConsent
from sendspec.rules.max_recipients import MaxRecipients
from sendspec.rules.message_name import MessageName
from sendspec.rules.phone_number import PhoneNumber
from sendspec.rules.schedule import Schedule
from sendspec.rules.unknown_outcome import UnknownOutcome
from sendspec.rules.unresolved_tag import UnresolvedTag
from sendspec.rules.window import Window

if TYPE_CHECKING:
    from sendspec.rules._lib.base import Rule

RULES: Final[tuple[Rule, ...]] = (
    # what the API would refuse
    ContentLength(),
    ContentSource(),
    ExternalFieldLength(),
    MessageName(),
    DuplicateMessageName(),
    UnresolvedTag(),
    ContactIdentity(),
    PhoneNumber(),
    Schedule(),
    MarketingConsent(),
    Batching(),
    # when it lands
    Window(),
    # who gets it
    DuplicateContact(),
    MaxRecipients(),
    FictionalNumber(),
    # the ledger
    ChangedAfterSend(),
    AudienceChangedMidSend(),
    UnknownOutcome(),
)
