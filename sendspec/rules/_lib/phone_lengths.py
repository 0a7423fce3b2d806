"""Possible lengths of phone numbers by their first digits, from the metadata of phonenumbers.

`phonenumbers.parse` and `is_possible_number` take about 15 µs a number. Only the country code and the
number of digits after it matter. A table by the first three digits has the same result in much less time.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber, is_valid_number

_COUNTRY_CODE_DIGITS_MAX: Final = 3
_NORTH_AMERICAN: Final = re.compile(r"[2-9]\d\d[2-9]\d{6}")


def country_code(number: str) -> str:
    """Return the country code at the start of `number` (digits only), or '' if it is unknown."""
    prefixes = (number[:length] for length in range(1, _COUNTRY_CODE_DIGITS_MAX + 1))
    return next((prefix for prefix in prefixes if prefix in _country_codes()), "")


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


@cache
def national_lengths(code: str) -> tuple[int, ...]:
    """Return the possible counts of digits after the country code `code`, ascending."""
    region = COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if metadata is None or metadata.general_desc is None:
        return ()
    return tuple(sorted(metadata.general_desc.possible_length))


@cache
def total_lengths(prefix: str) -> frozenset[int]:
    """Return the possible counts of digits of a number that starts with the three digits `prefix`.

    The cache has at most a thousand entries, because `prefix` has three digits.
    """
    code = country_code(prefix)
    return frozenset(len(code) + length for length in national_lengths(code)) if code else frozenset()


def is_possible(number: str) -> bool:
    """Return whether `number` (digits only) has a possible length; it need not be in use.

    A national prefix (the 0 in +44 0 7700 …) makes a number impossible, because the API does not remove
    it. `phonenumbers.is_possible_number` would remove the prefix.
    """
    return len(number) in total_lengths(number[:3])


def is_north_american(number: str) -> bool:
    """Return whether `number` looks like an American or Canadian number without country code."""
    return _NORTH_AMERICAN.fullmatch(number) is not None and _is_area_code(number[:3])


@cache
def _is_area_code(code: str) -> bool:
    return is_valid_number(PhoneNumber(country_code=1, national_number=int(f"{code}2345678")))
