"""A marketing text arrives at night or early in the morning.

What: a send must start and end outside the quiet hours of each recipient, from `from` (option,
default 21:00) to `to` (option, default 08:00), in every zone that the recipient may be in: the contact's
own, else all zones of the area code, else all of the country. The rule judges `scheduledDate` or
`notBefore`, and else the present time. The end is an estimate: one second for each request, in parallel as
the target allows. The rule also reports a `notAfter` before the next time that is legal for all recipients.

It checks the purposes in the option `purposes` (default [marketing]), because a security code or a gate
change is useless in the morning. Add transactional if your texts can wait. A send that starts now is a
warning, because `apply` waits for legal hours. It does not wait on a sandbox, which reaches no person, so
the rule does not judge the present time there. `validate` does not judge it either, because it reads no
ledger. For a contact source, and for contacts known by a lookup only, declare
`audience: {timezones: [America/New_York]}`, or `audience: {countries: [US]}` for all zones of the country.
Without any known or declared zone they are an error, because the send could go out at any hour.

Why: nothing can stop a text after it is sent. In the United States, recipients sue for single texts at
night, for 500 to 1,500 dollars each.

Source: 47 CFR 64.1200(c)(1), solicitations to homes only from 8 a.m. to 9 p.m. in the local time of the
called party; 47 U.S.C. 227(c)(5), damages. Courts disagree whether that covers a text with prior consent.
CTIA, Messaging Principles and Best Practices (May 2023), 5.3.1: carriers may block unlawful texts. All as
of 2026-11-27. Not legal advice. Stricter hours of states and countries are those of `state-hours`.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12125550123"}
          - {contactId: "13105550123"}
        notBefore: "2036-03-03T09:00:00-05:00"
        notAfter: "2036-03-03T20:00:00-05:00"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12125550123"}
          - {contactId: "13105550123"}
        notBefore: "2036-03-03T11:00:00-05:00"
        notAfter: "2036-03-03T20:00:00-05:00"
"""

from __future__ import annotations

from datetime import time, timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final

from msgspec import Struct

from sendspec.audience import candidate_zones
from sendspec.legal_hours import illegal_at, in_zones, legal_interval, next_legal, outside_quiet_hours
from sendspec.model import Level, Purpose
from sendspec.rules._lib.common_hours import common_limits
from sendspec.rules._lib.option_values import OptionValues, list_of
from sendspec.rules._lib.quiet_zones import (
    clocks_text,
    common_groups,
    group_names,
    known_zone,
    recipients_text,
)
from sendspec.rules._lib.rule import HoursLimit, Option, Rule, RuleGroup, Violation
from sendspec.rules._lib.send_window import window_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sendspec.legal_hours import LegalHours, ZoneHours
    from sendspec.model import CandidateZones
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.rules._lib.send_window import SendWindow

_SECOND: Final = timedelta(seconds=1)
_TIME_OF_DAY: Final = OptionValues(
    'must be a time of day such as "21:00"',
    {"type": "string", "pattern": "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"},
)
_PURPOSES: Final = OptionValues(
    f"must be a list of {' and '.join(Purpose)}",
    {
        "minItems": 1,
        **list_of(
            {
                Purpose.MARKETING.value: "Marketing campaigns have quiet hours.",
                Purpose.TRANSACTIONAL.value: "Transactional campaigns have quiet hours.",
            }
        ),
    },
)


class QuietHours(Rule):
    """Sends at a time that is quiet for some recipients."""

    id = "quiet-hours"
    group = RuleGroup.TIME
    level = Level.ERROR
    reasons: ClassVar = {
        "start": "the send starts in the quiet hours of some recipients",
        "end": "the last requests of the send are in the quiet hours of some recipients",
        "window": "no time in the window of the send is legal for all recipients",
        "unknown-zones": "no time zone of any recipient is known or declared",
    }
    options: ClassVar = {
        "from": Option("21:00", "the start of the quiet hours, in local time", _TIME_OF_DAY),
        "to": Option("08:00", "the end of the quiet hours, in local time", _TIME_OF_DAY),
        "purposes": Option(["marketing"], "the purposes of campaigns that have quiet hours", _PURPOSES),
    }

    def option_problem(self, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the problem of quiet hours that are empty, with a hint."""
        values = {name: options.get(name, self.options[name].default) for name in ("from", "to")}
        if values["from"] != values["to"]:
            return None
        return "the quiet hours start and end at the same time", "write another `from` or `to`"

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the start and the end of a pending send with the quiet hours of its recipients."""
        if not self._applies_to(checked_send, context):
            return
        zones = candidate_zones(checked_send.send, checked_send.facts)
        if not zones:
            yield from _without_zones(checked_send)
        window = window_of(checked_send, context)
        if zones and window is not None:
            yield from _Judgement(window, zones, self.hours(context), checked_send, context).violations()

    def legal_hours(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[HoursLimit]:
        """Yield the hours of every candidate zone, for which apply waits."""
        if self._applies_to(checked_send, context):
            zones = candidate_zones(checked_send.send, checked_send.facts)
            for limit in in_zones(self.hours(context), chain.from_iterable(zones)):
                yield HoursLimit(limit)

    def hours(self, context: RuleContext) -> LegalHours:
        """Return the legal hours of every day: those outside the quiet hours of the project."""
        return _hours_outside(context.option(self, "from"), context.option(self, "to"))

    def _applies_to(self, checked_send: CheckedSend, context: RuleContext) -> bool:
        return checked_send.pending and checked_send.send.purpose in context.option(self, "purposes")


@lru_cache
def _hours_outside(start: str, end: str) -> LegalHours:
    return outside_quiet_hours(time.fromisoformat(start), time.fromisoformat(end))


def _without_zones(checked_send: CheckedSend) -> Iterator[Violation]:
    """Yield the violation of a send that would go out at any hour, because nothing says where people are."""
    send, facts = checked_send.send, checked_send.facts
    hint = "write their zones, such as `audience: {timezones: [America/New_York]}`"
    if not send.endpoint.traits.has_contacts:
        message = "only the vendor has the recipients, so their time zones and quiet hours are not known"
        yield Violation("unknown-zones", message, send.locations.root, hint)
    elif facts is not None and facts.lookups and facts.zones.without_zone is not None:
        whose = "the only recipient has" if facts.count == 1 else f"all {facts.count:,} recipients have"
        message = f"{whose} neither a number with a country nor a time zone, so quiet hours are not known"
        yield Violation("unknown-zones", message, facts.zones.without_zone.first, hint)


class _Judgement(Struct, frozen=True):
    """The time of a send and the candidate zones of its recipients, with counts, under legal hours."""

    window: SendWindow
    zones: Mapping[CandidateZones, int]
    hours: LegalHours
    checked_send: CheckedSend
    context: RuleContext

    @property
    def every(self) -> tuple[ZoneHours, ...]:
        """These hours and those of other rules, for hints."""
        return common_limits(self.limits, self.checked_send, self.context, self.window.start)

    @property
    def limits(self) -> tuple[ZoneHours, ...]:
        return in_zones(self.hours, chain.from_iterable(self.zones))

    @property
    def _needed(self) -> timedelta:
        """The time that must be legal; the last request starts at its end."""
        return self.window.duration + _SECOND

    def violations(self) -> Iterator[Violation]:
        """Yield at most one violation: of the window, else of the start, else of the end."""
        window = self.window
        legal = legal_interval(window.start, self.limits, self._needed)
        if legal is None:
            yield self._window_without_time() or self._start()
        elif legal.end <= window.end:
            recipients, clocks = self._quiet_at(legal.end)
            message = f"the requests last into quiet hours of {recipients}: {clocks}"
            yield Violation("end", message, window.location, self._hint(), self._level)

    def _start(self) -> Violation:
        key, start = self.window.key, self.window.start
        subject = "the send starts" if key is None else f"{key} {start.isoformat()} is"
        recipients, clocks = self._quiet_at(start)
        message = f"{subject} in quiet hours of {recipients}: {clocks}"
        return Violation("start", message, self.window.location, self._hint(), self._level)

    @property
    def _level(self) -> Level | None:
        return Level.WARNING if self.window.key is None else None

    def _window_without_time(self) -> Violation | None:
        """Return the violation of a window without a legal time, in which apply only waits."""
        end = self.window.not_after
        if end is None:
            return None
        nearest = next_legal(self.window.start, self.limits)
        if nearest is not None and nearest < end:
            return None
        recipients, clocks = self._quiet_at(self.window.start)
        message = f"notAfter {end.isoformat()} precedes the legal hours of {recipients}: {clocks}"
        legal = next_legal(self.window.start, self.every)
        later = legal and f"write a `notAfter` after {self._shown(legal)}, the next legal time for all"
        return Violation("window", message, self.window.location, later or self._hint(), self._level)

    def _quiet_at(self, at: datetime) -> tuple[str, str]:
        """Return the recipients with quiet hours at an instant, and what their clocks show."""
        quiet = {zones: count for zones, count in self.zones.items() if self._quiet(at, zones)}
        return recipients_text(quiet, self.zones), clocks_text(at, self._clocks(at, quiet))

    def _clocks(self, at: datetime, quiet: Mapping[CandidateZones, int]) -> Iterator[tuple[str, int]]:
        """Yield a zone with quiet hours for each set of zones, with the recipients of the set."""
        for zones, count in quiet.items():
            yield known_zone(at, [limit.zone for limit in self._quiet(at, zones)]), count

    def _quiet(self, at: datetime, zones: CandidateZones) -> tuple[ZoneHours, ...]:
        return illegal_at(at, in_zones(self.hours, zones))

    def _hint(self) -> str:
        start = self.window.start
        nearest = next_legal(start, self.every, lasting=self._needed)
        if nearest is not None:
            verb = "run apply" if self.window.key is None else "write"
            preposition = "at " if self.window.key is None else ""
            shown = self._shown(nearest)
            return f"{verb} {preposition}{shown}, the next time that is legal for all recipients"
        if next_legal(start, self.limits, lasting=self._needed) is not None:
            return "split the list by state, because no time in the next 8 days is legal for all recipients"
        groups = common_groups(start, self.zones, self.hours)
        if len(groups) > 1:
            return f"split the send by time zone, because no time is legal for all: {group_names(groups)}"
        return "split the send, or shorten its quiet hours: no time in the next 8 days is legal for all"

    def _shown(self, at: datetime) -> str:
        return at.astimezone(self.window.shown_in(self.zones)).isoformat(timespec="seconds")
