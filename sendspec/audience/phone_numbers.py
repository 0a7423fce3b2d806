"""Phone numbers as people write them, to digits as the API takes them."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = str.maketrans("", "", " \u00a0-.()")
_DECIMAL: Final = re.compile(r"\d+\.\d{1,2}")
_TRUNK_ZERO: Final = re.compile(r"\(\s*0\s*\)")


def normalise(written: str) -> str:
    """Give the digits of a number written with country code, or '' where that would be a guess.

    Spaces (no-break ones too), dots, hyphens, parentheses and one plus sign before the first digit
    are notation and are taken out. Everything else makes it no number: letters, so that the
    `1.94925E+10` of a spreadsheet is never read as digits; the `.0` of a column that once was
    floating point, which would add a digit; and the `(0)` of `+44 (0)7700 …`, which is to be
    dialled at home only. Whether the digits are a possible number is for the rules to say.
    """
    if written.isdecimal() and written.isascii():
        return written
    if _DECIMAL.fullmatch(written.strip()) or _TRUNK_ZERO.search(written):
        return ""
    bare = written.translate(_SEPARATORS).removeprefix("+")
    return bare if bare.isdecimal() and bare.isascii() else ""
