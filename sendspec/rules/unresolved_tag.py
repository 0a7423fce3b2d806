"""A `%%TAG%%` has nothing to be filled with, for some recipients or for all.

What: every tag of `content` needs a value for every recipient: the contact's own `personalization`
(an empty cell is none), or a database field (endpoint contacts only, and only those that the send
declares in `databaseFields`, for sendspec cannot see the database), or `personalizationDefaults`.
Tags are case-sensitive. A `%%` that neither opens nor closes a tag is an error too; a default that no
tag uses is a warning.

Why: the API refuses the whole request of up to 1,000 contacts for one tag that matches nothing.

Source: Acoustic Campaign, sending an SMS to contacts: 400 `Wrong personalization tags {tag}`; the
order in which a tag is filled.

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

from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.formatting import pluralize
from sendspec.model import Endpoint, Level
from sendspec.rules._lib.base import Rule, Violation, Watch, text_of
from sendspec.rules._lib.examples import EXAMPLES, Rows
from sendspec.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.base import CheckedSend, Context


class UnresolvedTag(Rule):
    """Tags without a value."""

    id = "unresolved-tag"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Look for what is no tag, and for defaults without a tag."""
        send = checked_send.send
        content = text_of(send)
        if content is None:
            return
        if unclosed := sms.unclosed_tags(content):
            yield Violation(
                f"%% in content neither opens nor closes a tag, at character "
                f"{', '.join(str(offset + 1) for offset in unclosed[:EXAMPLES])}",
                send.locations.of("content"),
                "write a tag as %%NAME%%, and a percent sign as a single %",
            )
        tags = sms.tags_in(content)
        for name in send.payload.get("personalizationDefaults", {}):
            if name not in tags:
                yield Violation(
                    f"the default of '{name}' is never used: content has no %%{name}%%",
                    send.locations.key("personalizationDefaults", name),
                    _did_you_mean(name, tags) or "use the tag, or remove its default",
                    Level.WARNING,
                )

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look for recipients that bring no value of a tag that nothing else fills."""
        content = text_of(send)
        if content is None:
            return None
        filled = _filled_for_all(send)
        needed = [tag for tag in sms.tags_in(content) if tag not in filled]
        return _Missing(send, needed) if needed else None


def _filled_for_all(send: Send) -> frozenset[str]:
    """Give the tags that have a value whoever the recipient is."""
    fields = send.database_fields if send.endpoint is Endpoint.CONTACTS else frozenset()
    return fields.union(send.payload.get("personalizationDefaults", {}))


class _Missing(Watch):
    """Counts the recipients without a value, by tag."""

    def __init__(self, send: Send, needed: Sequence[str]) -> None:
        self._send = send
        self._needed = dict.fromkeys(needed).keys()
        self._seen = 0
        self._rows: dict[str, Rows] = {}
        self._brought: dict[str, tuple[str, ...]] = {}

    def see(self, contacts: Sequence[Contact]) -> None:
        self._seen += len(contacts)
        for contact in contacts:
            if not contact.personalization.keys() >= self._needed:
                self._note(contact)

    def _note(self, contact: Contact) -> None:
        for tag in self._needed - contact.personalization.keys():
            self._rows.setdefault(tag, Rows()).add(contact.location)
            self._brought.setdefault(tag, tuple(contact.personalization))

    def reports(self) -> Iterator[Violation]:
        for tag in self._needed:
            if tag in self._rows:
                yield self._report(tag, self._rows[tag])

    def _report(self, tag: str, rows: Rows) -> Violation:
        known = (*self._brought[tag], *sorted(_filled_for_all(self._send)))
        hint = _did_you_mean(tag, known) or self._way_out()
        if rows.count == self._seen:
            return Violation(
                f"%%{tag}%% has no value for any recipient", self._send.locations.of("content"), hint
            )
        return Violation(
            f"%%{tag}%% has no value for {rows.count:,} of {pluralize(self._seen, 'recipient')}{rows.also()}",
            rows.first,
            hint,
        )

    def _way_out(self) -> str:
        field = ""
        if self._send.endpoint is Endpoint.CONTACTS:
            field = "; if it is a field of the database, name it in databaseFields"
        return f"give every contact a value, or all of them one in personalizationDefaults{field}"


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the known tag that is most like `name`, if one is close."""
    match = closest(name, (tag for tag in known if tag != name))
    if match is None:
        return None
    return f"did you mean %%{match}%%?{' tags are case-sensitive' * (match.casefold() == name.casefold())}"
