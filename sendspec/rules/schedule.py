"""A send to a contact source has no time, or one that cannot be meant.

What: `scheduledDate` must be an RFC 3339 date and time with an offset, in the future, and a time that
clocks show. Without it the send goes out as soon as it is applied, on merge (a warning). What was
sent already is not looked at; `validate`, which asks no ledger, says nothing of a time in the past.

An instant with an offset is never ambiguous, so most gaps of daylight saving time cannot be seen in
it: 02:30-05:00 in the night in which New York skips 02:30 is a fine time in Panama. What is found: an
offset that no place on earth has then (02:30-03:30 in Newfoundland's gap, or -05:15 on any day); and
with the option `zone` (such as America/New_York), in which your dates are meant, a local time that
this zone skips, and as a warning an offset that is not the zone's own on that day.

Why: the vendor documents no refusal of a time in the past and no cancel; an hour's mistake at the
change of clocks sends at 7 in the morning what was meant for 8.

Source: Acoustic Campaign, sending to a contact source: `scheduledDate`, absent = now. RFC 3339, 5.6.
IANA tz database.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: spring-sale-teaser
        scheduledDate: "2030-03-01T14:00:00"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: spring-sale-teaser
        scheduledDate: "2030-03-01T14:00:00-05:00"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sendspec.compare import SendState
from sendspec.model import Endpoint, Level
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.rules._lib.base import Option, Rule, Violation
from sendspec.rules._lib.timezones import in_gap, is_used_somewhere, is_zone, local_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.rules._lib.base import CheckedSend, Context


def _known_zone(value: Any) -> str | None:
    return None if is_zone(value) else "must be a zone of the tz database, such as America/New_York"


class Schedule(Rule):
    """When a send to a contact source goes out."""

    id = "schedule"
    level = Level.ERROR
    options: ClassVar = {"zone": Option(None, "the zone that scheduled dates are meant in", _known_zone)}

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterator[Violation]:
        """Look at the date of what is still to go out."""
        send = checked_send.send
        if send.endpoint is not Endpoint.CONTACT_SOURCE or not checked_send.pending:
            return
        text = send.payload.get("scheduledDate")
        if text is None:
            message = "no scheduledDate: it goes out at once when it is applied, on merge"
            hint = "write when it is to go out, or `allow` this if at once is meant"
            yield Violation(message, send.locations.root, hint, Level.WARNING)
            return
        location = send.locations.of("scheduledDate")
        try:
            when = parse_datetime(text)
        except InvalidDateTime as error:
            yield Violation(f"scheduledDate {error}", location, error.hint)
            return
        wrong = self._ill_timed(when, checked_send, context)
        if wrong is not None:
            yield Violation(f"scheduledDate {text} {wrong.what}", location, wrong.hint, wrong.level)

    def _ill_timed(self, when: datetime, checked_send: CheckedSend, context: Context) -> _Wrong | None:
        if when <= context.now:
            return None if context.offline else _past(checked_send)
        if not is_used_somewhere(when):
            offset = when.isoformat()[-6:]
            hint = "was it typed wrongly, or do the clocks change in between?"
            return _Wrong(f"has the offset {offset}, which no place on earth has then", hint)
        zone = context.option(self, "zone")
        return None if zone is None else _elsewhere(when, zone)


class _Wrong(NamedTuple):
    what: str
    hint: str
    level: Level | None = None


def _past(checked_send: CheckedSend) -> _Wrong:
    if checked_send.comparison.state is SendState.PARTIAL:
        hint = (
            "it is not known whether it was accepted before: unknown-outcome has the command that settles it"
        )
    else:
        hint = "the vendor may send it at once: write a time that is still to come"
    return _Wrong("is in the past", hint)


def _elsewhere(when: datetime, zone: str) -> _Wrong | None:
    """Say what the clocks of `zone`, in which the date is meant, make of it."""
    there = local_in(when, zone)
    hint = f"there it is {there.isoformat()}: write that, if it is what you mean"
    if in_gap(when, zone):
        return _Wrong(f"is a local time that {zone} skips", hint)
    if there.utcoffset() != when.utcoffset():
        return _Wrong(f"has another offset than {zone} on that day", hint, Level.WARNING)
    return None
