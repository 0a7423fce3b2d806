"""Phone numbers in texts such as comments and notes: only spellings that nothing but a number has.

A run of digits alone is not enough, because ids, amounts and dates are such runs.
"""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.phone.numbering_plans import RESERVED, numbering_plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INTERNATIONAL: Final = r"\+\(?[0-9](?:[ ().\u00a0-]{0,3}[0-9]){7,14}"
_AMERICAN: Final = r"(?:1[ -])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}"
CANDIDATES_MAX: Final = 1_000
"""Valid numbers that are checked in one file, because each check takes as long as all else about a file."""

_CANDIDATE: Final = lazy_pattern(
    rf"(?<![\w.%&=+/@#-])(?:{_INTERNATIONAL}|{_AMERICAN})(?![\w@/=%-])(?!\.[0-9])"
)
_OF_KEY: Final = lazy_pattern(
    r"(?i)\b(?:contactId|\w*(?:phone|mobile|msisdn)\w*)[\"']?\s*:\s*"
    r"[\"']?(?P<number>\+?[0-9][0-9 ().-]{6,22}[0-9])(?![\w.])"
)
"""The number of a contact in a campaign file or in JSON, in any notation."""

_NATIONAL: Final = lazy_pattern(
    r"(?i)(?<![^\W_])(?:call|ring|dial|tel|telephone|telefon|t[ée]l[ée]phone|t[ée]l|phone|mobile|mobil|mob|cell|handy|"
    r"portable|m[óo]vil|cellulare|whatsapp)(?![^\W\d_])[^\w\n]{0,3}(?:[^\W\d_]{2,12}[^\w\n]{1,3})?"
    r"(?P<number>\(?0[1-9](?:[ ()/-]{0,2}[0-9]){7,10})(?![\w@/=%-])(?!\.[0-9])"
)
"""A number without country code counts only beside a word about phones, else it can be an id."""

_NATIONAL_CODES: Final = ("44", "49", "33", "32", "31", "41", "43", "46", "61")
"""Country codes that are tried; the national prefix is 0 there, and only mobile phones have some prefixes."""

_COUNTED_UP: Final = "1234567"

_PLUS: Final = lazy_pattern(r"\+\(?[0-9]")
_SHAPES: Final = bytes.maketrans(b"123456789. ", b"000000000--")
_AMERICAN_END: Final = b"000-0000"
"""The end of each American spelling after `_SHAPES`; a search for it is ten times as fast as a pattern."""

_NANP: Final = "1"
_NANP_DIGITS: Final = 10
_AMERICA: Final = "US"
_NEIGHBOURS: Final = 20
"""Characters on each side: a whole line may be a megabyte, and have many numbers."""

_FIVES: Final = lazy_pattern(r"1[2-9][0-9]{2}555[0-9]{4}")


def numbers_in_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the digits, with country code, of each real-looking number in a text.

    Reserved numbers do not count, and neither do those that only organisations have, such as toll-free ones.
    """
    return ((offset, digits) for _, offset, digits in numbers_in_lines([(1, text)]))


def numbers_in_lines(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield line, offset and digits of the numbers among the first `CANDIDATES_MAX` candidates."""
    candidates = islice(_candidates(lines), CANDIDATES_MAX)
    for number, line, offset, end, digits in candidates:
        if end is None or _is_personal(line, offset, end):
            yield number, offset, digits


def _candidates(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, int, int | None, str]]:
    """Yield numbers with valid digits; the end is None for that of a key, which needs no check."""
    for number, line in lines:
        found: dict[int, tuple[int | None, str]] = {}
        for match in _OF_KEY.finditer(line) if ":" in line else ():
            found[match.start("number")] = (None, real_digits(match["number"]))
        for match in _CANDIDATE.finditer(line) if _is_likely(line) else ():
            found.setdefault(match.start(), (match.end(), real_digits(match.group(), is_american=True)))
        for match in _NATIONAL.finditer(line) if "0" in line else ():
            if match.start("number") not in found:
                found[match.start("number")] = (None, _mobile_digits(match["number"]))
        for offset, (end, digits) in sorted(found.items(), key=itemgetter(0)):
            if digits:
                yield number, line, offset, end, digits


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


def _mobile_digits(written: str) -> str:
    """Return the digits with country code of a mobile number in national form, '' if it is not one."""
    digits = "".join(filter(str.isdigit, written))[1:]
    plans = numbering_plans()
    readings = [f"{code}{digits}" for code in _NATIONAL_CODES if plans.is_mobile(code, digits)]
    if digits.endswith(_COUNTED_UP) or any(_is_invented(reading) for reading in readings):
        return ""
    return next((reading for reading in readings if plans.is_valid(reading)), "")


def _is_invented(digits: str) -> bool:
    """Return whether a number is reserved, or American with 555, which people use in all examples."""
    return numbering_plans().verdict(digits) == RESERVED or _FIVES.fullmatch(digits) is not None


def _is_personal(line: str, start: int, end: int) -> bool:
    """Return whether libphonenumber finds a number at this place of a line, and a person can have it."""
    # Most repositories have no such number, and the import takes longer than all else in this module.
    from phonenumbers import PhoneNumberMatcher, PhoneNumberType, number_type  # noqa: PLC0415

    first = max(start - _NEIGHBOURS, 0)
    organisations = (
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    )
    return any(
        first + found.start < end
        and start < first + found.end
        and number_type(found.number) not in organisations
        for found in PhoneNumberMatcher(line[first : end + _NEIGHBOURS], _AMERICA)
    )
