"""A marketing text arrives outside the hours of its state.

What: some states and countries allow marketing texts in fewer hours than `quiet-hours` does, or not on
Sundays and holidays. The rule judges marketing sends when they start: at `scheduledDate`, at `notBefore`,
or now. A number has the hours of the state of its area code, else those of its country. A zone of its own,
such as a column of the list has, decides before: in a zone of the state, the hours count in that zone, and
in another zone the person is not in the state. Declared zones narrow those of a number. For a contact
source, declare `audience: {countries: [FR]}`. Its states are not known, so an info names those whose hours
the time is outside of, if its declared zones allow them.

Hours in a statute about texts are errors; other hours are warnings. A send that starts now is a warning,
because `apply` waits for the hours of the statutes, unless its `notAfter` is earlier. It does not wait if the
rule is off or less than an error, nor with `allow`, nor on a sandbox, which reaches no person; so the rule
does not judge the present time there. The option `ignore` names jurisdictions whose hours do not apply to
your texts, such as `[US-AL]`. Holidays need the extra `sendspec[holidays]`.

Why: a text at a forbidden time costs up to 500 dollars a message in some states. French carriers delay
or refuse it.

Source: `sendspec/jurisdictions/marketing_hours.csv`, with a source, a basis and a date for each row; as of
2026-11-27. Florida, Oklahoma and Maryland 8-20; Connecticut 9-20; Texas 9-21, on Sunday 12-21 (statutes
that cover texts). Washington 8-20; Alabama, Louisiana and Mississippi 8-20, not on Sunday; Rhode Island
9-18, on Saturday 10-17, not on Sunday (rules for marketing calls, which many senders apply to texts).
France 8-22, neither on Sundays nor on holidays (charter of the carriers, af2m). The hours for calls in
France (10-13 and 14-20) and Canada do not apply to texts, so the table does not have them. Not legal advice.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12145550123"}
        notBefore: "2036-03-02T10:00:00-06:00"
        notAfter: "2036-03-02T22:00:00-06:00"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "12145550123"}
        notBefore: "2036-03-02T12:00:00-06:00"
        notAfter: "2036-03-02T21:00:00-06:00"
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from sendspec.audience import narrowed
from sendspec.formatting import pluralize
from sendspec.jurisdictions import Basis, area_codes, country_codes, jurisdictions, may_be_in
from sendspec.legal_hours import illegal_at, in_zones, next_legal
from sendspec.model import Level, Purpose
from sendspec.rules._lib.common_hours import common_limits
from sendspec.rules._lib.option_values import OptionValues, list_of
from sendspec.rules._lib.possible_states import possible_states, states_text
from sendspec.rules._lib.rule import HoursLimit, Option, Rule, RuleGroup, Violation
from sendspec.rules._lib.send_window import window_of
from sendspec.timezones import time_zone, zones_of_country

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.jurisdictions import Jurisdiction
    from sendspec.legal_hours import ZoneHours
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.rules._lib.send_window import SendWindow


_SECOND: Final = timedelta(seconds=1)


class _Place(Struct, frozen=True):
    """Recipients with the hours of one jurisdiction in the same zones; `recipients` is None if not known."""

    jurisdiction: Jurisdiction
    zones: tuple[str, ...]
    recipients: int | None

    def limits(self, year: int) -> tuple[ZoneHours, ...]:
        return in_zones(self.jurisdiction.hours(year), self.zones)


_JURISDICTIONS: Final = OptionValues(
    f"must be a list of {', '.join(jurisdictions())}",
    list_of({id_: f"The hours of {each.name} do not apply." for id_, each in jurisdictions().items()}),
)


class StateHours(Rule):
    """Marketing texts outside the hours of a state or country."""

    id = "state-hours"
    group = RuleGroup.TIME
    level = Level.ERROR
    reasons: ClassVar = {
        "statute": "the send starts outside the hours of a statute about texts",
        "other-rule": "the send starts outside the hours of carriers, or of a rule for calls",
        "states-not-known": "a contact source may have recipients in a state with other hours",
        "holidays-not-known": "the holidays of a jurisdiction are not known",
    }
    options: ClassVar = {
        "ignore": Option(None, "jurisdictions whose hours do not apply, such as US-AL", _JURISDICTIONS)
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the start of a pending marketing send with the hours of its recipients."""
        window = window_of(checked_send, context) if self._applies_to(checked_send) else None
        if window is None:
            return
        yield from self._possible_states(checked_send, context, window)
        places = self._places(checked_send, context)
        if not places:
            return
        year = window.start.year
        own = [limit for place in places for limit in place.limits(year)]
        for group in _by_jurisdiction(places):
            late = [place for place in group if illegal_at(window.start, place.limits(year))]
            if late:
                statute = late[0].jurisdiction.basis is Basis.STATUTE
                level = None if statute and not _can_wait(window, places) else Level.WARNING
                reason = "statute" if statute else "other-rule"
                hint = _hint(window, common_limits(own, checked_send, context, window.start))
                yield Violation(reason, _message(window, late), window.location, hint, level)
        unknown = [place.jurisdiction for place in places if not place.jurisdiction.knows_holidays(year)]
        if unknown:
            names = ", ".join(dict.fromkeys(jurisdiction.name for jurisdiction in unknown))
            message = f"the holidays of {names} in {year} are not known, so the rule does not check them"
            yield Violation(
                "holidays-not-known", message, window.location, "install `sendspec[holidays]`", Level.INFO
            )

    def legal_hours(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[HoursLimit]:
        """Yield the hours of statutes as errors, and those of other rules as warnings."""
        # The holidays are those of the year in which the send is due.
        year = max(context.now, checked_send.send.not_before or context.now).year
        for place in self._places(checked_send, context):
            level = None if place.jurisdiction.basis is Basis.STATUTE else Level.WARNING
            for limit in place.limits(year):
                yield HoursLimit(limit, level)

    def _applies_to(self, checked_send: CheckedSend) -> bool:
        return checked_send.send.purpose is Purpose.MARKETING and checked_send.pending

    def _possible_states(
        self, checked_send: CheckedSend, context: RuleContext, window: SendWindow
    ) -> Iterator[Violation]:
        """Yield an info about the hours of states that a contact source may have recipients in."""
        ignored = context.option(self, "ignore") or ()
        states = possible_states(checked_send, window.start.year, ignored)
        if names := states_text(window.start, states):
            own = chain.from_iterable(states.values())
            hint = _hint(window, common_limits(own, checked_send, context, window.start))
            message = (
                f"only the vendor knows the states of the recipients; it is too early or late in {names}"
            )
            yield Violation("states-not-known", message, window.location, hint, Level.INFO)

    def _places(self, checked_send: CheckedSend, context: RuleContext) -> list[_Place]:
        """Return the jurisdictions of the recipients of a pending marketing send."""
        if not self._applies_to(checked_send):
            return []
        ignored = context.option(self, "ignore") or ()
        return [place for place in _all_places(checked_send) if place.jurisdiction.id not in ignored]


def _all_places(checked_send: CheckedSend) -> Iterator[_Place]:
    """Yield the places of the recipients: by their own zone, else by their number."""
    facts, known, audience = checked_send.facts, jurisdictions(), checked_send.send.audience
    if facts is None:
        for country in audience.countries:
            if country in known:
                yield _Place(known[country], narrowed(zones_of_country(country), audience), None)
        return
    with_own: Counter[str] = Counter()
    for (prefix, zone), count in facts.zones.own.items():
        with_own[prefix] += count
        jurisdiction = (
            area_codes()[prefix].jurisdiction if prefix in area_codes() else country_codes()[prefix]
        )
        if may_be_in(zone, jurisdiction):
            yield _Place(known[jurisdiction], (zone,), count)
    for code, count in facts.area_codes.items():
        place = area_codes()[code]
        others = count - with_own[code]
        if others > 0:
            yield _Place(known[place.jurisdiction], narrowed(place.zones, audience), others)
    countries = facts.numbers.countries
    for code, country in () if known.keys().isdisjoint(countries) else country_codes().items():
        others = (countries[country].count if country in countries else 0) - with_own[code]
        if others > 0:
            yield _Place(known[country], narrowed(zones_of_country(country), audience), others)


def _can_wait(window: SendWindow, places: Sequence[_Place]) -> bool:
    """Return whether apply waits for the hours of the statutes, and they start before the window closes."""
    statutes = [place for place in places if place.jurisdiction.basis is Basis.STATUTE]
    limits = [limit for place in statutes for limit in place.limits(window.start.year)]
    nearest = next_legal(window.start, limits)
    in_window = nearest is not None and (window.not_after is None or nearest < window.not_after)
    return window.key is None and in_window


def _by_jurisdiction(places: Sequence[_Place]) -> Iterable[Sequence[_Place]]:
    groups: dict[str, list[_Place]] = {}
    for place in places:
        groups.setdefault(place.jurisdiction.id, []).append(place)
    return groups.values()


def _message(window: SendWindow, places: Sequence[_Place]) -> str:
    """Return the local time in one jurisdiction, the recipients there, and the hours with their source."""
    first = places[0]
    jurisdiction = first.jurisdiction
    zone = illegal_at(window.start, first.limits(window.start.year))[0].zone
    local = window.start.astimezone(time_zone(zone))
    known = [place.recipients for place in places if place.recipients is not None]
    recipients = f" ({pluralize(sum(known), 'recipient')})" if known else ""
    hours = jurisdiction.hours(local.year).on(local.date())
    legal = " and ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in hours)
    kind = "calls" if jurisdiction.basis is Basis.CALLS else "texts"
    allowed = f"marketing {kind} {legal}" if legal else "none on that day"
    return (
        f"{'it is' if window.key is None else 'the send starts on'} {local:%A %H:%M} in {jurisdiction.name}"
        f'{recipients}: "{jurisdiction.source}", as of {jurisdiction.as_of}, allows {allowed}'
    )


def _hint(window: SendWindow, limits: Sequence[ZoneHours]) -> str:
    nearest = next_legal(window.start, limits, lasting=window.duration + _SECOND)
    if nearest is None:
        return "split the list by state, because no time in the next 8 days is legal for all recipients"
    local = nearest.astimezone(window.start.tzinfo).isoformat(timespec="seconds")
    next_time = f"{local}, the next time that is legal for all recipients"
    if window.not_after is not None and window.not_after <= nearest:
        return f"write a `notAfter` later than {next_time}"
    return f"run apply at {next_time}" if window.key is None else f"send at {next_time}"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
