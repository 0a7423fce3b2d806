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

from typing import TYPE_CHECKING, ClassVar

from sendspec import sms
from sendspec.model import Level
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import AudienceFacts
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ContentLength(Rule):
    """The length of `content`, as written and with filled tags."""

    id = "content-length"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "empty": "the text is empty",
        "too-long": "the text as written is too long",
        "too-long-ucs2": "the text as written is too long for its characters outside GSM-7",
        "too-long-filled": "the text is too long with its tags filled",
        "too-long-filled-ucs2": "with its tags filled, the text is too long for characters outside GSM-7",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the text as written, and the filled texts unless it is already too long."""
        send = checked_send.send
        content = send.inline_text
        if content is None:
            return
        length = sms.length(content)
        is_long_ucs2 = _is_long_ucs2(content, length)
        if not content.strip():
            hint = "write the text, or name a published message in contentId"
            yield Violation("empty", "content is empty", send.locations.of("content"), hint)
        elif length > sms.CHARACTERS_MAX:
            message = (
                f"content has {length:,} characters{_doubled(content)}, "
                f"but the API accepts at most {sms.CHARACTERS_MAX}"
            )
            yield Violation("too-long", message, send.locations.of("content"), _shorten(content))
        elif is_long_ucs2:
            message = (
                f"content has {length} characters, but at most {sms.UCS2_CHARACTERS_MAX} fit "
                "with characters outside GSM-7"
            )
            location, hint = send.locations.of("content"), _shorten(content)
            yield Violation("too-long-ucs2", message, location, hint, Level.WARNING)
        if checked_send.facts is not None and length <= sms.CHARACTERS_MAX:
            yield from _filled(checked_send.facts, is_long_ucs2=is_long_ucs2)


def _is_long_ucs2(text: str, length: int) -> bool:
    return length > sms.UCS2_CHARACTERS_MAX and not sms.is_gsm7(text)


def _doubled(content: str) -> str:
    if sms.length(content) == len(content):
        return ""
    return " (characters such as € and [ count twice)" if sms.is_gsm7(content) else " (an emoji counts twice)"


def _shorten(content: str) -> str:
    if sms.is_gsm7(content):
        return "shorten the text, or move a part of it behind a link"
    return "replace the characters outside GSM-7, which halve the limit, or shorten the text"


def _filled(facts: AudienceFacts, *, is_long_ucs2: bool) -> Iterator[Violation]:
    """Yield violations for texts with filled tags; `is_long_ucs2` if the text as written is too long."""
    hint = "shorten the text or the values"
    if facts.too_long is not None:
        texts = facts.too_long.occurrences
        rest = f"more than {sms.CHARACTERS_MAX} characters; the longest has {facts.too_long.longest:,}"
        yield Violation("too-long-filled", sentence(texts, "filled text", "has", rest), texts.first, hint)
    if facts.too_long_ucs2 is not None and not is_long_ucs2:
        texts = facts.too_long_ucs2.occurrences
        rest = (
            f"characters outside GSM-7 and more than {sms.UCS2_CHARACTERS_MAX} characters; "
            f"the longest has {facts.too_long_ucs2.longest}"
        )
        message = sentence(texts, "filled text", "has", rest)
        yield Violation("too-long-filled-ucs2", message, texts.first, hint, Level.WARNING)
