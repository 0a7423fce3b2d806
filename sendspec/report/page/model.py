"""What a page shows, in the order of its templates: texts and numbers, without markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from sendspec.report.page.bubbles import Piece
    from sendspec.report.page.excerpts import Excerpt
    from sendspec.report.review import Verdict


class FindingView(Struct, frozen=True):
    """A finding with the line that it points at; `anchor` is that of its send, '' if it has none."""

    level: str
    word: str
    rule: str
    message: str
    hint: str
    place: str
    address: str
    anchor: str
    excerpt: Excerpt | None
    allowed: str


class FindingGroup(Struct, frozen=True):
    """The findings of one rule and level; `folded` are those after the first few."""

    level: str
    word: str
    rule: str
    title: str
    total: int
    shown: tuple[FindingView, ...]
    folded: tuple[FindingView, ...]


class MessageView(Struct, frozen=True):
    """A text as people read it.

    `reasons` are its costly characters with why they cost. `bars` are the used shares of its segments.
    """

    kind: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]
    reasons: tuple[tuple[tuple[str, ...], str], ...]
    source: str
    bars: tuple[float, ...]


class Window(NamedTuple):
    """A part of a day of 24 hours: where it starts, and how long it is."""

    start: float
    length: float


class LocalTimeView(Struct, frozen=True):
    """People who get a text at one local time, and where in a day of 24 hours that is.

    `people` is '' if only the vendor knows their number, `verdict` is '' if the time is legal.
    """

    zones: str
    people: str
    time: str
    verdict: str
    legal_from: str
    windows: tuple[Window, ...]
    marker: Window


class SendView(Struct, frozen=True):
    """A send as a card; `remarks` say how it differs from what was sent or tried before.

    `is_edited` is whether it was edited after it was sent, so that people do not read the new words; `edits`
    has these and the old ones, and `messages` nothing. `list_note` says that counts include people who got
    it before.
    """

    anchor: str
    address: str
    state: str
    tone: str
    change: str
    summary: str
    when: str
    people: str
    sender: str
    is_open: bool
    messages: tuple[MessageView, ...]
    text_note: str
    rows: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    is_edited: bool
    edits: tuple[ChangedField, ...]
    local_times: tuple[LocalTimeView, ...]
    list_note: str
    findings: tuple[FindingView, ...]
    properties: tuple[tuple[str, str, str], ...]


class Event(Struct, frozen=True):
    """A start of a send in the schedule; `share` is that of its people in the largest send."""

    time: str
    send: SendView
    count: int
    share: float


class Edit(NamedTuple):
    """A part of a property: `kind` is `same`, `removed` or `added`."""

    kind: str
    text: str


class ChangedField(NamedTuple):
    """A property that differs from the base."""

    name: str
    edits: tuple[Edit, ...]


class ChangeView(Struct, frozen=True):
    """A send that differs from the base; `anchor` is that of its card, '' if it has none."""

    address: str
    anchor: str
    word: str
    tone: str
    headline: str
    fields: tuple[ChangedField, ...]
    notes: tuple[str, ...]


class ChangesView(Struct, frozen=True):
    """The changes against a base; `carried` are sends that go out though the branch does not touch them."""

    base: str
    summary: str
    notes: tuple[str, ...]
    sends: tuple[ChangeView, ...]
    settings: tuple[ChangedField, ...]
    carried: tuple[str, ...]
    carried_title: str
    untouched: str


class PageView(Struct, frozen=True):
    """Everything that a page shows."""

    title: str
    verdict: Verdict
    planned_at: str
    digest: str
    notices: tuple[str, ...]
    shows_values: bool
    findings: tuple[FindingGroup, ...]
    notes: tuple[FindingGroup, ...]
    notes_text: str
    sends: tuple[SendView, ...]
    is_long: bool
    schedule: tuple[tuple[str, tuple[Event, ...]], ...]
    changes: ChangesView | None
    removed: tuple[str, ...]
    settled: tuple[str, ...]
