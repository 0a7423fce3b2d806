"""A number is not one: no country code, other characters than digits, or an impossible length.

What: numbers are written with their country code. Spaces, dots, hyphens, parentheses and a leading
`+` are fine and are taken out; everything else makes it no number. Then the length must be one that
the country has. Whether somebody has the number is not looked at, so the numbers that are reserved
for fiction pass.

Why: the vendor accepts the request (202) and reports such numbers only in the status, after the
others were sent. A number without its country code may also be somebody else's in another country.

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
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.redact import mask_number
from sendspec.rules._lib.base import Rule, Violation, Watch
from sendspec.rules._lib.examples import Rows
from sendspec.rules._lib.phone_metadata import (
    country_code,
    is_north_american,
    is_possible,
    national_lengths,
    total_lengths,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.base import Context

_SPREADSHEET: Final = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+|\d+[.,]0+")
_PREFIXES: Final = ("00", "011")  # 011 also begins the numbers of English towns, dialled at home


class PhoneNumber(Rule):
    """Numbers that cannot be numbers."""

    id = "phone-number"
    level = Level.ERROR

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look at every number."""
        return _Numbers()


class _Numbers(Watch):
    """Counts by what is wrong, of which there are a handful of kinds, never by number."""

    def __init__(self) -> None:
        self._rows: dict[str, Rows] = {}
        self._hints: dict[str, str] = {}

    def see(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            number = contact.identity
            if contact.written and len(number) not in total_lengths(number[:3]):
                self._note(contact)

    def _note(self, contact: Contact) -> None:
        wrong, hint = _diagnosis(contact)
        self._rows.setdefault(wrong, Rows()).add(contact.location)
        self._hints.setdefault(wrong, hint)

    def reports(self) -> Iterator[Violation]:
        for wrong, rows in self._rows.items():
            message = f"{pluralize(rows.count, 'number')} {wrong}{rows.also()}"
            yield Violation(message, rows.first, self._hints[wrong])


def _diagnosis(contact: Contact) -> tuple[str, str]:
    """Say what is wrong with a number that is none, and the way out."""
    number = contact.identity
    if not number:
        if _SPREADSHEET.fullmatch(contact.written.strip()):
            return (
                "written as a decimal",
                "a spreadsheet did this: format the column as text and export it again",
            )
        return "not written in digits", "write it as digits with the country code, such as 447700900123"
    return _digits_diagnosis(number)


def _digits_diagnosis(number: str) -> tuple[str, str]:
    for prefix in _PREFIXES:
        if number.startswith(prefix) and (prefix == "00" or is_possible(number.removeprefix(prefix))):
            return (
                f"dialled with {prefix}",
                f"{_shown(number)}: leave out the {prefix} before the country code",
            )
    if number.startswith("0"):
        return "without a country code", f"{_shown(number)}: replace the 0 at the start by the country code"
    if is_north_american(number):
        return "without a country code", f"{_shown(number)}: if it is American or Canadian, put 1 before it"
    code = country_code(number)
    if not code:
        return (
            "with a country code that no country has",
            f"{_shown(number)}: no country code begins like this",
        )
    national = number.removeprefix(code)
    if national.startswith("0") and is_possible(code + national.removeprefix("0")):
        return "with a 0 that is dialled only at home", f"{_shown(number)}: leave out the 0 after {code}"
    *others, last = map(str, national_lengths(code))
    lengths = f"{', '.join(others)} or {last}" if others else last
    return (
        "of an impossible length",
        f"{_shown(number)}: {len(national)} digits after the country code {code}, which takes {lengths}",
    )


def _shown(number: str) -> str:
    return f"the first is {mask_number(number)}"
