"""The text of a send as its recipients read it, as far as that is the same for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec import sms
from sendspec.model import ContactFile, ContactQuery, InlineContacts
from sendspec.rules._lib.text_location import TextPart
from sendspec.text_content import mask_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import NodePath, Send
    from sendspec.rules._lib.rule import CheckedSend


def text_for_all(checked_send: CheckedSend) -> str | None:
    """Return the text of a send with the defaults that apply to all its recipients, None if it has none.

    Names of other tags are hidden.
    """
    content = checked_send.send.inline_text
    if content is None:
        return None
    defaults = defaults_of(checked_send.send)
    applied = {tag: text for tag, text in defaults.items() if _applies_to_all(checked_send, tag)}
    return mask_tags(sms.substitute(content, {}, applied)) if applied else checked_send.texts[0].masked


def text_with_defaults(send: Send) -> str:
    """Return the text of a recipient without values of their own; names of tags are hidden."""
    return mask_tags(sms.substitute(send.inline_text or "", {}, defaults_of(send)))


def defaults_of(send: Send) -> Mapping[str, str]:
    """Return the defaults of the tags of a send."""
    return {tag: str(text) for tag, text in send.payload.get("personalizationDefaults", {}).items()}


def _applies_to_all(checked_send: CheckedSend, tag: str) -> bool:
    """Return whether the default of a tag applies to all recipients, because none has another value."""
    send, facts, contacts = checked_send.send, checked_send.facts, checked_send.send.contacts
    if send.endpoint.traits.lookup and tag in send.database_fields:
        return False
    if isinstance(contacts, InlineContacts):
        return not any(tag in contact.get("personalization", {}) for contact in contacts.contacts)
    columns = contacts.columns if isinstance(contacts, ContactFile | ContactQuery) else None
    if columns is not None:
        return tag not in columns.get("personalization", {})
    if send.absent_lists:
        return False  # The list may have the column.
    missing = () if facts is None else facts.missing_values
    return facts is None or any(each.tag == tag and each.occurrences.count == facts.count for each in missing)


class SendText(Struct, frozen=True):
    """A text of a send: its name in messages, the path of its property, and the text itself.

    `masked` is the text in the same length, with the names of tags hidden.
    """

    name: str
    path: NodePath
    written: str
    masked: str

    def part(self, start: int, end: int) -> TextPart:
        """Return a part of the text by its offsets."""
        return TextPart(self.path, self.written, start, end)


def texts_of(send: Send) -> Iterator[SendText]:
    """Yield the texts of a send that people read: its content and the defaults."""
    if send.inline_text is not None:
        yield _text("content", ("content",), send.inline_text)
        for tag, default in defaults_of(send).items():
            yield _text(f"the default of '{tag}'", ("personalizationDefaults", tag), default)


def _text(name: str, path: NodePath, written: str) -> SendText:
    return SendText(name, path, written, mask_tags(written))


def used_texts(send: Send) -> Iterator[SendText]:
    """Yield the texts of a send without the defaults of tags that its content does not have."""
    used = {"content", *sms.tags_in(send.inline_text or "")}
    return (text for text in texts_of(send) if text.path[-1] in used)
