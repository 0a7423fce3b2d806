"""The time zone of some recipients is not known.

What: a recipient of a marketing send has no zone if the number has no country, such as +800, or if only a
lookup names the contact. A time zone in a list that is not a name of the tz database counts as none, so
that the number decides instead; so does a column such as "Time Zone" that nothing maps. Without `columns`,
the name of the column must be `timezone`. A recipient who cannot be in a declared zone keeps the zones of
the number. The rule reports them, in marketing sends. Declared zones
(`audience: {timezones}` or `{countries}`) count for recipients without a zone, so they prevent the first
finding. If no recipient of a send with lookups has a zone, `quiet-hours` reports an error instead.

Why: `quiet-hours` and `state-hours` cannot check the local time of these recipients. A column with the
zones of another system, such as "Eastern Time", has no effect.

Source: IANA tz database (names such as America/New_York); ITU-T E.164, numbers for global services. See the
spec format, time zones.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12125550123", timezone: Eastern Time}
          - {contactLookup: [{name: ID, value: "7", channel: SMS}]}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12125550123", timezone: America/New_York}
          - {contactLookup: [{name: ID, value: "7", channel: SMS}], timezone: America/Chicago}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.audience import count_outside
from sendspec.formatting import pluralize
from sendspec.model import Level, Purpose
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.timezones import zones_of_country

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import AudienceFacts, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_EXAMPLE = "such as America/New_York"


def _declares_zones(send: Send) -> bool:
    """Return whether recipients without a zone have those that the send declares."""
    return bool(send.audience.timezones or any(map(zones_of_country, send.audience.countries)))


def _blocked(facts: AudienceFacts) -> bool:
    """Return whether `quiet-hours` reports the send, because it is only to people in unknown zones."""
    return bool(facts.lookups) and not facts.zones.counts


class UnknownTimezone(Rule):
    """Recipients without a known time zone."""

    id = "unknown-timezone"
    group = RuleGroup.TIME
    level = Level.WARNING
    reasons: ClassVar = {
        "no-zone": "recipients have neither a number with a country nor a time zone",
        "unknown-name": "the time zone of some recipients is not in the tz database",
        "other-zone": "some recipients cannot be in a declared time zone",
        "unread-column": "the list has a column of time zones that nothing maps",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Report the recipients of a pending marketing send whose zone is not known."""
        facts = checked_send.facts
        if facts is None or not checked_send.pending or checked_send.send.purpose is not Purpose.MARKETING:
            return
        if facts.zones.has_unread_column:
            yield Violation(
                "unread-column",
                "the list has a column of time zones, which is not used, so numbers decide",
                checked_send.send.locations.of("contacts"),
                "map it with `columns: {timezone: …}`, or rename it if it has something else",
            )
        send = checked_send.send
        if outside := count_outside(facts, send.audience):
            message = (
                f"{outside:,} of {pluralize(facts.count, 'recipient')} cannot be in a declared time zone, "
                "so they keep their own"
            )
            location = send.locations.of("audience", "timezones")
            yield Violation("other-zone", message, location, "write all zones of the recipients")
        unknown, without = facts.zones.unknown_names, facts.zones.without_zone
        if unknown is not None:
            message = sentence(unknown, "recipient", "has", "a time zone that is not in the tz database")
            yield Violation("unknown-name", message, unknown.first, f"write its IANA name, {_EXAMPLE}")
        if without is not None and not _declares_zones(checked_send.send) and not _blocked(facts):
            message = sentence(
                without, "recipient", "has", "no time zone, so `quiet-hours` cannot check the time"
            )
            hint = f"map a column with `columns: {{timezone: …}}`, or write a `timezone`, {_EXAMPLE}"
            yield Violation("no-zone", message, without.first, hint)
