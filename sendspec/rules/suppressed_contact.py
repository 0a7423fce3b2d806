"""An exclude list removes contacts, or cannot remove them.

What: an info says how many contacts of a send each list of `exclude` removes. A warning reports a list
that is older than 10 business days or has no numbers, and contacts that no list can match, because they
are known by lookup only. For a contact source, `exclude` has no effect, because only the vendor has its
contacts: a warning, and an info if the list is that of the project. An error reports the rows of a list
whose number is missing, not valid, or without its country code, and rows that a quote may hide in a cell.
A defect of a list is reported once, with the number of its sends; `allow` accepts it for its own send only.

A list also excludes the number that was probably meant, such as 447700900123 for 4407700900123. It
excludes a contact if it has the contact's number as people dial it inside the country, which is a
warning. A list whose numbers look like those of a second country is an error if the send has contacts
of that country; `audience.countries` says which countries are meant.

The date of a list is that of its last commit if git tracks it and it is unmodified, otherwise that of
the file. In a clone without older commits the age may be unknown, which is an info. Business days are
Monday to Friday, in UTC.

Why: a person who opted out and gets another message is a violation that costs 500 to 1,500 dollars in
the United States. An old list lacks the newest opt-outs. A number that differs from that of the contact
excludes no person.

Source: 47 CFR 64.1200(a)(10), as of 2024-03-05 (89 FR 15756), consent for texts: a revocation must be
honoured within 10 business days; 15 U.S.C. 7704(a)(4) (CAN-SPAM) has the same limit for e-mail. This is
not legal advice.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        exclude: [../contacts/opt-out.csv]
        contacts:
          - {contactId: "447700900123"}
          - {contactId: "447700900124"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        exclude: [../contacts/newest.csv]
        contacts:
          - {contactId: "447700900124"}
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.phone import numbering_plans
from sendspec.rules._lib.number_phrases import appearance_text, hint_text, message_text
from sendspec.rules._lib.occurrence_phrases import other_locations
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.rules._lib.settings import active_exception

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sendspec.model import AudienceFacts, ContactFile, ExcludeFacts, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_BUSINESS_DAYS_MAX: Final = 10
_SATURDAY: Final = 5
_WITH_COUNTRY_CODE: Final = "write each number with its country code, in digits"
_PINNED: Final = "add the country code, or list the countries of the contacts in audience.countries"


class SuppressedContact(Rule):
    """Effects of exclude lists, and reasons why one has none."""

    id = "suppressed-contact"
    group = RuleGroup.PEOPLE
    level = Level.INFO
    reasons: ClassVar = {
        "excluded": "a list removes contacts",
        "unreadable-number": "rows of a list have no usable number",
        "invalid-number": "numbers of a list are not valid with a country code",
        "hidden-rows": "a cell of a list has several lines with the digits of numbers",
        "ambiguous-country-code": "numbers of a list look as if their country code were missing",
        "excluded-without-code": "a list removes contacts by their number without the country code",
        "empty-list": "a list has no numbers",
        "unmatched-lookup": "contacts are known by lookup only, which no list can match",
        "not-applied": "only the vendor has the contacts, so lists have no effect",
        "old-list": "a list is older than 10 business days",
        "unknown-age": "the age of a list is unknown",
    }

    def check_together(
        self, checked_sends: Sequence[CheckedSend], context: RuleContext
    ) -> Iterator[Violation]:
        """Report the rows and the age of each list once, for all sends that read it.

        Sends with a valid `allow` entry are counted apart, so that an entry accepts only its own send.
        """
        sends: dict[tuple[Violation, bool], dict[str, Send]] = {}
        for checked_send in checked_sends:
            if not _is_open(checked_send, context):
                continue
            send = checked_send.send
            is_allowed = active_exception(send, self, context.now)[0] is not None
            for violation in _list_violations(checked_send, context):
                sends.setdefault((violation, is_allowed), {})[send.address] = send
        for (violation, _), readers in sends.items():
            shared = f" ({len(readers):,} sends)" if len(readers) > 1 else ""
            first = next(iter(readers.values()))
            yield violation._replace(message=violation.message + shared, send=first)

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Report the effect of each list on the contacts of the send."""
        send, facts = checked_send.send, checked_send.facts
        if facts is not None:
            for excluded in facts.excluded:
                yield from _effect_violations(excluded)
            yield from _audience_violations(send, facts)


def _is_open(checked_send: CheckedSend, context: RuleContext) -> bool:
    """Return whether a plan shows the findings about a send; one of several sends must not hide them."""
    not_after = checked_send.send.not_after
    is_expired = not context.offline and not_after is not None and not_after <= context.now
    return not checked_send.comparison.finished and not is_expired


def _list_violations(checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
    """Yield the defects of the lists, which are equal for all sends that read one in the same way."""
    send, facts = checked_send.send, checked_send.facts
    if facts is None:
        at_vendor = not send.endpoint.traits.has_contacts
        yield from (_not_applied(send, file) for file in send.exclude if at_vendor)
        return
    for excluded in facts.excluded:
        yield from _emptiness_violations(excluded)
        yield from _number_violations(excluded, facts)
        yield from _age_violations(excluded.file, context)


def _not_applied(send: Send, file: ContactFile) -> Violation:
    of_project = file.location.file != send.locations.root.file
    return Violation(
        "not-applied",
        f"{file.shown} has no effect, because only the vendor has the contacts of a contact source",
        file.location,
        "exclude these people from the contact source itself",
        Level.INFO if of_project else Level.WARNING,
    )


def _effect_violations(excluded: ExcludeFacts) -> Iterator[Violation]:
    name, location = excluded.file.shown, excluded.file.location
    if excluded.removed:
        contacts = pluralize(excluded.removed, "contact")
        verbs = ("is", "gets") if excluded.removed == 1 else ("are", "get")
        message = f"{contacts} of the send {verbs[0]} on {name} and {verbs[1]} no message"
        yield Violation("excluded", message, location)
    if excluded.removed_nationally:
        contacts = pluralize(excluded.removed_nationally, "contact")
        verb = "is" if excluded.removed_nationally == 1 else "are"
        yield Violation(
            "excluded-without-code",
            f"{contacts} {verb} excluded because {name} has the number without its country code",
            location,
            _WITH_COUNTRY_CODE,
            Level.WARNING,
        )


def _emptiness_violations(excluded: ExcludeFacts) -> Iterator[Violation]:
    name, location = excluded.file.shown, excluded.file.location
    if not excluded.numbers and not excluded.without_number and not excluded.survey.invalid:
        yield Violation(
            "empty-list",
            f"{name} has no numbers, so it excludes no contact",
            location,
            "check the export of the list",
            Level.WARNING,
        )


def _number_violations(excluded: ExcludeFacts, facts: AudienceFacts) -> Iterator[Violation]:
    """Yield the numbers of a list that may differ from those of the contacts."""
    name = excluded.file.shown
    if excluded.without_number is not None:
        rows = excluded.without_number
        verb = "excludes" if rows.count == 1 else "exclude"
        yield Violation(
            "unreadable-number",
            f"{pluralize(rows.count, 'row')} of {name} without a number {verb} no contact"
            f"{other_locations(rows)}",
            rows.first,
            _WITH_COUNTRY_CODE,
            Level.ERROR,
        )
    if excluded.hiding is not None:
        cells = excluded.hiding
        yield Violation(
            "hidden-rows",
            f"{pluralize(cells.count, 'row')} of {name} may hide others in a cell of several lines"
            f"{other_locations(cells)}",
            cells.first,
            "close the quoted field before the line ends",
            Level.ERROR,
        )
    for invalid in excluded.survey.invalid:
        occurrences = invalid.occurrences
        yield Violation(
            "invalid-number" if invalid.example else "unreadable-number",
            message_text(invalid.diagnosis, occurrences, name),
            occurrences.first,
            hint_text(invalid),
            Level.ERROR,
        )
    codes = set(map(numbering_plans().code_of_region, facts.numbers.countries))
    for lookalikes in excluded.survey.lookalikes:
        if lookalikes.code in codes or excluded.removed_nationally:
            occurrences = lookalikes.occurrences
            numbers = pluralize(occurrences.count, f"number of {name}", f"numbers of {name}")
            appearance = appearance_text(lookalikes.code, occurrences.count)
            yield Violation(
                "ambiguous-country-code",
                f"{numbers} {appearance}{other_locations(occurrences)}",
                occurrences.first,
                _PINNED,
                Level.ERROR,
            )


def _audience_violations(send: Send, facts: AudienceFacts) -> Iterator[Violation]:
    if facts.excluded and facts.lookups:
        yield Violation(
            "unmatched-lookup",
            f"{pluralize(facts.lookups, 'recipient')} known by contactLookup cannot be on an exclude list",
            send.locations.key("contacts"),
            "name these contacts by contactId, or check them by hand",
            Level.WARNING,
        )


def _age_violations(file: ContactFile, context: RuleContext) -> Iterator[Violation]:
    dated = context.list_dates.get(file.path)
    if dated is None:
        return
    days = _business_days(dated.at.astimezone(UTC).date(), context.now.astimezone(UTC).date())
    if days > _BUSINESS_DAYS_MAX:
        kind = "its last commit" if dated.is_commit else "its last change"
        yield Violation(
            "old-list",
            f"{file.shown} is {'at least ' if dated.is_limit else ''}{days:,} business days old "
            f"({kind} was on {dated.at:%Y-%m-%d}); newer opt-outs may be missing",
            file.location,
            "export the list again",
            Level.WARNING,
        )
    elif dated.is_limit:
        yield Violation(
            "unknown-age",
            f"the age of {file.shown} is unknown, because this clone has no older commits",
            file.location,
            "fetch all commits, for example with `fetch-depth: 0`",
        )


def _business_days(since: date, until: date) -> int:
    """Return the number of days from Monday to Friday after `since` until and including `until`."""
    weeks, days = divmod(max((until - since).days, 0), 7)
    rest = (since + timedelta(days=offset) for offset in range(1, days + 1))
    return 5 * weeks + sum(day.weekday() < _SATURDAY for day in rest)
