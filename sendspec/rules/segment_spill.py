"""Values make some texts longer than the text of most others.

What: the usual number of segments is the smallest one that a quarter of the recipients get. The rule
reports the recipients whose text has more, because their values change its encoding to UCS-2 (one
finding) or are long (another one), with an example whose values are masked. It shows a letter of the
values only if three recipients have it, because a rare letter may show a name. Fewer than one in a
hundred recipients are a note. If all recipients get the same number of segments, nothing is reported.

Why: one name with a character outside GSM-7, such as Łukasz, turns a segment of 160 characters into three
of 67. A text of 155 characters without its values costs double for most of a list.

Source: 3GPP TS 23.038 V18.0.0, 6.2.1, the alphabets of an SMS; 3GPP TS 23.040 V18.0.0, 9.2.3.24, the
segments.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12. Boarding starts 20 minutes later."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: Ann}}
          - {phoneNumber: "447700900124", personalization: {NAME: Łukasz}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi %%NAME%%, your flight now leaves from gate B12. Boarding starts 20 minutes later."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: Ann}}
          - {phoneNumber: "447700900124", personalization: {NAME: Bob}}
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.segment_places import above
from sendspec.text_defects import plain_twins, replacements, shown_character

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Occurrences, TextExample, TextFacts
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_USUAL_SHARE: Final = 4
"""A quarter of the recipients make a number of segments usual."""

_NOTE_SHARE: Final = 100
_CHARACTERS_SHOWN: Final = 3
_EXAMPLE_MAX: Final = 160
_TIMES: Final = "\u00d7"


class SegmentSpill(Rule):
    """Recipients whose values cost further segments."""

    id = "segment-spill"
    group = RuleGroup.COST
    level = Level.WARNING
    reasons: ClassVar = {
        "encoding": "values make texts UCS-2, which costs segments",
        "length": "values make texts longer than one more segment",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the segments of all recipients with the usual number."""
        facts = checked_send.facts
        text = None if facts is None else facts.text
        if text is None or len(text.by_segments) < 2:  # noqa: PLR2004 - two numbers differ
            return
        total = sum(text.by_segments.values())
        usual = next(
            (count for count, found in text.by_segments.items() if found * _USUAL_SHARE >= total),
            max(text.by_segments, key=text.by_segments.__getitem__),
        )
        flipped, long = above(usual, text.flipped), above(usual, text.regular)
        if flipped is not None:
            yield _encoding_violation(text, flipped, usual, total)
        if long is not None:
            yield _length_violation(text, long, usual, total)


def _encoding_violation(text: TextFacts, flipped: Occurrences, usual: int, total: int) -> Violation:
    tags = " and ".join(f"%%{flip.tag}%%" for flip in text.flips)
    verb, texts = "makes" if len(text.flips) == 1 else "make", f"{flipped.count:,} of {total:,} texts"
    message = (
        f"{tags} {verb} {texts} UCS-2 ({_characters(text)}){_example(text.flipping)}; {_distribution(text)}"
    )
    plain = above(usual, text.typographic)
    place = flipped.first if plain is None else plain.first
    return Violation("encoding", message, place, _encoding_hint(text, flipped, plain), _level(flipped, total))


def _encoding_hint(text: TextFacts, flipped: Occurrences, plain: Occurrences | None) -> str:
    """Return how to avoid the cost: with plain characters in the values if these are enough."""
    if plain is None:
        return "shorten the text, so that it fits as UCS-2 too, or `allow` the cost"
    written = replacements([plain_twins()[character] for character in text.typography])
    if plain.count == flipped.count:
        return f"write {written} in {'that row' if plain.count == 1 else f'these {plain.count:,} rows'}"
    return f"write {written} in {plain.count:,} of these rows; shorten the text or `allow` the others"


def _length_violation(text: TextFacts, long: Occurrences, usual: int, total: int) -> Violation:
    example = text.longest if text.longest is not None and text.longest.segments > usual else None
    more = f"more than {pluralize(usual, 'segment')}{_example(example)}"
    message = f"long values give {long.count:,} of {total:,} texts {more}; {_distribution(text)}"
    hint = "shorten the text, so that long values fit its segments too"
    return Violation("length", message, long.first, hint, _level(long, total))


def _distribution(text: TextFacts) -> str:
    """Return how many texts have each number of segments."""
    parts = (f"{segments} ({texts:,}{_TIMES})" for segments, texts in text.by_segments.items())
    return f"segments: {', '.join(parts)}"


def _level(found: Occurrences, total: int) -> Level | None:
    return Level.INFO if found.count * _NOTE_SHARE < total else None


def _characters(text: TextFacts) -> str:
    """Return the most frequent characters outside GSM-7, and how many others of the main script."""
    counts: Counter[str] = Counter()
    scripts: Counter[str] = Counter()
    for flip in text.flips:
        counts.update(dict(flip.characters))
        scripts.update(dict(flip.scripts))
    shown = [f"{shown_character(character)}{_TIMES}{count:,}" for character, count in _ordered(counts)]
    others = [_of_script(script, count) for script, count in _ordered(scripts)]
    found = (*shown[:_CHARACTERS_SHOWN], *others[:1])
    more = len(shown) > _CHARACTERS_SHOWN or len(others) > 1
    return ", ".join(found) + (", …" if more else "")


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _of_script(script: str, count: int) -> str:
    """Return `2 Han characters`, which shows that the values are not GSM-7, but not the values."""
    return pluralize(count, f"{script} character" if script else "other character")


def _example(example: TextExample | None) -> str:
    if example is None:
        return ""
    text = example.text if len(example.text) <= _EXAMPLE_MAX else f"{example.text[:_EXAMPLE_MAX]}…"
    return f", such as '{text}'"
