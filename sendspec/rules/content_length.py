r"""A text is empty, or longer than the API takes.

What: `content` must hold at least one visible character and at most 800, counted twice: as it is
written, tags included, and as the longest message that the tags make of it for a recipient of this
send. A text with characters outside GSM-7 should stay within 400 (a warning). Characters are counted
as the network does: in GSM-7 `€ [ ] { } ^ ~ | \` take two each, outside of it an emoji does. A tag
that a database field fills has a length that only the vendor knows.

Why: the API refuses the whole request, or a text that passes as written is refused or cut once the
tags are filled. Whether the vendor counts before or after filling is not documented.

Source: Acoustic Campaign, sending an SMS to contacts and with external consent: 400 `SMS content
should be present`, 400 `The message exceeded the maximum 800 character limit.`; its page on message
length: 800 GSM-7 or 400 UCS-2 characters, in six parts at most.

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

from typing import TYPE_CHECKING, Final

from sendspec import sms
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation, Watch, text_of
from sendspec.rules._lib.examples import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.base import CheckedSend, Context

LIMIT: Final = 800
UCS2_LIMIT: Final = 400


class ContentLength(Rule):
    """The length of `content`, as written and as filled."""

    id = "content-length"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Look at the text as it is written."""
        send = checked_send.send
        content = text_of(send)
        if content is None:
            return
        location = send.locations.of("content")
        length = sms.length(content)
        if not content.strip():
            yield Violation(
                "content is empty", location, "write the text, or name a published message in contentId"
            )
        elif length > LIMIT:
            message = f"content has {length:,} characters{_doubled(content)}, the API takes {LIMIT} at most"
            yield Violation(message, location, _shorten(content))
        elif _long_ucs2(content, length):
            message = f"content has {length} characters, some outside GSM-7; then {UCS2_LIMIT} is the most"
            yield Violation(message, location, _shorten(content), Level.WARNING)

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look at what the tags make of the text, where it has any and is not too long already."""
        content = text_of(send)
        if content is None or not sms.tags_in(content) or sms.length(content) > LIMIT:
            return None
        return _Filled(content, send.payload.get("personalizationDefaults", {}))


def _long_ucs2(text: str, length: int) -> bool:
    return length > UCS2_LIMIT and not sms.is_gsm7(text)


def _doubled(content: str) -> str:
    if sms.length(content) == len(content):
        return ""
    return " (€, [ and the like count twice)" if sms.is_gsm7(content) else " (an emoji counts twice)"


def _shorten(content: str) -> str:
    if sms.is_gsm7(content):
        return "shorten it, or put the rest behind a link"
    return "characters outside GSM-7 halve what fits: replace them, or shorten it"


def _room(content: str, defaults: Mapping[str, str]) -> float:
    """Give how many characters the values of a recipient may have without a need to measure.

    A character counts for two at most, so what stays below half of the lower limit is fine, however
    often a tag is used, and with all defaults added for good measure.
    """
    tags = sms.tags_in(content)
    fixed = len(sms.substitute(content, dict.fromkeys(tags, ""), {}))
    fallback = sum(len(defaults.get(tag, f"%%{tag}%%")) for tag in tags)
    most_uses = max(content.count(f"%%{tag}%%") for tag in tags)
    return (UCS2_LIMIT // 2 - fixed) / most_uses - fallback


class _Filled(Watch):
    """The messages that are too long once filled; renders only those that can be."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._content = content
        self._defaults = defaults
        self._said = _long_ucs2(content, sms.length(content))  # of the text as written; once is enough
        self._room = _room(content, defaults)
        self._over = Rows()
        self._ucs2_over = Rows()
        self._longest = self._ucs2_longest = 0

    def see(self, contacts: Sequence[Contact]) -> None:
        room = self._room
        for contact in contacts:
            if sum(map(len, contact.personalization.values())) > room:
                self._measure(contact)

    def _measure(self, contact: Contact) -> None:
        text = sms.substitute(self._content, contact.personalization, self._defaults)
        length = sms.length(text)
        if length > LIMIT:
            self._over.add(contact.location)
            self._longest = max(self._longest, length)
        elif not self._said and _long_ucs2(text, length):
            self._ucs2_over.add(contact.location)
            self._ucs2_longest = max(self._ucs2_longest, length)

    def reports(self) -> Iterator[Violation]:
        hint = "shorten the text or the values"
        if self._over.count:
            message = (
                f"the text of {pluralize(self._over.count, 'recipient')} has more than {LIMIT} characters "
                f"once its tags are filled, the longest {self._longest:,}{self._over.also()}"
            )
            yield Violation(message, self._over.first, hint)
        if self._ucs2_over.count:
            message = (
                f"the text of {pluralize(self._ucs2_over.count, 'recipient')} has characters outside GSM-7 "
                f"once its tags are filled, and more than {UCS2_LIMIT} in all, the longest "
                f"{self._ucs2_longest}{self._ucs2_over.also()}"
            )
            yield Violation(message, self._ucs2_over.first, hint, Level.WARNING)
