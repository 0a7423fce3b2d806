"""A character makes the text UCS-2, which costs more segments.

What: if plain twins of GSM-7 can replace all characters of `content` and its defaults that are outside
of it, the rule names these characters, and the segments of all recipients before and after.

- Typographic characters, such as ’ “ – … and the no-break space, are a warning if they cost segments,
  and else a note.
- A letter such as ç, ã or É with another accent is a note, once a send, and only if it costs segments.
  The language decides whether people accept the letter without its accent.
- A text that needs UCS-2 anyway, because of an emoji or letters such as ł, ş, я and 李, has no finding.
- With `characterSwapEnabled: true` every finding is a note, because the vendor may replace the
  characters. It does not document which.

`sendspec fmt --fix ucs2-character` replaces the typographic characters that the rule reports.

With `pricing` in `sendspec.yaml` the finding also has the prices. Values of contacts are the subject of
`segment-spill`.

Why: a segment has 160 characters of GSM-7, or 70 of UCS-2. A single quote from a word processor makes
one segment two or three, for each recipient.

Source: 3GPP TS 23.038 V18.0.0, 6.2.1, the alphabets of an SMS; 3GPP TS 23.040 V18.0.0, 9.2.3.24, the
segments. The twins are in `sendspec/text_defects/plain_twins.csv`, with a source for each.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "We’re sorry: your flight now leaves from gate B12. Boarding starts 20 minutes later."
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "We're sorry: your flight now leaves from gate B12. Boarding starts 20 minutes later."
        contacts:
          - {phoneNumber: "447700900123"}
"""  # noqa: RUF002 - the page shows such characters

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.prices import price_text
from sendspec.rules._lib.readable_text import used_texts
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import text_location
from sendspec.text_defects import plain_twins, replacements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Location, Locations, Send, TextFacts
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.text_defects import PlainTwin


class Ucs2Character(Rule):
    """Characters of a text outside GSM-7 that have plain twins."""

    id = "ucs2-character"
    group = RuleGroup.COST
    level = Level.WARNING
    reasons: ClassVar = {
        "typography": "typographic characters make the text UCS-2",
        "letter": "letters outside GSM-7 make the text UCS-2",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the segments of the text with those of its plain twin."""
        send, facts = checked_send.send, checked_send.facts
        if facts is None or facts.text is None or facts.text.plain_countries is None:
            return
        found = list(_characters(send, context))
        saved = (facts.segments or 0) - sum(count for _, count in facts.text.plain_countries)
        has_letters = any(each.twin.is_letter for each in found)
        if not found or (saved <= 0 and has_letters):
            return
        is_note = saved <= 0 or has_letters or send.payload.get("characterSwapEnabled") is True
        names = [each.twin for each in found]
        cost = _cost(facts.segments or 0, facts.text, context) if saved > 0 else ", at no cost yet"
        yield Violation(
            "letter" if has_letters else "typography",
            f"{_subject(names)} the text UCS-2{cost}",
            _place(found, send.locations),
            _hint(names, has_letters=has_letters),
            Level.INFO if is_note else None,
        )


class _Found(Struct, frozen=True):
    twin: PlainTwin
    location: Location


def _characters(send: Send, context: RuleContext) -> Iterator[_Found]:
    """Yield each character with a twin once, with the location of the first."""
    seen = set()
    twins = plain_twins()
    for text in used_texts(send):
        for at, character in enumerate(text.masked):
            if character in twins and character not in seen:
                seen.add(character)
                location = text_location(send, context, text.part(at, at + 1))
                yield _Found(twins[character], location)


def _place(found: Sequence[_Found], locations: Locations) -> Location:
    """Return the location of the first character that the file has as such, not as an escape."""
    inexact = {locations.of("content"), locations.of("personalizationDefaults")}
    return next((each.location for each in found if each.location not in inexact), found[0].location)


def _cost(segments: int, text: TextFacts, context: RuleContext) -> str:
    plain = text.plain_countries or ()
    before = price_text(context.project.pricing, text.countries())
    after = price_text(context.project.pricing, plain)
    prices = f", {before} instead of {after.partition(' ')[0]}" if before and after else ""
    counted = pluralize(segments, "segment")
    return f": {counted} instead of {sum(count for _, count in plain):,}{prices}"


def _subject(twins: Sequence[PlainTwin]) -> str:
    """Return `… (U+2026 'HORIZONTAL ELLIPSIS') and 2 more make`."""
    first = twins[0]
    shown = "space" if first.character.isspace() else first.character
    shown += f" (U+{ord(first.character):04X} {first.name!r})"
    return f"{shown} makes" if len(twins) == 1 else f"{shown} and {len(twins) - 1:,} more make"


def _hint(twins: Sequence[PlainTwin], *, has_letters: bool) -> str:
    otherwise = (
        " if your readers accept it" if has_letters else ", or run `sendspec fmt --fix ucs2-character`"
    )
    return f"write {replacements(twins)}{otherwise}"
