"""Scan of an audience row by row, which the scan by columns must agree with."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sendspec.audience.fingerprint import contact_lines, digest_of
from sendspec.audience.similar_lookups import SimilarLookups
from sendspec.jurisdictions import area_codes
from sendspec.model import CONTACTS_PER_REQUEST, AudienceFacts, InlineContacts
from sendspec.structs import replace
from sendspec.text_defects import plain_variant
from tests.row_scan.contacts import contacts_of
from tests.row_scan.dedupe import Recipients, duplicates
from tests.row_scan.exclusion import ExcludeLists
from tests.row_scan.identity_survey import IdentitySurvey
from tests.row_scan.list_contacts import column_names
from tests.row_scan.number_survey import NumberSurvey
from tests.row_scan.segment_count import SegmentCounter
from tests.row_scan.text_statistics import TextStatistics
from tests.row_scan.text_survey import TextSurvey
from tests.row_scan.value_scan import ValueScan, joined_values
from tests.row_scan.zone_survey import ZoneSurvey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Contact, Send

_Item = TypeVar("_Item")


def scan_rows(
    sends: Sequence[Send],
    observers: Sequence = (),
    lines_of_batches: list[bytes] | None = None,
) -> tuple[AudienceFacts | None, ...]:
    """Return the facts of the audience of each send, which share one list, as `scan_together`.

    The observers receive every contact: recipients, refused ones and duplicates, up to 1,000 at a time.
    """
    values = ValueScan(are_inline=isinstance(sends[0].contacts, InlineContacts))
    contacts = contacts_of(sends[0], values)
    if contacts is None:
        return (None,) * len(sends)
    numbers, identities = NumberSurvey(sends[0].audience.countries), IdentitySurvey(sends[0])
    zones = ZoneSurvey()

    def on_refused(refused: Sequence[Contact]) -> None:
        for observer in (numbers, identities, *observers):
            observer.on_refused(refused)

    exclusion = ExcludeLists().exclusion_of(sends[0]) if sends[0].exclude else None
    recipients = Recipients(contacts, on_refused, exclusion)
    counts = _Counts(sends, [] if lines_of_batches is None else lines_of_batches)
    for batch in _chunks(recipients):
        for observer in (numbers, zones, *observers):
            observer.on_contacts(batch)
        counts.on_contacts(batch, values)
    if recipients.duplicate_count:
        for chunk in _chunks(duplicates(contacts_of(sends[0]) or (), recipients.repeated)):
            for observer in (identities, *observers):
                observer.on_duplicates(chunk)
    of_list = AudienceFacts(
        count=counts.count,
        batch_digests=tuple(counts.digests),
        batch_segments=None,
        duplicates=recipients.duplicate_count,
        refused=recipients.refused_count,
        numbers=numbers.facts(),
        excluded=exclusion.facts if exclusion else (),
        lookups=counts.lookups.total,
        value_defects=values.defects(),
        similar_lookups=counts.lookups.similar,
        repeated=identities.repetitions(conflicting=False),
        conflicting=identities.repetitions(conflicting=True),
        without_identity=identities.without_identity,
        several_identities=identities.several_identities,
        zones=replace(zones.facts(), has_unread_column=_has_unread_column(sends[0], counts.count)),
        area_codes=dict(counts.area_codes),
    )
    return tuple(counts.facts(at, of_list) for at in range(len(sends)))


def _has_unread_column(send: Send, count: int) -> bool:
    """Return whether the header of a list names a column like time zones, although none is read."""
    file = send.contacts
    if isinstance(file, InlineContacts) or not count:
        return False
    names = column_names(file)
    if isinstance(names, str):
        names = re.split(r"[,;\t|]", names.lstrip("\ufeff\r\n ").splitlines()[0].replace('"', ""))
    text = f"{send.payload.get('content')} {send.compact_content}"
    used = (file.columns or {}).get("personalization", {}).values()
    read = {"timezone"} & set(names) if file.columns is None else {"timezone"} & set(file.columns)
    like = [name for name in names if name.strip().casefold() in {"timezone", "time zone", "time_zone", "tz"}]
    if file.columns is None:
        used = [name for name in like if f"%%{name}%%" in text]
    return not read and any(name not in used for name in like)


@dataclass(slots=True)
class _TextCount:
    """The segments of one text to each batch; `counter` is None if only the vendor has the text."""

    counter: SegmentCounter | None
    of_batches: list[int] = field(default_factory=list)

    def on_contacts(self, contacts: Sequence[Contact], joined: str) -> None:
        if self.counter is not None:
            self.of_batches.append(self.counter.count(contacts, joined))


class _Counts:
    """Counts of one scan: those of the list once, those of its texts for each send."""

    def __init__(self, sends: Sequence[Send], lines_of_batches: list[bytes]) -> None:
        self._lines = lines_of_batches
        self.count = 0
        self.area_codes: Counter[str] = Counter()
        self.digests: list[bytes] = []
        self.lookups = SimilarLookups()
        self._first = sends[0]
        self._texts = [_TextCount(_counter(send, send.inline_text)) for send in sends]
        self._compact = [_TextCount(_counter(send, send.compact_content)) for send in sends]
        self._surveys = [_survey(send) for send in sends]
        self._statistics = [_statistics(send) for send in sends]

    def on_contacts(self, batch: Sequence[Contact], values: ValueScan) -> None:
        self.count += len(batch)
        self.area_codes.update(
            contact.identity[:4] for contact in batch if _has_listed_area_code(contact.identity)
        )
        lines = contact_lines(_in_api_form(self._first, batch))
        self.digests.append(digest_of(lines))
        self._lines.append(lines)
        joined = joined_values(batch)
        values.on_contacts(batch, joined)
        for text in (*self._texts, *self._compact):
            text.on_contacts(batch, joined)
        for survey in self._surveys:
            survey.on_contacts(batch)
        for statistics in self._statistics:
            if statistics is not None:
                statistics.on_contacts(batch)
        if isinstance(self._first.contacts, InlineContacts):
            self.lookups.on_contacts(batch)

    def facts(self, at: int, of_list: AudienceFacts) -> AudienceFacts:
        """Return the facts of the send at offset `at`: those of its list, and of its texts."""
        text, compact, survey = self._texts[at], self._compact[at], self._surveys[at]
        return replace(
            of_list,
            batch_segments=None if text.counter is None else tuple(text.of_batches),
            compact_segments=None if compact.counter is None else sum(compact.of_batches),
            missing_values=survey.missing_values,
            too_long=survey.too_long,
            too_long_ucs2=survey.too_long_ucs2,
            text=None if self._statistics[at] is None else self._statistics[at].facts(),
        )


def _has_listed_area_code(identity: str) -> bool:
    return len(identity) == 11 and identity.isdecimal() and identity[:4] in area_codes()


def _counter(send: Send, content: str | None) -> SegmentCounter | None:
    return None if content is None else SegmentCounter(content, _defaults(send))


def _statistics(send: Send) -> TextStatistics | None:
    content, defaults = send.inline_text, _defaults(send)
    if content is None:
        return None
    return TextStatistics(content, defaults, plain_variant(content, defaults))


def _survey(send: Send) -> TextSurvey:
    return TextSurvey(send.inline_text or "", _defaults(send))


def _defaults(send: Send) -> dict[str, str]:
    defaults = send.payload.get("personalizationDefaults", {})
    return {tag: str(value) for tag, value in defaults.items()}


def _chunks(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    source = iter(items)
    while chunk := tuple(islice(source, CONTACTS_PER_REQUEST)):
        yield chunk


def _in_api_form(send: Send, contacts: Iterable[Contact]) -> Iterator[dict[str, Any]]:
    """Yield recipients as the request carries them."""
    number_property = send.endpoint.number_property
    for _, identity, _, _, lookup, values, _ in contacts:
        body: dict[str, Any] = (
            {number_property: identity} if lookup is None else {"contactLookup": list(lookup)}
        )
        if values:
            body["personalization"] = values
        yield body
