"""Violations for defects of texts and values, as the rules about them report these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec import sms
from sendspec.model import ContactFile, ContactQuery, Occurrences
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Violation
from sendspec.rules._lib.text_location import TextPart, text_location

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sendspec.model import DefectKind, Level, Location, NodePath, Send, ValueDefect
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.text_defects import Defect


class DefectText(Struct, frozen=True):
    """How a rule reports a kind of defect: `verb` and `rest` complete `1 value of %%NAME%% …`.

    `rest` may contain `{}` for the label of the defect. `level` None means the rule's own.
    """

    verb: str
    rest: str
    hint: str
    level: Level | None = None


def value_violations(
    checked_send: CheckedSend, texts: Mapping[DefectKind, DefectText]
) -> Iterator[Violation]:
    """Yield a violation for each defect in the values of the send's contacts that `texts` has."""
    facts = checked_send.facts
    for defect in () if facts is None else facts.value_defects:
        if defect.kind in texts:
            yield _value_violation(checked_send.send, defect, texts[defect.kind])


def link_violations(
    checked_send: CheckedSend, kind: DefectKind, text: DefectText, allowed: Collection[str] = ()
) -> Iterator[Violation]:
    """Yield a violation for each defect of links in the values of tags that the text of the send has.

    Defects whose label is a domain of `allowed`, or contains one, do not count.
    """
    send, facts = checked_send.send, checked_send.facts
    if facts is None or not facts.value_defects:
        return
    read = None if send.inline_text is None else set(sms.tags_in(send.inline_text))
    for defect in facts.value_defects:
        is_allowed = any(f".{domain}".endswith(f".{defect.label}") for domain in allowed)
        if defect.kind is kind and not is_allowed and (read is None or defect.tag in read):
            yield _value_violation(send, defect, text)


def _value_violation(send: Send, defect: ValueDefect, text: DefectText) -> Violation:
    occurrences = Occurrences(defect.count, defect.locations)
    nouns = _nouns(send, defect.tag)
    message = sentence(occurrences, nouns[0], text.verb, text.rest.format(defect.label), nouns[1])
    return Violation(defect.kind.value, message, occurrences.first, text.hint, text.level)


def _nouns(send: Send, tag: str) -> Sequence[str]:
    """Return singular and plural for values of a tag; they name tags of the spec, not of a list's header."""
    if not tag:
        return "cell", "cells"
    if tag in {"contactId", "phoneNumber", "contactLookup"}:
        return f"{tag}", f"{tag}s"
    contacts = send.contacts
    of_list = isinstance(contacts, ContactFile | ContactQuery) and contacts.columns is None
    known = {*sms.tags_in(send.inline_text or ""), *send.payload.get("personalizationDefaults", {})}
    shown = "a tag" if of_list and tag not in known else f"%%{tag}%%"
    return f"value of {shown}", f"values of {shown}"


def text_defects(
    send: Send, context: RuleContext, find: Callable[[str], Iterator[Defect]]
) -> Iterator[tuple[str, Defect, Location]]:
    """Yield each defect that `find` yields for the texts of a send, with the text's name and location."""
    content = send.inline_text
    if content is not None:
        for defect in find(content):
            yield "content", defect, _location(send, context, ("content",), content, defect)
    for tag, default in send.payload.get("personalizationDefaults", {}).items():
        path, text = ("personalizationDefaults", tag), str(default)
        for defect in find(text):
            yield f"the default of '{tag}'", defect, _location(send, context, path, text, defect)


def _location(send: Send, context: RuleContext, path: NodePath, text: str, defect: Defect) -> Location:
    part = TextPart(path, text, defect.offset, defect.offset + len(defect.text))
    return text_location(send, context, part)
