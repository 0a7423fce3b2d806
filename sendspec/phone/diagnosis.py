"""Diagnosis of numbers that are not valid: what is wrong, and the number that was probably meant."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.lazy_pattern import lazy_pattern
from sendspec.phone.notation import PARENTHESISED_ZERO, SEPARATORS, is_decimal, normalise
from sendspec.phone.numbering_plans import numbering_plans

if TYPE_CHECKING:
    from sendspec.phone.numbering_plans import NumberingPlans

_SCIENTIFIC: Final = lazy_pattern(r"\s*\+?\d+([.,]\d+)?\s*[eE]\s*\+?\d+\s*")
_WORDS: Final = lazy_pattern(
    r"(?i)(?<![^\W\d_])(telephone|tel|phone|mobile|mob|cell|fax|sms|whatsapp|extension|extn|ext|x)(?![^\W\d_])"
)
"""Words beside numbers; no other word is ever repeated in a message, because it may be a name."""

_DIALLING_PREFIXES: Final = ("0011", "011", "010", "00")  # The national numbers of some towns have them too.
_DIGITS_MIN: Final = 5
_ARGENTINA: Final = "54"
_ARGENTINE_AREA_DIGITS: Final = (2, 3, 4)
_FORMER_PREFIXES: Final = MappingProxyType({"52": ("1", "01", "044", "045")})
"""Digits that a country has abolished. Source: Mexico's IFT, national numbering from 3 August 2019."""

_CONTROL_NAMES: Final = {"\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}


class Defect(StrEnum):
    """A kind of invalid number; the values are reason codes of the rule `phone-number`."""

    DECIMAL = "decimal"
    SCIENTIFIC = "scientific-notation"
    CHARACTER = "character"
    WORD = "word"
    NOT_DIGITS = "not-digits"
    DIALLING_PREFIX = "dialling-prefix"
    NATIONAL_PREFIX = "national-prefix"
    NO_COUNTRY_CODE = "no-country-code"
    UNKNOWN_COUNTRY_CODE = "unknown-country-code"
    IMPOSSIBLE_LENGTH = "impossible-length"
    NOT_ASSIGNED = "not-assigned"
    OTHER = "other"
    """Any of the above, in a list that has more kinds of them than a person reads."""


class Diagnosis(NamedTuple):
    """A defect with its details, the same for all numbers that a person fixes in the same way.

    `detail` is a character, a word, the digits to leave out, or the number of digits after `code`.
    """

    defect: Defect
    code: str = ""
    detail: str = ""


class DiagnosedNumber(NamedTuple):
    """The diagnosis of a number, and what the number should be, '' if that is not known."""

    diagnosis: Diagnosis
    corrected: str = ""


def diagnose(written: str, number: str) -> DiagnosedNumber:
    """Return what is wrong with a number.

    Args:
        written: the number as a person wrote it.
        number: its digits, which are not valid; '' if it is not readable.
    """
    return _diagnose_digits(number) if number else _diagnose_text(written)


def character_name(character: str) -> str:
    """Return a character as `U+202A LEFT-TO-RIGHT EMBEDDING`."""
    name = unicodedata.name(character, "") or _CONTROL_NAMES.get(character, "CONTROL CHARACTER")
    return f"U+{ord(character):04X} {name}"


def _diagnose_text(written: str) -> DiagnosedNumber:
    text = written.strip(SEPARATORS)
    if PARENTHESISED_ZERO.search(text) and normalise(PARENTHESISED_ZERO.sub("", text)):
        return _diagnose_zero(text)
    return DiagnosedNumber(_diagnose_notation(written, text))


def _diagnose_notation(written: str, text: str) -> Diagnosis:
    if _SCIENTIFIC.fullmatch(text):
        return Diagnosis(Defect.SCIENTIFIC)
    if is_decimal(written):
        return Diagnosis(Defect.DECIMAL)
    if sum(map(str.isdecimal, written)) < _DIGITS_MIN:
        return Diagnosis(Defect.NOT_DIGITS)
    word = _WORDS.search(written)
    if word is not None:
        return Diagnosis(Defect.WORD, detail=word[1].lower())
    odd = next((character for character in text.removeprefix("+") if not _is_notation(character)), "")
    return Diagnosis(Defect.CHARACTER, detail=odd) if odd else Diagnosis(Defect.NOT_DIGITS)


def _is_notation(character: str) -> bool:
    return character in SEPARATORS or (character.isascii() and character.isdecimal())


def _diagnose_zero(text: str) -> DiagnosedNumber:
    """Diagnose `+44 (0)7700 …`; countries that keep the 0, such as Italy, have it in the correction."""
    plans = numbering_plans()
    with_zero = "".join(filter(str.isdecimal, text))
    without = "".join(filter(str.isdecimal, PARENTHESISED_ZERO.sub("", text, count=1)))
    code = plans.code_of(without)
    correct = with_zero if plans.is_valid(with_zero) and not plans.is_valid(without) else without
    return DiagnosedNumber(Diagnosis(Defect.NATIONAL_PREFIX, code, "(0)"), correct if code else "")


def _diagnose_digits(number: str) -> DiagnosedNumber:
    plans = numbering_plans()
    for prefix in _DIALLING_PREFIXES:
        rest = number.removeprefix(prefix)
        if rest != number and (prefix == "00" or plans.is_valid(rest)):
            corrected = rest if plans.is_valid(rest) else ""
            return DiagnosedNumber(Diagnosis(Defect.DIALLING_PREFIX, detail=prefix), corrected)
    if number.startswith("0"):
        return DiagnosedNumber(Diagnosis(Defect.NO_COUNTRY_CODE, detail="0"))
    code = plans.code_of(number)
    if not code:
        return DiagnosedNumber(Diagnosis(Defect.UNKNOWN_COUNTRY_CODE))
    return (
        _diagnose_prefix(plans, code, number)
        or (_diagnose_argentine_15(plans, number) if code == _ARGENTINA else None)
        or DiagnosedNumber(_diagnose_length(plans, code, number))
    )


def _diagnose_prefix(plans: NumberingPlans, code: str, number: str) -> DiagnosedNumber | None:
    """Diagnose digits after the country code that are not dialled from abroad, such as the 0 of 490151…."""
    national, own = number.removeprefix(code), plans.national_prefix(code)
    for prefix in dict.fromkeys(("0", own, *_FORMER_PREFIXES.get(code, ()))):
        rest = national.removeprefix(prefix)
        possible = prefix == own == "0" and len(rest) in plans.lengths(code)
        if rest != national and (possible or plans.is_valid(code + rest)):
            return DiagnosedNumber(Diagnosis(Defect.NATIONAL_PREFIX, code, prefix), code + rest)
    return None


def _diagnose_argentine_15(plans: NumberingPlans, number: str) -> DiagnosedNumber | None:
    """Diagnose the 15 after the area code of a mobile number; from abroad, it is a 9 before the area code."""
    rest = number.removeprefix(_ARGENTINA).removeprefix("9").removeprefix("0")
    for area in _ARGENTINE_AREA_DIGITS:
        corrected = f"549{rest[:area]}{rest[area + 2 :]}"
        if rest[area:].startswith("15") and plans.is_valid(corrected):
            return DiagnosedNumber(Diagnosis(Defect.NATIONAL_PREFIX, _ARGENTINA, "15"), corrected)
    return None


def _diagnose_length(plans: NumberingPlans, code: str, number: str) -> Diagnosis:
    digits = len(number) - len(code)
    if digits in plans.lengths(code):
        return Diagnosis(Defect.NOT_ASSIGNED, code)
    return Diagnosis(Defect.IMPOSSIBLE_LENGTH, code, str(digits))
