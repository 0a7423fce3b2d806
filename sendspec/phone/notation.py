"""Phone number notation: from the form that people write to the digits that the API accepts."""

from __future__ import annotations

import re
from typing import Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.phone.numbering_plans import numbering_plans

SEPARATORS: Final = " \u00a0-.()"
_REMOVE_SEPARATORS: Final = str.maketrans("", "", SEPARATORS)
_ANY_DECIMAL: Final = lazy_pattern(r"\+?\d+\.\d{1,2}")
_ZERO_DECIMAL: Final = lazy_pattern(r"(.*\d\s*)[.,]\s*(0+)", re.DOTALL)
PARENTHESISED_ZERO: Final = lazy_pattern(r"\(\s*0\s*\)")
"""The 0 of `+44 (0)7700 …`, which is only dialled inside the country."""

_GROUP_ZEROS_MIN: Final = 2
_DIGITS_AND_END: Final = b"0123456789\0"
_REMOVE_SIMPLE_NOTATION: Final = str.maketrans("", "", " -()")
"""Without dots and no-break spaces, digits never have the form of a decimal."""

_ZERO_GROUP: Final = lazy_pattern(r"\([^)\d]*0[^)\d]*\)")


def normalise(written: str) -> str:
    """Return the digits of a number written with country code, or '' if the digits would be a guess.

    It removes notation: spaces (no-break ones too), dots, hyphens, parentheses and one plus sign
    before the first digit. Three other forms give '':

    - other characters, such as the letter of `1.94925E+10` of a spreadsheet
    - a `.0` or `.00` at the end, which a spreadsheet adds and which would add digits
    - the `(0)` of `+44 (0)7700 …`, which is only dialled inside the country

    The rules check whether the number is valid.
    """
    if written.isdecimal() and written.isascii():
        return written
    bare = written.translate(_REMOVE_SEPARATORS).removeprefix("+")
    if not bare.isdecimal() or not bare.isascii():
        return ""
    return "" if is_decimal(written) or PARENTHESISED_ZERO.search(written) else bare


def normalised_column(written: list[str]) -> list[str]:
    """Return `normalise` of each number; `written` itself if every number has digits only.

    The numbers contain no NUL.
    """
    joined = "\0".join(written)
    if not joined.isascii():
        return list(map(normalise, written))
    if not joined.encode().translate(None, _DIGITS_AND_END) and all(written):
        return written
    digits = f"\0{joined}\0".translate(_REMOVE_SIMPLE_NOTATION).replace("\0+", "\0")
    if "\0\0" in digits or digits.encode().translate(None, _DIGITS_AND_END) or _ZERO_GROUP.search(joined):
        return list(map(normalise, written))
    return digits.split("\0")[1:-1]


def is_decimal(written: str) -> bool:
    """Return whether a spreadsheet may have written the number as a decimal, such as `49151123.0`.

    Groups that dots separate may end with zeros too: `33.6.12.34.56.00` is not a decimal, because the
    number is valid with these zeros and not valid without them.
    """
    text = written.strip()
    if _ANY_DECIMAL.fullmatch(text):
        return True
    match = _ZERO_DECIMAL.fullmatch(text)
    if match is None:
        return False
    whole, zeros = "".join(filter(str.isdecimal, match[1])), match[2]
    grouped = match[1].count(".") > 0 and len(zeros) >= _GROUP_ZEROS_MIN
    if not grouped or not whole.isascii():
        return True
    plans = numbering_plans()
    return plans.is_valid(whole) or not plans.is_valid(whole + zeros)
