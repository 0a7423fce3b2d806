"""Violations for defects of texts and values, as the rules about them report these."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec import sms
from sendspec.model import ContactFile, ContactQuery, Occurrences
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sendspec.model import DefectKind, Level, Location, Send, ValueDefect
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.text_defects import Defect


class DefectText(NamedTuple):
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
            location = variable_location(send, context, defect.text) or send.locations.of("content")
            yield "content", defect, location
    for tag, default in send.payload.get("personalizationDefaults", {}).items():
        for defect in find(str(default)):
            yield f"the default of '{tag}'", defect, send.locations.of("personalizationDefaults", tag)


def variable_location(send: Send, context: RuleContext, part: str) -> Location | None:
    """Return the location of the variable with `part` in its text, None if the text of the send has it."""
    campaign = next((each for each in context.project.campaigns if each.name == send.campaign), None)
    if campaign is None:
        return None
    spec = next((spec for spec in campaign.sends if spec.locations is send.locations), None)
    if spec is None or part in str(spec.properties.get("content", "")):
        return None
    for owner in (campaign, context.project):
        for path, text in _strings(owner.vars, ("vars",)):
            if part in text and owner.locations is not None:
                return owner.locations.of(*path)
    return None


def _strings(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))
