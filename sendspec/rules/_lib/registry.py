"""Registry of all rules, in the order of their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.rules.audience_change import AudienceChange
from sendspec.rules.audience_changed_mid_send import AudienceChangedMidSend
from sendspec.rules.batching import Batching
from sendspec.rules.brand_missing import BrandMissing
from sendspec.rules.budget import Budget
from sendspec.rules.changed_after_send import ChangedAfterSend
from sendspec.rules.comment_in_text import CommentInText
from sendspec.rules.contact_identity import ContactIdentity
from sendspec.rules.content_length import ContentLength
from sendspec.rules.content_source import ContentSource
from sendspec.rules.default_audience import DefaultAudience
from sendspec.rules.duplicate_contact import DuplicateContact
from sendspec.rules.duplicate_content import DuplicateContent
from sendspec.rules.duplicate_message_name import DuplicateMessageName
from sendspec.rules.exclude_missing import ExcludeMissing
from sendspec.rules.external_field_length import ExternalFieldLength
from sendspec.rules.extra_line_break import ExtraLineBreak
from sendspec.rules.fictional_number import FictionalNumber
from sendspec.rules.frequency_cap import FrequencyCap
from sendspec.rules.hidden_rows import HiddenRows
from sendspec.rules.ignored_file import IgnoredFile
from sendspec.rules.invisible_character import InvisibleCharacter
from sendspec.rules.late_send import LateSend
from sendspec.rules.leftover import Leftover
from sendspec.rules.link import LinkRule
from sendspec.rules.list_absent import ListAbsent
from sendspec.rules.marketing_consent import MarketingConsent
from sendspec.rules.max_recipients import MaxRecipients
from sendspec.rules.max_segments import MaxSegments
from sendspec.rules.message_name import MessageName
from sendspec.rules.no_recipients import NoRecipients
from sendspec.rules.opt_out_missing import OptOutMissing
from sendspec.rules.overlap import Overlap
from sendspec.rules.phone_in_repository import PhoneInRepository
from sendspec.rules.phone_number import PhoneNumber
from sendspec.rules.program import Program
from sendspec.rules.public_shortener import PublicShortener
from sendspec.rules.published_message import PublishedMessage
from sendspec.rules.quiet_hours import QuietHours
from sendspec.rules.renamed_send import RenamedSend
from sendspec.rules.restricted_content import RestrictedContent
from sendspec.rules.schedule import Schedule
from sendspec.rules.secret_in_spec import SecretInSpec
from sendspec.rules.segment_spill import SegmentSpill
from sendspec.rules.stale_date import StaleDateRule
from sendspec.rules.state_hours import StateHours
from sendspec.rules.suppressed_contact import SuppressedContact
from sendspec.rules.ucs2_character import Ucs2Character
from sendspec.rules.unknown_outcome import UnknownOutcome
from sendspec.rules.unknown_timezone import UnknownTimezone
from sendspec.rules.unresolved_tag import UnresolvedTag
from sendspec.rules.value_shape import ValueShape
from sendspec.rules.window import Window

if TYPE_CHECKING:
    from sendspec.rules._lib.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    # api
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
    Program(),
    PublishedMessage(),
    # cost
    InvisibleCharacter(),
    Ucs2Character(),
    SegmentSpill(),
    MaxSegments(),
    Budget(),
    # time
    Window(),
    Batching(),
    LateSend(),
    QuietHours(),
    StateHours(),
    UnknownTimezone(),
    # content
    CommentInText(),
    OptOutMissing(),
    BrandMissing(),
    PublicShortener(),
    LinkRule(),
    RestrictedContent(),
    StaleDateRule(),
    Leftover(),
    ValueShape(),
    ExtraLineBreak(),
    # people
    DefaultAudience(),
    ExcludeMissing(),
    ListAbsent(),
    DuplicateContact(),
    SuppressedContact(),
    NoRecipients(),
    HiddenRows(),
    IgnoredFile(),
    MaxRecipients(),
    AudienceChange(),
    Overlap(),
    DuplicateContent(),
    FrequencyCap(),
    FictionalNumber(),
    # privacy
    PhoneInRepository(),
    SecretInSpec(),
    # ledger
    RenamedSend(),
    ChangedAfterSend(),
    AudienceChangedMidSend(),
    UnknownOutcome(),
)
