"""Sentences of the rule `phone-number` about invalid numbers; its findings never have a whole number."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.phone import Defect, character_name, numbering_plans
from sendspec.rules._lib.occurrence_phrases import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.model import InvalidNumbers, Occurrences
    from sendspec.phone import Diagnosis

_AS_TEXT: Final = "format the column as text in the spreadsheet, and export it again"
_AS_DIGITS: Final = "write each number as digits with its country code, such as 447700900123"
_AMERICAN: Final = "1"
_LENGTHS_LISTED_MAX: Final = 3
_ARGENTINE: Final = "15"


class _Phrase(Struct, frozen=True):
    """The meaning of a defect; verb and rest of the message `1 number …`; the hint.

    Names in braces are those of `_details` and `_hint_details`.
    """

    meaning: str
    verb: str
    rest: str
    hint: str


_PHRASES: Final[Mapping[Defect, _Phrase]] = MappingProxyType(
    {
        Defect.DECIMAL: _Phrase(
            "a spreadsheet wrote the number as a decimal", "is", "written as a decimal", _AS_TEXT
        ),
        Defect.SCIENTIFIC: _Phrase(
            "a spreadsheet wrote the number in scientific notation",
            "is",
            "written in scientific notation, such as 1.2E+10",
            _AS_TEXT,
        ),
        Defect.CHARACTER: _Phrase(
            "the number has a character that is not notation", "has", "{character}", _AS_DIGITS
        ),
        Defect.WORD: _Phrase(
            "the number has a word such as tel or ext", "has", "the word '{detail}'", _AS_DIGITS
        ),
        Defect.NOT_DIGITS: _Phrase(
            "the number is not written as digits", "is", "not written as digits", _AS_DIGITS
        ),
        Defect.DIALLING_PREFIX: _Phrase(
            "the number starts with an international dialling prefix",
            "starts",
            "with the dialling prefix {detail}",
            "remove {detail} before the country code",
        ),
        Defect.NATIONAL_PREFIX: _Phrase(
            "the number has digits that are only dialled inside the country",
            "has",
            "{article} {detail} that is not dialled from abroad",
            "{prefix_hint}",
        ),
        Defect.NO_COUNTRY_CODE: _Phrase(
            "the number has no country code", "has", "no country code", "{code_hint}"
        ),
        Defect.UNKNOWN_COUNTRY_CODE: _Phrase(
            "the number has an unknown country code",
            "has",
            "an unknown country code",
            "check the first digits; no country code starts like this",
        ),
        Defect.IMPOSSIBLE_LENGTH: _Phrase(
            "the number has an impossible length",
            "has",
            "an impossible length",
            "check the {detail} digits after {code}; this country code allows {lengths}",
        ),
        Defect.NOT_ASSIGNED: _Phrase(
            "the number is not assigned in its country",
            "is",
            "not assigned in {region} (+{code})",
            "check the digits after {code}; no phone has such a number",
        ),
        Defect.OTHER: _Phrase(
            "the number has an error of one kind too many to list",
            "has",
            "other errors",
            "fix the numbers of the other findings first",
        ),
    }
)
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {defect.value: phrase.meaning for defect, phrase in _PHRASES.items()}
)
"""The meaning of each defect, by reason code."""


def message_text(diagnosis: Diagnosis, occurrences: Occurrences, of_list: str = "") -> str:
    """Return the message about all numbers of one diagnosis; `of_list` names an exclude list."""
    phrase, detail = _PHRASES[diagnosis.defect], diagnosis.detail
    article = "an" if detail.startswith("8") else "a"
    rest = phrase.rest.format(
        article=article,
        character=_character(detail),
        code=diagnosis.code,
        detail=detail,
        region=_region(diagnosis.code),
    )
    suffix = f" of {of_list}" if of_list else ""
    return sentence(occurrences, f"number{suffix}", phrase.verb, rest, f"numbers{suffix}")


def hint_text(invalid: InvalidNumbers) -> str:
    """Return how to fix the numbers of one diagnosis, with the first one masked."""
    code, detail = invalid.diagnosis.code, invalid.diagnosis.detail
    hint = _PHRASES[invalid.diagnosis.defect].hint.format(
        code=code,
        code_hint=_code_hint(invalid.home_codes, after_zero=bool(detail)),
        detail=detail,
        lengths=_lengths(numbering_plans().lengths(code)) if code else "",
        prefix_hint=_prefix_hint(invalid),
    )
    if not invalid.example:
        return hint
    meant = f", and should be {invalid.correction}" if invalid.correction else ""
    return f"{hint} (the first number is {invalid.example}{meant})"


def appearance_text(code: str, count: int) -> str:
    """Return `look American without the 1`, or the like for another country code."""
    verb, noun = ("looks", "a number") if count == 1 else ("look", "numbers")
    if code == _AMERICAN:
        return f"{verb} American without the 1"
    return f"{verb} like {noun} of {_region(code)} without the {code}"


def _character(character: str) -> str:
    if len(character) != 1:
        return "a character that is not a digit"
    if character == "+":
        return "a plus sign that is not its first character"
    return f"the character {character_name(character)}"


def _code_hint(codes: tuple[str, ...], *, after_zero: bool) -> str:
    if after_zero:
        start = "replace the first 0 with the country code"
    elif codes == (_AMERICAN,):
        return "write 1 before an American or Canadian number"
    else:
        start = "write the country code first"
    return f"{start}, such as {_any_of(f'{code} ({_region(code)})' for code in codes)}" if codes else start


def _prefix_hint(invalid: InvalidNumbers) -> str:
    if invalid.diagnosis.detail == _ARGENTINE:
        return "write 549 first, and remove the 15 after the area code"
    if not invalid.example and invalid.correction:  # Some countries keep the 0 that is in parentheses.
        return f"write it as {invalid.correction}"
    return f"remove the {invalid.diagnosis.detail} after {invalid.diagnosis.code}"


def _lengths(lengths: Sequence[int]) -> str:
    """Return counts of digits such as `7, 9 or 10`, or `4 to 15` if there are many in a row."""
    if len(lengths) > _LENGTHS_LISTED_MAX and lengths[-1] - lengths[0] == len(lengths) - 1:
        return f"{lengths[0]} to {lengths[-1]}"
    return _any_of(map(str, lengths))


def _any_of(items: Iterable[str]) -> str:
    *others, last = items
    return f"{', '.join(others)} or {last}" if others else last


def _region(code: str) -> str:
    """Return the main region of a country code, '' without one."""
    return numbering_plans().regions_of(code)[0] if code else ""
