"""The scheduled date of a send is missing, invalid or past.

What: `scheduledDate` must be an RFC 3339 date and time with an offset, in the future. Its local time
must exist. Without it, the send is sent as soon as it is applied, on merge (a warning). The rule
ignores requests that are already sent. `validate` does not report past times, because it reads no
ledger.

An instant with an offset is never ambiguous, so the rule cannot find most gaps of daylight saving
time: New York skips 02:30-05:00 in one night, but Panama does not. The rule finds an offset that no
zone uses at that time: 02:30-03:30 in Newfoundland's gap, or -05:15 on any day. The option `zone`
names the zone of your dates, such as America/New_York. With it, the rule also finds a local time that
the zone skips. An offset that the zone does not use on that day is a warning.

Why: the vendor documents neither a refusal of past times nor a cancel call. An hour's mistake at a
clock change sends a message at 7 in the morning instead of 8.

Source: Acoustic Campaign, sending to a contact source: `scheduledDate`, absent = now. RFC 3339, 5.6.
IANA tz database.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale-teaser
        scheduledDate: "2030-03-01T14:00:00"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale-teaser
        scheduledDate: "2030-03-01T14:00:00-05:00"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from sendspec.compare import SendState
from sendspec.model import Level
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.rules._lib.local_time import in_gap, is_used_somewhere, local_in
from sendspec.rules._lib.option_values import OptionValues
from sendspec.rules._lib.rule import Option, Rule, RuleGroup, Violation
from sendspec.timezones import ZONE_PATTERN, is_zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


_ZONE: Final = OptionValues(
    "must be a zone of the tz database, such as America/New_York",
    {"type": "string", "pattern": ZONE_PATTERN},
    is_zone,
)


class Schedule(Rule):
    """The date of a send to a contact source."""

    id = "schedule"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "missing": "the send has no scheduledDate",
        "invalid": "the date is not a date and time with an offset",
        "past": "the date is in the past",
        "unused-offset": "no time zone uses the offset at that time",
        "skipped-time": "the zone of the project skips the local time",
        "other-offset": "the zone of the project has another offset on that day",
    }
    options: ClassVar = {"zone": Option(None, "the time zone of scheduled dates", _ZONE, "America/New_York")}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the date of a pending send."""
        send = checked_send.send
        if not send.endpoint.traits.schedulable or not checked_send.pending:
            return
        text = send.payload.get("scheduledDate")
        if text is None:
            message = "the send has no scheduledDate, so it is sent as soon as it is applied, on merge"
            hint = "write a scheduledDate, or `allow` this rule to send immediately"
            yield Violation("missing", message, send.locations.root, hint, Level.WARNING)
            return
        try:
            when = parse_datetime(text)
        except InvalidDateTime as error:
            location = send.locations.of("scheduledDate")
            yield Violation("invalid", f"scheduledDate {error}", location, error.hint)
            return
        defect = self._defect(when, checked_send, context)
        if defect is not None:
            location = send.locations.of("scheduledDate")
            message = f"scheduledDate {text} {defect.predicate}"
            yield Violation(defect.reason, message, location, defect.hint, defect.level)

    def _defect(self, when: datetime, checked_send: CheckedSend, context: RuleContext) -> _Defect | None:
        if when <= context.now:
            return None if context.offline else _past(checked_send)
        if not is_used_somewhere(when):
            predicate = f"has the offset {when.isoformat()[-6:]}, which no time zone uses at that time"
            hint = "check the offset, and whether the clocks change before that time"
            return _Defect("unused-offset", predicate, hint)
        zone = context.option(self, "zone")
        return None if zone is None else _zone_defect(when, zone)


class _Defect(Struct, frozen=True):
    """A defect of a valid date; `predicate` completes `scheduledDate …`."""

    reason: str
    predicate: str
    hint: str
    level: Level | None = None


def _past(checked_send: CheckedSend) -> _Defect:
    if checked_send.comparison.state is SendState.PARTIAL:
        hint = "settle the unknown outcome first, with the command in the finding of unknown-outcome"
    else:
        hint = "write a future time, because the vendor may send a past one immediately"
    return _Defect("past", "is in the past", hint)


def _zone_defect(when: datetime, zone: str) -> _Defect | None:
    """Return the defect of a date whose author means the local time of `zone`."""
    local = local_in(when, zone)
    hint = f"write {local.isoformat()} if this instant is right"
    if in_gap(when, zone):
        return _Defect("skipped-time", f"is a local time that {zone} skips", hint)
    if local.utcoffset() != when.utcoffset():
        predicate = f"has another offset than {zone} on that day"
        return _Defect("other-offset", predicate, hint, Level.WARNING)
    return None
