"""Messages as people read them: masked examples, their segments, and the characters that cost."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from sendspec import sms
from sendspec.formatting import pluralize
from sendspec.model import PlanReason
from sendspec.report.review.model import CostlyCharacter, Message, Recipient
from sendspec.text_defects import plain_twins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import PlannedSend, TextExample, TextFacts

_SHOWN_MAX: Final = 5


def messages_of(planned: PlannedSend, *, show_values: bool = False) -> tuple[Message, ...]:
    """Return the texts of chosen recipients, each text once; none if only the vendor has it.

    Values are masked unless `show_values`, and then too if the plan has only masks.
    """
    text = planned.facts and planned.facts.text
    if not text or not planned.facts:
        return ()
    kinds: dict[TextExample, list[Recipient]] = {}
    for kind, example in _examples(text):
        kinds.setdefault(example, []).append(kind)
    return tuple(_message(example, tuple(found), show_values=show_values) for example, found in kinds.items())


def text_note(planned: PlannedSend) -> str:
    """Return why a review has no text of a send, '' if it has one."""
    if planned.send.inline_text is not None:
        if planned.reason is PlanReason.LIST_ABSENT:
            return f"as written, because no list is here: {planned.send.inline_text}"
        return "" if planned.facts is not None else "the list of recipients could not be read"
    name = planned.message and planned.message.name
    named = f", named “{name}”" if name else ""
    kept = "published message" if "contentId" not in planned.send.payload else "content"
    return f"the vendor keeps the text of this {kept}{named}; open it there before you approve"


def _examples(text: TextFacts) -> Iterator[tuple[Recipient, TextExample]]:
    examples = (
        (Recipient.TYPICAL, text.typical),
        (Recipient.LONGEST, text.longest),
        (Recipient.SHORTEST, text.shortest),
        (Recipient.DEFAULTS_ONLY, text.defaults_only),
        (Recipient.FLIPPING, text.flipping),
    )
    return ((kind, example) for kind, example in examples if example is not None)


def _message(example: TextExample, recipients: tuple[Recipient, ...], *, show_values: bool) -> Message:
    costly = () if example.is_gsm7 else tuple(_costly(example))
    real_text = example.real_text if show_values else None
    return Message(
        recipients=recipients,
        text=example.text if real_text is None else real_text,
        source=str(example.location),
        length=example.length,
        is_gsm7=example.is_gsm7,
        segment_starts=example.segment_starts,
        values=example.values,
        costly=costly,
        notes=tuple(_notes(example, costly)),
        is_masked=real_text is None,
    )


def _costly(example: TextExample) -> Iterator[CostlyCharacter]:
    """Yield each character of the text that is outside GSM-7; those of masked values are not known."""
    masked = {offset for start, end in example.values for offset in range(start, end)}
    twins = plain_twins()
    for offset, character in enumerate(example.text):
        if offset not in masked and not sms.is_gsm7(character):
            twin = twins.get(character)
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            # Only the language decides whether a letter may lose its accent.
            plain = twin.twin if twin is not None and not twin.is_letter else None
            yield CostlyCharacter(offset, character, name, plain)


def _notes(example: TextExample, costly: tuple[CostlyCharacter, ...]) -> Iterator[str]:
    encoding = "GSM-7" if example.is_gsm7 else "UCS-2"
    characters = pluralize(len(example.text), "character")
    counted = (
        characters if len(example.text) == example.length else f"{characters} that count {example.length}"
    )
    yield f"{counted}, {encoding}, {pluralize(example.segments, 'segment')}"
    if example.is_gsm7:
        return
    if not costly:
        yield "a value of this recipient makes the text UCS-2"
        return
    first = costly[0]
    shown = ", ".join(dict.fromkeys(found.character for found in costly[:_SHOWN_MAX]))
    yield f"UCS-2 because of {shown} (character {first.offset + 1})"
    fewer = _plain_segments(example, costly)
    if fewer is not None and fewer < example.segments:
        twins = ", ".join(dict.fromkeys(found.twin or "" for found in costly[:_SHOWN_MAX]))
        yield f"with {twins} it is {pluralize(fewer, 'segment')} in GSM-7"


def _plain_segments(example: TextExample, costly: tuple[CostlyCharacter, ...]) -> int | None:
    """Return the segments with plain twins, None if these do not make the text GSM-7."""
    plain = _unmasked(example)
    for found in costly:
        plain = plain.replace(found.character, found.twin or found.character)
    return sms.segments(plain) if sms.is_gsm7(plain) else None


def _unmasked(example: TextExample) -> str:
    """Return the text with a letter for each masked character, because a mask is outside GSM-7 itself."""
    pieces, end = [], 0
    for start, stop in example.values:
        pieces += [example.text[end:start], "x" * (stop - start)]
        end = stop
    return "".join([*pieces, example.text[end:]])
