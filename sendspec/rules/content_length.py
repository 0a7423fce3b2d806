r"""The text is empty, or longer than the API accepts.

What: `content` must have at least one visible character and at most 800 characters. The rule counts
twice: the text as written, with its tags, and the longest text with the tags filled for a recipient.
A text with characters outside GSM-7 should have at most 400 (a warning). Characters are counted as
the network counts them: in GSM-7, `€ [ ] { } ^ ~ | \` count twice; outside it, an emoji does. The
vendor alone has the length of a tag that a database field fills.

Why: the API refuses the whole request, or refuses or cuts a text that is too long with filled tags.
The vendor does not document whether it counts before or after filling.

Source: Acoustic Campaign, sending an SMS to contacts and with external consent: 400 `SMS content
should be present`, 400 `The message exceeded the maximum 800 character limit.`; its page on message
length: 800 GSM-7 or 400 UCS-2 characters, in at most six parts.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: " "
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec import sms
from sendspec.model import Level
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import ViolationCount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

CHARACTERS_MAX: Final = 800
UCS2_CHARACTERS_MAX: Final = 400


class ContentLength(Rule):
    """The length of `content`, as written and with filled tags."""

    id = "content-length"
    level = Level.ERROR
    reasons: ClassVar = {
        "empty": "the text is empty",
        "too-long": "the text as written is too long",
        "too-long-ucs2": "the text as written is too long for its characters outside GSM-7",
        "too-long-filled": "the text is too long with its tags filled",
        "too-long-filled-ucs2": "with its tags filled, the text is too long for characters outside GSM-7",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check the text as written."""
        send = checked_send.send
        content = send.inline_text
        if content is None:
            return
        location = send.locations.of("content")
        length = sms.length(content)
        if not content.strip():
            hint = "write the text, or name a published message in contentId"
            yield Violation("empty", "content is empty", location, hint)
        elif length > CHARACTERS_MAX:
            message = (
                f"content has {length:,} characters{_doubled(content)}, "
                f"but the API accepts at most {CHARACTERS_MAX}"
            )
            yield Violation("too-long", message, location, _shorten(content))
        elif _is_long_ucs2(content, length):
            message = (
                f"content has {length} characters, but at most {UCS2_CHARACTERS_MAX} fit "
                "with characters outside GSM-7"
            )
            yield Violation("too-long-ucs2", message, location, _shorten(content), Level.WARNING)

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check the filled texts, if the text has tags and is not already too long."""
        content = send.inline_text
        if content is None or not sms.tags_in(content) or sms.length(content) > CHARACTERS_MAX:
            return None
        return _FilledLengthCheck(content, send.payload.get("personalizationDefaults", {}))


def _is_long_ucs2(text: str, length: int) -> bool:
    return length > UCS2_CHARACTERS_MAX and not sms.is_gsm7(text)


def _doubled(content: str) -> str:
    if sms.length(content) == len(content):
        return ""
    return " (characters such as € and [ count twice)" if sms.is_gsm7(content) else " (an emoji counts twice)"


def _shorten(content: str) -> str:
    if sms.is_gsm7(content):
        return "shorten the text, or move a part of it behind a link"
    return "replace the characters outside GSM-7, which halve the limit, or shorten the text"


def _unmeasured_characters_max(content: str, defaults: Mapping[str, str]) -> float:
    """Return how many characters the values of a recipient may have without a measurement.

    A character counts at most twice, so a text below half of the lower limit is never too long. The
    bound assumes that every value fills the most used tag, and that every default is used too.
    """
    tags = sms.tags_in(content)
    fixed = len(sms.substitute(content, dict.fromkeys(tags, ""), {}))
    fallback = sum(len(defaults.get(tag, f"%%{tag}%%")) for tag in tags)
    most_uses = max(content.count(f"%%{tag}%%") for tag in tags)
    return (UCS2_CHARACTERS_MAX // 2 - fixed) / most_uses - fallback


class _FilledLengthCheck(ContactCheck):
    """Check of the filled texts; fills only those that can be too long."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._content = content
        self._defaults = defaults
        # `check_send` reports a long UCS-2 text as written, so the filled texts add nothing.
        self._is_long_ucs2 = _is_long_ucs2(content, sms.length(content))
        self._unmeasured_max = _unmeasured_characters_max(content, defaults)
        self._too_long, self._too_long_ucs2 = ViolationCount(), ViolationCount()
        self._longest = self._longest_ucs2 = 0

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        unmeasured_max = self._unmeasured_max
        for contact in contacts:
            if sum(map(len, contact.personalization.values())) > unmeasured_max:
                self._measure(contact)

    def _measure(self, contact: Contact) -> None:
        text = sms.substitute(self._content, contact.personalization, self._defaults)
        length = sms.length(text)
        if length > CHARACTERS_MAX:
            self._too_long.add(contact.location)
            self._longest = max(self._longest, length)
        elif not self._is_long_ucs2 and _is_long_ucs2(text, length):
            self._too_long_ucs2.add(contact.location)
            self._longest_ucs2 = max(self._longest_ucs2, length)

    def violations(self) -> Iterator[Violation]:
        hint = "shorten the text or the values"
        if self._too_long.count:
            message = self._too_long.sentence(
                "filled text",
                "has",
                f"more than {CHARACTERS_MAX} characters; the longest has {self._longest:,}",
            )
            yield Violation("too-long-filled", message, self._too_long.first, hint)
        if self._too_long_ucs2.count:
            message = self._too_long_ucs2.sentence(
                "filled text",
                "has",
                f"characters outside GSM-7 and more than {UCS2_CHARACTERS_MAX} characters; "
                f"the longest has {self._longest_ucs2}",
            )
            yield Violation("too-long-filled-ucs2", message, self._too_long_ucs2.first, hint, Level.WARNING)
