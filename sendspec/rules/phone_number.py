"""A phone number is not valid.

What: numbers are written with their country code. Spaces, dots, hyphens, parentheses and one plus
sign before the first digit are allowed and removed; other characters make the number invalid. The
number must have a length that its country uses. The rule does not check whether the number is in
use, so numbers that are reserved for fiction are valid.

Why: the vendor accepts a request with invalid numbers (202). It reports them only in the status, after
it sent the other messages. Without its country code, a number may belong to a person in another country.

Source: Acoustic Campaign, sending an SMS to contacts: `contactId` is a phone number with country
code; 202 means that the request is well-formed. Lengths: Google's libphonenumber metadata, in the
package phonenumbers.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "07700 900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "+44 7700 900123"}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from sendspec.model import Level
from sendspec.redact import mask_number
from sendspec.rules._lib.phone_lengths import (
    country_code,
    is_north_american,
    is_possible,
    national_lengths,
    total_lengths,
)
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import ViolationCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.rule import RuleContext

_SPREADSHEET: Final = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+|\d+[.,]0+")
_DIALLING_PREFIXES: Final = ("00", "011")  # The national numbers of some English towns start with 011 too.


class PhoneNumber(Rule):
    """Numbers that no phone can have."""

    id = "phone-number"
    level = Level.ERROR
    reasons: ClassVar = {
        "decimal": "a spreadsheet wrote the number as a decimal",
        "not-digits": "the number is not written as digits",
        "dialling-prefix": "the number starts with an international dialling prefix",
        "no-country-code": "the number has no country code",
        "unknown-country-code": "the number has an unknown country code",
        "national-prefix": "the number has a 0 that is only dialled inside the country",
        "impossible-length": "the number has an impossible length",
    }

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check every number."""
        return _PhoneNumberCheck(send.endpoint.traits.number_property)


class _Diagnosis(NamedTuple):
    """A kind of invalid number; `verb` and `rest` complete `1 number …`."""

    reason: str
    verb: str
    rest: str


class _PhoneNumberCheck(ContactCheck):
    """Counts invalid numbers by their diagnosis, of which there are a few, never by number."""

    def __init__(self, number_property: str | None) -> None:
        self._given = (number_property,)
        self._occurrences: dict[_Diagnosis, ViolationCount] = {}
        self._hints: dict[_Diagnosis, str] = {}

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            number = contact.identity
            if number.isdecimal() and len(number) not in total_lengths(number[:3]):
                self._add(contact)

    def on_refused(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if contact.given == self._given:
                self._add(contact)

    def _add(self, contact: Contact) -> None:
        diagnosis, hint = _diagnose(contact)
        self._occurrences.setdefault(diagnosis, ViolationCount()).add(contact.location)
        self._hints.setdefault(diagnosis, hint)

    def violations(self) -> Iterator[Violation]:
        for diagnosis, occurrences in self._occurrences.items():
            message = occurrences.sentence("number", diagnosis.verb, diagnosis.rest)
            yield Violation(diagnosis.reason, message, occurrences.first, self._hints[diagnosis])


def _diagnose(contact: Contact) -> tuple[_Diagnosis, str]:
    """Return the diagnosis of an invalid number, and a hint."""
    if contact.identity:
        diagnosis, hint = _diagnose_digits(contact.identity)
        return diagnosis, f"{hint} (the first number is {mask_number(contact.identity)})"
    if _SPREADSHEET.fullmatch(contact.written.strip()):
        hint = "format the column as text in the spreadsheet, and export it again"
        return _Diagnosis("decimal", "is", "written as a decimal"), hint
    hint = "write each number as digits with its country code, such as 447700900123"
    return _Diagnosis("not-digits", "is", "not written as digits"), hint


def _diagnose_digits(number: str) -> tuple[_Diagnosis, str]:
    for prefix in _DIALLING_PREFIXES:
        if number.startswith(prefix) and (prefix == "00" or is_possible(number.removeprefix(prefix))):
            rest = f"with the dialling prefix {prefix}"
            return _Diagnosis("dialling-prefix", "starts", rest), f"remove {prefix} before the country code"
    no_country_code = _Diagnosis("no-country-code", "has", "no country code")
    if number.startswith("0"):
        return no_country_code, "replace the 0 at the start with the country code"
    if is_north_american(number):
        return no_country_code, "write 1 before an American or Canadian number"
    code = country_code(number)
    if not code:
        diagnosis = _Diagnosis("unknown-country-code", "has", "an unknown country code")
        return diagnosis, "check the first digits; no country code starts like this"
    national = number.removeprefix(code)
    if national.startswith("0") and is_possible(code + national.removeprefix("0")):
        diagnosis = _Diagnosis("national-prefix", "has", "a 0 that is only dialled inside the country")
        return diagnosis, f"remove the 0 after {code}"
    *others, last = map(str, national_lengths(code))
    lengths = f"{', '.join(others)} or {last}" if others else last
    diagnosis = _Diagnosis("impossible-length", "has", "an impossible length")
    return diagnosis, f"check the {len(national)} digits after {code}; this country code allows {lengths}"
