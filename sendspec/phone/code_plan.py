"""The numbering plan of one country code, compiled from libphonenumber's metadata."""

from __future__ import annotations

from typing import Final, NamedTuple

NON_GEOGRAPHIC: Final = "NONGEO"
"""Group name of numbers without a country, such as +800; libphonenumber's 001 is not a valid name."""

WITHOUT_COUNTRY: Final = "001"
"""libphonenumber's region code of these numbers, which facts and specs use."""


class RegionPlan(NamedTuple):
    """The valid numbers of a region, as a pattern of the digits after the country code.

    A number belongs to the first region whose `leading` digits it has. A region without leading digits has
    the numbers that are `valid` in it.
    """

    region: str
    leading: str
    valid: str


class CodePlan(NamedTuple):
    """The numbering plan of one country code, as values that JSON can store.

    `regions` has the ISO codes that share the country code, the main one first. `lengths` are the
    possible counts of digits after the code in the main region. `plans` has the regions with metadata in
    the same order. `mobile` matches the digits after the code of a mobile number, and has no group.
    `national_prefix` is dialled before them inside the country only, such as 0; '' if there is none.
    """

    regions: tuple[str, ...]
    lengths: tuple[int, ...]
    plans: tuple[RegionPlan, ...]
    mobile: str
    national_prefix: str
