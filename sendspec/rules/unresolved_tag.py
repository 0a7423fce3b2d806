"""A `%%TAG%%` has no value for some recipients.

What: every tag of `content` needs a value for every recipient. The value comes from the contact's own
`personalization`, from a database field, or from `personalizationDefaults`. An empty cell is not a
value. Database fields work only with the endpoint contacts. The send must name them in
`databaseFields`, because sendspec cannot read the database. Tags are case-sensitive. A `%%` outside a
tag is also an error, and a default that no tag uses is a warning.

Why: one unknown tag makes the API refuse the whole request of up to 1,000 contacts.

Source: Acoustic Campaign, sending an SMS to contacts: 400 `Wrong personalization tags {tag}`; the
order of the sources of a tag's value.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%Gate%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec import sms
from sendspec.formatting import pluralize
from sendspec.model import ContactFile, Level
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import LOCATIONS_MAX, ViolationCount
from sendspec.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class UnresolvedTag(Rule):
    """Tags without a value, and values without a tag."""

    id = "unresolved-tag"
    level = Level.ERROR
    reasons: ClassVar = {
        "no-value": "a tag has no value for some or all recipients",
        "unclosed": "a %% does not open or close a tag",
        "unused-default": "no tag uses a default",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check for %% outside tags, and for unused defaults."""
        send = checked_send.send
        content = send.inline_text
        if content is None:
            return
        if unclosed := sms.unclosed_tags(content):
            yield Violation(
                "unclosed",
                f"content has %% outside a tag, at character "
                f"{', '.join(str(offset + 1) for offset in unclosed[:LOCATIONS_MAX])}",
                send.locations.of("content"),
                "write a tag as %%NAME%%, and a percent sign as a single %",
            )
        tags = sms.tags_in(content)
        for name in send.payload.get("personalizationDefaults", {}):
            if name not in tags:
                yield Violation(
                    "unused-default",
                    f"the default of '{name}' is unused, because content has no %%{name}%%",
                    send.locations.key("personalizationDefaults", name),
                    _did_you_mean(name, tags) or "use the tag in content, or remove its default",
                    Level.WARNING,
                )

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check the recipients for values of the tags that nothing else fills."""
        content = send.inline_text
        if content is None:
            return None
        filled = _filled_for_all(send)
        unfilled = [tag for tag in sms.tags_in(content) if tag not in filled]
        return _TagValueCheck(send, unfilled) if unfilled else None


def _filled_for_all(send: Send) -> frozenset[str]:
    """Return the tags that have a value for every recipient."""
    fields = send.database_fields if send.endpoint.traits.lookup else frozenset()
    return fields.union(send.payload.get("personalizationDefaults", {}))


class _TagValueCheck(ContactCheck):
    """Counts the recipients without a value, by tag."""

    def __init__(self, send: Send, tags: Sequence[str]) -> None:
        self._send = send
        self._tags = dict.fromkeys(tags).keys()
        self._recipients = 0
        self._missing: dict[str, ViolationCount] = {}
        self._names_of_first: dict[str, tuple[str, ...]] = {}

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        self._recipients += len(contacts)
        for contact in contacts:
            if not contact.personalization.keys() >= self._tags:
                self._add(contact)

    def _add(self, contact: Contact) -> None:
        for tag in self._tags - contact.personalization.keys():
            self._missing.setdefault(tag, ViolationCount()).add(contact.location)
            self._names_of_first.setdefault(tag, tuple(contact.personalization))

    def violations(self) -> Iterator[Violation]:
        for tag in self._tags:
            if tag in self._missing:
                yield self._violation(tag, self._missing[tag])

    def _violation(self, tag: str, missing: ViolationCount) -> Violation:
        hint = self._suggestion(tag) or self._hint()
        if missing.count == self._recipients:
            message = f"%%{tag}%% has no value for any recipient"
            return Violation("no-value", message, self._send.locations.of("content"), hint)
        message = (
            f"%%{tag}%% has no value for {missing.count:,} of {pluralize(self._recipients, 'recipient')}"
            f"{missing.other_locations()}"
        )
        return Violation("no-value", message, missing.first, hint)

    def _suggestion(self, tag: str) -> str | None:
        """Return a hint with a similar name; it does not show one from the header of a list."""
        own, others = self._names_of_first[tag], sorted(_filled_for_all(self._send))
        contacts = self._send.contacts
        if not isinstance(contacts, ContactFile) or contacts.columns is not None:
            return _did_you_mean(tag, (*own, *others))
        if _did_you_mean(tag, others) is None and _did_you_mean(tag, own) is not None:
            return f"rename the column with a similar name to '{tag}'; tags are case-sensitive"
        return _did_you_mean(tag, others)

    def _hint(self) -> str:
        if self._send.endpoint.traits.lookup:
            return (
                "give every contact a value, write a default in personalizationDefaults, "
                "or name a database field in databaseFields"
            )
        return "give every contact a value, or write a default in personalizationDefaults"


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the closest of the `known` names, if one is close."""
    match = closest(name, (tag for tag in known if tag != name))
    if match is None:
        return None
    return f"did you mean %%{match}%%?{' tags are case-sensitive' * (match.casefold() == name.casefold())}"
