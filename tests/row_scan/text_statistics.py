"""Statistics of one text over all recipients, one recipient after the other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.model import EncodingFlip, Occurrences, TextExample, TextFacts
from sendspec.phone import NON_GEOGRAPHIC, RESERVED, WITHOUT_COUNTRY, numbering_plans
from sendspec.redact import is_typography, mask_value, script_of
from sendspec.text_defects import plain_twins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.model import Contact, Location

LOCATIONS_MAX = 3
CHARACTERS_MAX = 5
SHARED_MIN = 3
DIFFERENT_CHARACTERS_MAX = 1000
COMPARED_REQUESTS = 100


class TextStatistics:
    """Fills the text for each recipient."""

    def __init__(
        self, content: str, defaults: Mapping[str, str], plain: tuple[str, Mapping[str, str]] | None
    ) -> None:
        self._content, self._defaults, self._plain = content, defaults, plain
        self._tags = sms.tags_in(content)
        self._is_gsm7 = sms.is_gsm7(sms.substitute(content, dict.fromkeys(self._tags, ""), {}))
        self._regular: dict[int, list[Location]] = {}
        self._flipped: dict[int, list[Location]] = {}
        self._flips: dict[str, list[Location]] = {}
        self._typographic: dict[int, list[Location]] = {}
        self._typography: Counter[str] = Counter()
        self._characters: dict[str, Counter[str]] = {tag: Counter() for tag in self._tags}
        self._batches: list[Counter[str]] = []
        self._plain_countries: Counter[str] = Counter()
        self._longest = self._shortest = None
        self._examples: dict[str, TextExample] = {}

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        """Add the recipients of one request."""
        self._batches.append(Counter())
        for contact in contacts:
            self._add(contact)

    def _add(self, contact: Contact) -> None:
        values = contact.personalization
        text = sms.substitute(self._content, values, self._defaults)
        segments, country = sms.segments(text), country_of(contact)
        self._batches[-1][country] += segments
        if self._plain is not None:
            self._plain_countries[country] += sms.segments(
                sms.substitute(self._plain[0], values, self._plain[1])
            )
        odd = [tag for tag in self._tags if tag in values and not sms.is_gsm7(values[tag])]
        if not (self._is_gsm7 and odd):
            self._regular.setdefault(segments, []).append(contact.location)
            if len(self._batches) <= COMPARED_REQUESTS:
                is_blank = any(tag not in values for tag in self._tags)
                self._keep(f"typical {is_blank} {segments}", contact, text)
        else:
            self._flipped.setdefault(segments, []).append(contact.location)
            for tag in odd:
                self._flips.setdefault(tag, []).append(contact.location)
                self._count_characters(self._characters[tag], values[tag])
            every = {character for tag in odd for character in values[tag] if not sms.is_gsm7(character)}
            twins = plain_twins()
            if all(character in twins and not twins[character].is_letter for character in every):
                self._typographic.setdefault(segments, []).append(contact.location)
                self._typography.update(every)
            self._keep("flipping", contact, text)
        key = (segments, len(text))
        if self._longest is None or key > self._longest:
            self._longest = key
            self._examples.pop("longest", None)
            self._keep("longest", contact, text)
        if self._shortest is None or key < self._shortest:
            self._shortest = key
            self._examples.pop("shortest", None)
            self._keep("shortest", contact, text)
        if self._tags and not any(tag in values for tag in self._tags):
            self._keep("defaults_only", contact, text)

    @staticmethod
    def _count_characters(characters: Counter[str], value: str) -> None:
        for character in sorted(set(value)):
            if not sms.is_gsm7(character) and (
                character in characters or len(characters) < DIFFERENT_CHARACTERS_MAX
            ):
                characters[character] += 1

    def _keep(self, kind: str, contact: Contact, text: str) -> None:
        if kind not in self._examples:
            masked = {tag: mask_value(value) for tag, value in contact.personalization.items()}
            shown = sms.substitute(self._content, masked, self._defaults)
            self._examples[kind] = TextExample(
                location=contact.location,
                text=shown,
                length=sms.length(text),
                segment_starts=sms.segment_starts(text),
                is_gsm7=sms.is_gsm7(text),
                values=sms.value_spans(self._content, masked, self._defaults),
            )

    def facts(self) -> TextFacts:
        """Return the facts, after the last contact."""
        return TextFacts(
            regular={count: occurrences(found) for count, found in sorted(self._regular.items())},
            flipped={count: occurrences(found) for count, found in sorted(self._flipped.items())},
            flips=tuple(self._flip(tag) for tag in self._tags if tag in self._flips),
            typographic={count: occurrences(found) for count, found in sorted(self._typographic.items())},
            typography=tuple(character for character, _ in frequent(self._typography)),
            batch_countries=tuple(tuple(sorted(batch.items())) for batch in self._batches),
            plain_countries=None if self._plain is None else tuple(sorted(self._plain_countries.items())),
            typical=self._typical(),
            **{kind: example for kind, example in self._examples.items() if " " not in kind},
        )

    def _typical(self) -> TextExample | None:
        frequent_counts = sorted(self._regular, key=lambda count: (-len(self._regular[count]), count))
        kinds = [f"typical {is_blank} {count}" for is_blank in (False, True) for count in frequent_counts]
        return next((self._examples[kind] for kind in kinds if kind in self._examples), None)

    def _flip(self, tag: str) -> EncodingFlip:
        characters = self._characters[tag]
        shown = {
            character: count
            for character, count in characters.items()
            if count >= SHARED_MIN or is_typography(character)
        }
        scripts: Counter[str] = Counter()
        for character in characters.keys() - shown.keys():
            scripts[script_of(character)] += characters[character]
        return EncodingFlip(tag, occurrences(self._flips[tag]), frequent(shown), frequent(scripts))


def frequent(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:CHARACTERS_MAX])


def occurrences(found: Sequence[Location]) -> Occurrences:
    return Occurrences(len(found), tuple(found[:LOCATIONS_MAX]))


def country_of(contact: Contact) -> str:
    """Return the country of a recipient's number, '' if it is not known."""
    plans = numbering_plans()
    region = plans.verdict(contact.identity) if contact.identity.isdecimal() else ""
    if region == RESERVED:
        region = plans.region_of_reserved(contact.identity)
    return WITHOUT_COUNTRY if region == NON_GEOGRAPHIC else region
