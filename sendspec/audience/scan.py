"""Scans of an audience: one for its facts, one for the batches to send."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from msgspec import Struct

from sendspec.audience.canonical_json import recipient_lines
from sendspec.audience.contacts_of_send import contacts_of
from sendspec.audience.dedupe import duplicates
from sendspec.audience.exclusion import ExcludeLists
from sendspec.audience.fingerprint import digest_of
from sendspec.audience.identity_survey import IdentitySurvey
from sendspec.audience.number_survey import NumberSurvey
from sendspec.audience.request_batches import Recipients
from sendspec.audience.segment_count import SegmentCounter
from sendspec.audience.similar_lookups import SimilarLookups
from sendspec.audience.tag_survey import TextSurvey
from sendspec.audience.text_statistics import PlainCost, TextStatistics
from sendspec.audience.timezone_columns import zone_tags
from sendspec.audience.value_defect_survey import ValueScan
from sendspec.audience.zone_survey import ZoneSurvey
from sendspec.errors import SpecError
from sendspec.jurisdictions import count_area_codes
from sendspec.model import AudienceFacts, ContactFile, ContactQuery, ZoneFacts
from sendspec.structs import replace
from sendspec.text_defects import plain_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.dedupe import IdentitySet, RecipientFilter
    from sendspec.audience.exclusion import Exclusion
    from sendspec.audience.number_survey import BatchRegions
    from sendspec.audience.recipient_batch import RecipientBatch
    from sendspec.model import Problem, Send


_VALUE_LENGTH_MIN, _VALUE_LENGTH_MAX, _COLUMNS_USUAL = 12, 60, 4


class Sink(Protocol):
    """The receiver of the exact contacts of each request during a scan."""

    def add(self, number: int, lines: bytes) -> None:
        """Receive the contacts of request `number`, from 1, as the lines that its digest covers."""


class Batch(Struct, frozen=True):
    """The contacts of one request, in the API's form and as lines; numbered from 1, with their SHA-256."""

    number: int
    contacts: tuple[Mapping[str, Any], ...]
    lines: bytes
    digest: bytes


def source_of(send: Send) -> Hashable:
    """Return a key that two sends share if they have the same contacts, read in the same way."""
    contacts = send.contacts
    if not isinstance(contacts, ContactFile | ContactQuery):
        return send.address
    columns = orjson.dumps(contacts.columns, option=orjson.OPT_SORT_KEYS)
    # Without a mapping, the text decides whether a column of time zones fills a tag.
    tags = zone_tags(send) if contacts.columns is None else frozenset[str]()
    filters = (send.audience.countries, repr(send.exclude), tags)
    if isinstance(contacts, ContactQuery):
        return (contacts.connection, contacts.sql, columns, send.endpoint, filters)
    return (contacts.key, contacts.shown, columns, send.endpoint, filters)


def scan(send: Send, lists: ExcludeLists | None = None) -> AudienceFacts | None:
    """Return the facts of the audience of one send, as `scan_together`."""
    return scan_together([send], lists)[0]


def scan_together(  # noqa: PLR0913 - everything that receives a part of one scan
    sends: Sequence[Send],
    lists: ExcludeLists | None = None,
    sink: Sink | None = None,
    *,
    other_texts: Sequence[Send] = (),
    compare_duplicates: bool = True,
    on_identities: Callable[[IdentitySet], None] | None = None,
    on_batch: Callable[[int, Sequence[str]], None] | None = None,
    only_recipients: bool = False,
    real_values: bool = False,
) -> tuple[AudienceFacts | None, ...]:
    """Return the facts of the audience of each send, and of each of `other_texts`; None for contact-source.

    The sends share one `source_of`. `other_texts` are sends with the same list, such as those of a base; no
    problem is reported at their locations. Duplicates cost a second pass over the file, unless
    `compare_duplicates` is False. `lists` has the exclude lists that other sends of the run have read.
    `sink` receives the contacts of every request, which all the sends have. `on_batch` receives
    the number of each request, from 1, and the identities of its recipients, and `on_identities` those of
    all recipients. The examples of `sends` have real values only with `real_values`; those of
    `other_texts` never have them. With `only_recipients`, the facts about texts, values and time zones are
    empty.

    Raises:
        SpecError: the file is not readable; it has every problem. The sink may have received some of the
            contacts.
    """
    contacts = contacts_of(sends[0])
    if contacts is None:
        return (None,) * (len(sends) + len(other_texts))
    exclusion = (lists or ExcludeLists()).exclusion_of(sends[0]) if sends[0].exclude else None
    surveys = _ListSurveys(sends[0], only_recipients=only_recipients)
    texts = [] if only_recipients else [_SendText(send, real_values=real_values) for send in sends]
    counts = _Counts(sink, [*texts, *map(_SendText, other_texts)])
    recipients = Recipients(contacts, exclusion, surveys.on_refused, surveys.values, counts.value_length_max)
    try:
        for batch in recipients:
            counts.on_batch(batch, surveys.on_batch(batch))
            if on_batch is not None:
                on_batch(len(counts.digests), batch.contacts.identities)
    except SpecError as error:
        raise SpecError(_all_problems(sends, error.problems)) from None
    seen = recipients.filter
    if compare_duplicates and seen.duplicate_count:
        surveys.identities.on_duplicates(duplicates(contacts_of(sends[0]) or (), seen.repeated))
    if on_identities is not None:
        on_identities(seen.identities)
    of_list = surveys.facts(counts, seen, exclusion)
    if only_recipients:
        return (of_list,) * len(sends)
    return tuple(counts.facts(at, of_list) for at in range(len(sends) + len(other_texts)))


def batches(send: Send, lists: ExcludeLists | None = None) -> Iterator[Batch]:
    """Yield the contacts of `send`, one request at a time; nothing for contact-source.

    The digests are those of `scan` unless the file has changed, so compare them before sending.

    Raises:
        SpecError: the file is no longer readable; raised after the batches before that location.
    """
    exclusion = (lists or ExcludeLists()).exclusion_of(send) if send.exclude and send.contacts else None
    for number, batch in enumerate(Recipients(contacts_of(send) or (), exclusion), start=1):
        lines = recipient_lines(batch)
        yield Batch(number, tuple(map(orjson.loads, lines.splitlines())), lines, digest_of(lines))


class _SendText:
    """What the scan collects about the text of one send; nothing if only the vendor has the text."""

    def __init__(self, send: Send, *, real_values: bool = False) -> None:
        content, compact, defaults = send.inline_text, send.compact_content, _defaults(send)
        self._statistics = self._survey = self._plain = None
        if content is not None:
            self._statistics = TextStatistics(content, defaults, real_values=real_values)
            self._survey = TextSurvey(self._statistics.counter)
            plain = plain_variant(content, defaults)
            self._plain = None if plain is None else PlainCost(*plain)
        self._compact = None if compact is None else SegmentCounter(compact, defaults)
        self._compact_segments = 0

    @property
    def value_length_max(self) -> float:
        """The length of values up to which the text needs no closer look."""
        lengths = [inf]
        if self._statistics is not None:
            lengths.append(self._statistics.counter.value_length_max)
        if self._survey is not None:
            lengths.append(self._survey.value_length_max(_COLUMNS_USUAL))
        if self._compact is not None:
            lengths.append(self._compact.value_length_max)
        return min(lengths)

    def on_batch(self, batch: RecipientBatch, regions: BatchRegions) -> None:
        """Add the recipients of one request."""
        if self._statistics is not None:
            self._statistics.on_batch(batch, regions)
        if self._survey is not None:
            self._survey.on_batch(batch)
        if self._plain is not None:
            self._plain.on_batch(batch, regions)
        if self._compact is not None:
            self._compact_segments += self._compact.count(batch).total

    def add_to(self, of_list: AudienceFacts) -> AudienceFacts:
        """Return the facts of the list with those of the text."""
        statistics, survey, plain = self._statistics, self._survey, self._plain
        return replace(
            of_list,
            batch_segments=tuple(statistics.of_batches) if statistics else None,
            text=statistics.facts(plain.countries if plain else None) if statistics else None,
            compact_segments=self._compact_segments if self._compact else None,
            missing_values=survey.missing_values if survey else (),
            too_long=survey.too_long if survey else None,
            too_long_ucs2=survey.too_long_ucs2 if survey else None,
        )


class _ListSurveys:
    """Surveys of a list that do not depend on the text of a send."""

    def __init__(self, send: Send, *, only_recipients: bool) -> None:
        self.numbers, self.identities = NumberSurvey(send.audience.countries), IdentitySurvey(send)
        self.values = None if only_recipients else ValueScan()
        self._zones = None if only_recipients else ZoneSurvey()

    def on_refused(self, refused: ContactColumns) -> None:
        """Add contacts without a usable identity."""
        self.numbers.on_refused(refused)
        self.identities.on_refused(refused)

    def on_batch(self, batch: RecipientBatch) -> BatchRegions:
        """Add the recipients of a request, and return the regions of their numbers."""
        regions = self.numbers.on_contacts(batch.contacts)
        if self._zones is not None:
            self._zones.on_contacts(batch.contacts)
        if self.values is not None:
            self.values.on_batch(batch)
        return regions

    def facts(self, counts: _Counts, seen: RecipientFilter, exclusion: Exclusion | None) -> AudienceFacts:
        """Return the facts of the list, without those of texts."""
        numbers, people = self.numbers.facts(), seen.identities.numbers
        return AudienceFacts(
            count=counts.count,
            batch_digests=tuple(counts.digests),
            batch_segments=None,
            duplicates=seen.duplicate_count,
            refused=seen.refused_count,
            numbers=numbers,
            excluded=exclusion.facts if exclusion else (),
            lookups=counts.lookups.total,
            value_defects=() if self.values is None else self.values.defects(),
            similar_lookups=counts.lookups.similar,
            repeated=self.identities.repetitions(conflicting=False),
            conflicting=self.identities.repetitions(conflicting=True),
            without_identity=self.identities.without_identity,
            several_identities=self.identities.several_identities,
            zones=ZoneFacts() if self._zones is None else self._zones.facts(people, numbers),
            area_codes={} if self._zones is None else count_area_codes(people),
        )


class _Counts:
    """Counts of one scan: those of the list once, those of its texts for each send."""

    def __init__(self, sink: Sink | None, texts: Sequence[_SendText]) -> None:
        self._sink, self._texts = sink, texts
        self.count = 0
        self.digests: list[bytes] = []
        self.lookups = SimilarLookups()

    def value_length_max(self) -> int | None:
        """Return the length of values up to which no text needs a closer look; None if that is very short."""
        length = min((text.value_length_max for text in self._texts), default=_VALUE_LENGTH_MAX)
        return int(min(length, _VALUE_LENGTH_MAX)) if length >= _VALUE_LENGTH_MIN else None

    def on_batch(self, batch: RecipientBatch, regions: BatchRegions) -> None:
        self.count += len(batch)
        lines = recipient_lines(batch)
        self.digests.append(digest_of(lines))
        if self._sink is not None:
            self._sink.add(len(self.digests), lines)
        for text in self._texts:
            text.on_batch(batch, regions)
        self.lookups.on_contacts(batch.contacts.inline)

    def facts(self, at: int, of_list: AudienceFacts) -> AudienceFacts:
        """Return the facts of the send at offset `at`: those of its list, and of its texts."""
        return self._texts[at].add_to(of_list)


def _defaults(send: Send) -> dict[str, str]:
    defaults = send.payload.get("personalizationDefaults", {})
    return {tag: str(value) for tag, value in defaults.items()}


def _all_problems(sends: Sequence[Send], of_first: Iterable[Problem]) -> Iterable[Problem]:
    """Return the problems of the list of the first send, and those of its mapping by the other sends."""
    problems = dict.fromkeys(of_first)
    first = sends[0].contacts
    if (
        isinstance(first, ContactFile)
        and first.outside
        and first.outside.location in {problem.location for problem in problems}
    ):
        return problems  # Each of the other sends would copy the same list, to find the same digest.
    if isinstance(first, ContactFile) and any(problem.location.file != first.shown for problem in problems):
        for send in sends[1:]:
            try:
                for _ in contacts_of(send) or ():
                    break  # The header is read before the first contact.
            except SpecError as other:
                problems |= dict.fromkeys(other.problems)
    return problems
