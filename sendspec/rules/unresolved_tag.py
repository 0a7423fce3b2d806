"""A `%%TAG%%` has no value for some recipients.

What: every tag of `content` needs a value for every recipient. The value comes from the contact's own
`personalization`, from a database field, or from `personalizationDefaults`. A blank cell is not a
value, and a default of blanks is not a default; an empty one removes the tag on purpose. Database fields
work only with the endpoint contacts. The send must name them in `databaseFields`, because sendspec cannot
read the database. Tags are case-sensitive. A `%%` outside a tag is also an error, and a default that no
tag uses is a warning.

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

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec import sms
from sendspec.formatting import pluralize
from sendspec.model import LOCATIONS_MAX, ContactFile, ContactQuery, Level
from sendspec.rules._lib.occurrence_phrases import other_locations
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import MissingValue, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


_BLANK_DEFAULT: Final = "write a default that is not blank, or give every contact a value"


class UnresolvedTag(Rule):
    """Tags without a value, and values without a tag."""

    id = "unresolved-tag"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "no-value": "a tag has no value for some or all recipients",
        "unclosed": "a %% does not open or close a tag",
        "unused-default": "no tag uses a default",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check for %% outside tags, unused defaults, and recipients without a value."""
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
        yield from _missing_values(checked_send)


def _filled_for_all(send: Send) -> frozenset[str]:
    """Return the tags that have a value for every recipient."""
    fields = send.database_fields if send.endpoint.traits.lookup else frozenset()
    defaults = send.payload.get("personalizationDefaults", {})
    return fields.union(tag for tag, default in defaults.items() if not str(default).isspace())


def _missing_values(checked_send: CheckedSend) -> Iterator[Violation]:
    """Yield a violation for each tag that nothing fills for some recipients."""
    send, facts = checked_send.send, checked_send.facts
    if facts is None or not facts.missing_values:
        return
    filled = _filled_for_all(send)
    for missing in facts.missing_values:
        if missing.tag not in filled:
            yield _missing_value(send, missing, facts.count)


def _missing_value(send: Send, missing: MissingValue, recipients: int) -> Violation:
    occurrences = missing.occurrences
    has_default = missing.tag in send.payload.get("personalizationDefaults", {})
    hint = _BLANK_DEFAULT if has_default else _suggestion(send, missing) or _hint(send)
    if occurrences.count == recipients:
        message = f"%%{missing.tag}%% has no value for any recipient"
        return Violation("no-value", message, send.locations.of("content"), hint)
    message = (
        f"%%{missing.tag}%% has no value for {occurrences.count:,} of {pluralize(recipients, 'recipient')}"
        f"{other_locations(occurrences)}"
    )
    return Violation("no-value", message, occurrences.first, hint)


def _suggestion(send: Send, missing: MissingValue) -> str | None:
    """Return a hint with a similar name; it does not show one from the header of a list."""
    tag, own, others = missing.tag, missing.names, sorted(_filled_for_all(send))
    contacts = send.contacts
    if not isinstance(contacts, ContactFile | ContactQuery) or contacts.columns is not None:
        return _did_you_mean(tag, (*own, *others))
    if _did_you_mean(tag, others) is None and _did_you_mean(tag, own) is not None:
        return f"rename the column with a similar name to '{tag}'; tags are case-sensitive"
    return _did_you_mean(tag, others)


def _hint(send: Send) -> str:
    if send.endpoint.traits.lookup:
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
