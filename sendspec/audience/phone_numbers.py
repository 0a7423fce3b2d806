"""Phone number notation: from the form that people write to the digits that the API accepts."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = str.maketrans("", "", " \u00a0-.()")
_DECIMAL: Final = re.compile(r"\d+\.\d{1,2}")
_NATIONAL_PREFIX: Final = re.compile(r"\(\s*0\s*\)")


def normalise(written: str) -> str:
    """Return the digits of a number written with country code, or '' if the digits would be a guess.

    It removes notation: spaces (no-break ones too), dots, hyphens, parentheses and one plus sign
    before the first digit. Three other forms give '':

    - letters, such as the `1.94925E+10` of a spreadsheet
    - a `.0` at the end, which a spreadsheet adds and which would add a digit
    - the `(0)` of `+44 (0)7700 …`, which is only dialled inside the country

    The rules check whether the digits are a possible number.
    """
    if written.isdecimal() and written.isascii():
        return written
    if _DECIMAL.fullmatch(written.strip()) or _NATIONAL_PREFIX.search(written):
        return ""
    bare = written.translate(_SEPARATORS).removeprefix("+")
    return bare if bare.isdecimal() and bare.isascii() else ""
