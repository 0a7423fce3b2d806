"""Phone numbers in texts such as comments and notes: only spellings that nothing but a number has.

A run of digits alone is not enough, because ids, amounts and dates are such runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.phone.numbering_plans import RESERVED, numbering_plans

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTERNATIONAL: Final = r"\+\(?[0-9](?:[ ().\u00a0-]{0,3}[0-9]){7,14}"
_AMERICAN: Final = r"(?:1[ -])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}"
_CANDIDATE: Final = re.compile(rf"(?<![\w.%&=+/@#-])(?:{_INTERNATIONAL}|{_AMERICAN})(?![\w@/=%-])(?!\.[0-9])")
_OF_KEY: Final = re.compile(
    r"(?i)\b(?:contactId|\w*(?:phone|mobile|msisdn)\w*)[\"']?\s*:\s*"
    r"[\"']?(?P<number>\+?[0-9][0-9 ().-]{6,22}[0-9])(?![\w.])"
)
"""The number of a contact in a campaign file or in JSON, in any notation."""

_PLUS: Final = re.compile(r"\+\(?[0-9]")
_SHAPES: Final = bytes.maketrans(b"123456789. ", b"000000000--")
_AMERICAN_END: Final = b"000-0000"
"""The end of each American spelling after `_SHAPES`; a search for it is ten times as fast as a pattern."""

_NANP: Final = "1"
_NANP_DIGITS: Final = 10
_AMERICA: Final = "US"
_FIVES: Final = re.compile(r"1[2-9][0-9]{2}555[0-9]{4}")


def numbers_in_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the digits, with country code, of each real-looking number in a text.

    Reserved numbers do not count, and neither do those that only organisations have, such as toll-free ones.
    """
    found: dict[int, str] = {}
    for match in _OF_KEY.finditer(text) if ":" in text else ():
        found[match.start("number")] = real_digits(match["number"])
    if _is_likely(text):
        for match in _CANDIDATE.finditer(text):
            start, digits = match.start(), real_digits(match.group(), is_american=True)
            if digits and start not in found and _is_personal(text, match):
                found[start] = digits
    yield from sorted((start, digits) for start, digits in found.items() if digits)


def _is_likely(text: str) -> bool:
    if "+" in text and _PLUS.search(text):
        return True
    return _AMERICAN_END in text.encode(errors="replace").translate(_SHAPES)


def real_digits(written: str, *, is_american: bool = False) -> str:
    """Return the digits of a number with its country code, '' if it is not valid or is for examples.

    Ten digits without `+` may be American without the 1; with `is_american` they are.
    """
    digits = "".join(filter(str.isdigit, written))
    readings = [digits]
    if len(digits) == _NANP_DIGITS and not written.startswith("+"):
        readings = [f"{_NANP}{digits}"] if is_american else [f"{_NANP}{digits}", digits]
    if any(_is_invented(reading) for reading in readings):
        return ""
    return next((reading for reading in readings if numbering_plans().is_valid(reading)), "")


def _is_invented(digits: str) -> bool:
    """Return whether a number is reserved, or American with 555, which people use in all examples."""
    return numbering_plans().verdict(digits) == RESERVED or _FIVES.fullmatch(digits) is not None


def _is_personal(text: str, match: re.Match[str]) -> bool:
    """Return whether libphonenumber finds the number in its line, and a person can have it."""
    # Most repositories have no such number, and the import takes longer than all else in this module.
    from phonenumbers import PhoneNumberMatcher, PhoneNumberType, number_type  # noqa: PLC0415

    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    line = text[start : end if end >= 0 else len(text)]
    organisations = (
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    )
    return any(
        start + found.start < match.end()
        and match.start() < start + found.end
        and number_type(found.number) not in organisations
        for found in PhoneNumberMatcher(line, _AMERICA)
    )
