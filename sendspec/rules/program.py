"""The SMS program of a send is unknown or inactive.

What: only `plan --online` checks this. `channelQualifier` of a send must be the id of an active SMS program
of the organisation. The vendor's list has active programs only, so a program that was deactivated can be
missing too. An id that is not a number can only be compared if the list has such ids; otherwise an info
says that it was not checked. A warning reports a program with a short code if all recipients are in
countries with another country code. The rule ignores sends that are already sent.

Why: the vendor refuses every request of the send, and a scheduled campaign is then late. A short code
works only in its own country, so messages to other countries do not arrive.

Source: Acoustic Campaign, sending an SMS to contacts: "SMS Program is inactive or not found with
identifier {id}"; "Get SMS programs" (a list of all active programs). AWS End User Messaging, "Phone
numbers": short codes are specific to a country. All were read on 2026-11-27.

Bad (the vendor's list has the program 148372 only):

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "143872"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "12125550123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "12125550123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.formatting import first_names
from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import PROGRAM_PROPERTY, Level
from sendspec.phone import WITHOUT_COUNTRY, numbering_plans
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.vendor_ids import is_comparable, label, nearest_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import AudienceFacts, Send, SmsProgram, VendorCatalog
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_SHORT_CODE: Final = lazy_pattern(r"\d{3,6}")
_NAMES_MAX: Final = 3


class Program(Rule):
    """SMS programs that the vendor does not list as active."""

    id = "program"
    group = RuleGroup.API
    level = Level.ERROR
    only_online = True
    reasons: ClassVar = {
        "unknown": "the vendor's list of active programs does not have the program",
        "inactive": "the program is not active",
        "not-comparable": "the list has other kinds of ids, so the program was not checked",
        "other-country": "the program has a short code of a country that no recipient is in",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the program of a pending send against the vendor's list."""
        send, catalog = checked_send.send, context.catalog
        identifier = send.payload.get(PROGRAM_PROPERTY)
        if catalog is None or identifier is None or not checked_send.pending:
            return
        program = catalog.program_of(send)
        if program is None:
            yield _unknown(send, str(identifier), catalog)
        elif not program.active:
            yield Violation(
                "inactive",
                f"the SMS program {label(program)} is not active",
                send.locations.of(PROGRAM_PROPERTY),
                "use an active program, or activate this one at the vendor",
            )
        elif checked_send.facts is not None:
            yield from _other_country(send, program, checked_send.facts)


def _unknown(send: Send, identifier: str, catalog: VendorCatalog) -> Violation:
    location = send.locations.of(PROGRAM_PROPERTY)
    is_message = identifier.casefold() in catalog.messages
    if not is_message and not is_comparable(identifier, catalog.programs):
        return Violation(
            "not-comparable",
            "the vendor's list of SMS programs has other kinds of ids, so this one was not checked",
            location,
            "compare the id with that of the program at the vendor",
            Level.INFO,
        )
    return Violation(
        "unknown",
        f"the vendor's list of active SMS programs does not have '{identifier}'",
        location,
        _suggestion(identifier, catalog),
    )


def _suggestion(identifier: str, catalog: VendorCatalog) -> str:
    """Return a hint with the program that was probably meant, by its id, code or name."""
    programs = catalog.programs
    if identifier.casefold() in catalog.messages:
        return "use the id of an SMS program; this is the id of a published message"
    wanted = identifier.strip().casefold()
    meant = [each for each in programs.values() if wanted in (each.code.casefold(), each.name.casefold())]
    if len(meant) == 1:
        return f"use the id of the program {label(meant[0])}: {meant[0].id}"
    near = nearest_id(identifier, programs)
    if near is not None:
        return f"did you mean {programs[near].id}, the program {label(programs[near])}?"
    active = [f"{each.id} ({label(each)})" for each in programs.values() if each.active]
    if 0 < len(active) <= _NAMES_MAX:
        return f"use the id of an active program: {', '.join(active)}"
    return "use the id of an active program of this organisation"


def _other_country(send: Send, program: SmsProgram, facts: AudienceFacts) -> Iterator[Violation]:
    """Yield a violation if the short code of a program reaches none of the recipients."""
    plans, countries = numbering_plans(), facts.numbers.countries
    code = plans.code_of_region(program.country)
    known = sum(found.count for found in countries.values()) == facts.count > 0
    if not code or program.sender or not _SHORT_CODE.fullmatch(program.code) or not known:
        return
    if WITHOUT_COUNTRY in countries or code in map(plans.code_of_region, countries):
        return
    yield Violation(
        "other-country",
        f"the SMS program {label(program)} has a short code of {program.country}, "
        f"but all recipients are in {first_names(list(countries), _NAMES_MAX)}",
        send.locations.of(PROGRAM_PROPERTY),
        "use a program of that country, or `allow` this rule if the vendor replaces the short code",
        Level.WARNING,
    )
