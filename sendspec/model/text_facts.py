"""Facts about one text and its recipients: segments, encodings, countries, and masked examples."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model.locations import Location
    from sendspec.model.number_facts import Occurrences

CountrySegments = tuple[tuple[str, int], ...]
"""Segments by country of the recipients, an ISO 3166 code, and '' if the country is not known."""


@dataclasses.dataclass(frozen=True, slots=True)
class TextExample:
    """The text to the recipient at `location`, with masked values.

    `text` has as many characters as the message. `length`, `segment_starts` and `is_gsm7` are those of the
    message, before its values were masked. `segment_starts` and `values` are offsets in characters: of the
    first character of each segment, and of the recipient's own values. `real_text` is the message itself,
    None unless a person asked for it with `plan --show-pii`.
    """

    location: Location
    text: str
    length: int
    segment_starts: tuple[int, ...]
    is_gsm7: bool
    values: tuple[tuple[int, int], ...] = ()
    real_text: str | None = dataclasses.field(default=None, repr=False)

    @property
    def segments(self) -> int:
        """The number of segments of the message."""
        return len(self.segment_starts)


class EncodingFlip(Struct, frozen=True):
    """The recipients whose value of one tag makes a GSM-7 text UCS-2.

    `characters` has characters outside GSM-7 with the number of recipients who have it, the most frequent
    first. A letter that few recipients have could show who they are, so `scripts` counts these by script,
    '' for marks and the like.
    """

    tag: str
    occurrences: Occurrences
    characters: tuple[tuple[str, int], ...]
    scripts: tuple[tuple[str, int], ...] = ()


class TextFacts(Struct, frozen=True):
    """Facts about the text of one send, over all its recipients.

    `flipped` has the recipients whose values make the text UCS-2, by the number of their segments,
    ascending, and `regular` has all others. `flips` has the flipped ones by tag, in the order of the text.
    `typographic` has those of `flipped` whose values need only plain twins of typographic characters, and
    `typography` the most frequent of these characters.
    `batch_countries` has the segments of each request by country, `plain_countries` those of all
    requests if each character with a plain twin were replaced; None if that does not make the text GSM-7.

    `typical` has the most frequent number of segments of `regular` that a recipient with a value for every
    tag has, of equally frequent ones the smaller; if no recipient has all values, the most frequent of
    any. It is the first such one of the first 100 requests. It is None if all texts are flipped there.
    `longest` and `shortest` are by segments, and then by characters among the first 100 requests and
    later ones with more or fewer segments than all before; of equals, the first one in the list.
    `flipping` is the first of `flipped`, and `defaults_only` the first recipient without a value for any
    tag.
    """

    regular: Mapping[int, Occurrences] = field(default_factory=dict)
    flipped: Mapping[int, Occurrences] = field(default_factory=dict)
    flips: tuple[EncodingFlip, ...] = ()
    typographic: Mapping[int, Occurrences] = field(default_factory=dict)
    typography: tuple[str, ...] = ()
    batch_countries: tuple[CountrySegments, ...] = ()
    plain_countries: CountrySegments | None = None
    typical: TextExample | None = None
    longest: TextExample | None = None
    shortest: TextExample | None = None
    defaults_only: TextExample | None = None
    flipping: TextExample | None = None

    @property
    def by_segments(self) -> Mapping[int, int]:
        """The number of recipients by the number of their segments, ascending."""
        counts: dict[int, int] = {}
        for found in (self.regular, self.flipped):
            for segments, recipients in found.items():
                counts[segments] = counts.get(segments, 0) + recipients.count
        return dict(sorted(counts.items()))

    def countries(self, batches: Iterable[int] | None = None) -> CountrySegments:
        """Return the segments by country of these requests, numbered from 1; of all if None."""
        wanted = range(1, len(self.batch_countries) + 1) if batches is None else batches
        return total_by_country(self.batch_countries[batch - 1] for batch in wanted)


def total_by_country(parts: Iterable[CountrySegments]) -> CountrySegments:
    """Return the sum of segments by country, sorted by country."""
    total: dict[str, int] = {}
    for part in parts:
        for country, segments in part:
            total[country] = total.get(country, 0) + segments
    return tuple(sorted(total.items()))
