"""Facts about the phone numbers of an audience: countries, invalid and odd numbers, with first locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model.locations import Location
    from sendspec.phone import Diagnosis

LOCATIONS_MAX: Final = 3
"""Locations that are kept of many occurrences, so that the memory does not grow with a list."""


class Occurrences(Struct, frozen=True):
    """A count of contacts, at least one, with the locations of the first `LOCATIONS_MAX`."""

    count: int
    locations: tuple[Location, ...]

    @property
    def first(self) -> Location:
        """The location of the first contact."""
        return self.locations[0]


class InvalidNumbers(Struct, frozen=True):
    """The invalid numbers of one diagnosis.

    `example` and `correction` are masked: the first of the numbers, '' if it is not readable, and what it
    should be, '' if that is not known. `home_codes` are country codes with which most of the numbers would
    be valid, the most likely first.
    """

    diagnosis: Diagnosis
    occurrences: Occurrences
    example: str = ""
    correction: str = ""
    home_codes: tuple[str, ...] = ()


class Lookalikes(Struct, frozen=True):
    """Valid numbers that would be valid with the country code `code` before them, too."""

    code: str
    occurrences: Occurrences


class NumberFacts(Struct, frozen=True):
    """Facts about the numbers of all recipients and of all contacts that are refused.

    `count` is the number of recipients with a readable number. `countries` has the valid and the reserved
    numbers by region, the largest first: ISO 3166 codes, and 001 for numbers without a country, such as
    +800. `reserved` are those that no phone has, because they are for films and books.
    """

    count: int = 0
    countries: Mapping[str, Occurrences] = field(default_factory=dict)
    reserved: Occurrences | None = None
    invalid: tuple[InvalidNumbers, ...] = ()
    lookalikes: tuple[Lookalikes, ...] = ()
