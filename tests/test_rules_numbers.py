"""Phone numbers: possible lengths, and numbers reserved for fiction."""

from __future__ import annotations

import re

import phonenumbers
import pytest

from sendspec.rules._lib.phone_lengths import country_code, is_possible, national_lengths
from sendspec.rules.fictional_number import RESERVED

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def possible(number: phonenumbers.PhoneNumber) -> bool:
    """Return the library's answer whether a number can be dialled from abroad (Canada's 310-1234 cannot)."""
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def examples(region: str) -> list[str]:
    """Return one number of each type that can be dialled from abroad, in digits."""
    kinds = phonenumbers.PhoneNumberType.values()
    numbers = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    return [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
        for number in numbers
        if number and possible(number)
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_every_example_number_of_every_region_is_possible(region):
    """Every example number of phonenumbers is possible in the table."""
    numbers = examples(region)
    assert numbers
    assert [number for number in numbers if not is_possible(number)] == []


@pytest.mark.parametrize("code", CODES)
def test_the_table_agrees_with_phonenumbers_about_every_length(code):
    """The table and the library agree for each country code and each count of digits."""
    disagree = [
        length
        for length in range(1, 16)
        if is_possible(f"{code}{'2' * length}")
        != possible(phonenumbers.PhoneNumber(country_code=code, national_number=int("2" * length)))
    ]
    assert disagree == []


@pytest.mark.parametrize("junk", ["", "1", "12", "0", "00", "999", "99912345678", "01234567890", '[{"n'])
def test_a_text_without_a_country_code_is_not_possible(junk):
    """Short numbers, unknown country codes and other texts are not possible, and do not raise."""
    assert not is_possible(junk)


def test_country_codes_are_read_from_the_left():
    """Country codes have one, two or three digits; without one the result is empty."""
    assert [country_code(number) for number in ("12125550123", "447700900123", "353209100000", "210")] == [
        "1",
        "44",
        "353",
        "",
    ]
    assert national_lengths("1") == (10,)


def reserved(prefix: str, digits: int) -> list[int]:
    """Return the reserved endings of `digits` digits after `prefix`."""
    pattern = re.compile("|".join(RESERVED))
    return [end for end in range(10**digits) if pattern.fullmatch(f"{prefix}{end:0{digits}}")]


@pytest.mark.parametrize(
    ("prefix", "digits", "first", "last"),
    [
        pytest.param("1212555", 4, 100, 199, id="United States"),
        pytest.param("1416555", 4, 100, 199, id="Canada"),
        pytest.param("4477009", 5, 0, 999, id="UK mobile"),
        pytest.param("44163296", 4, 0, 999, id="UK no area"),
        pytest.param("4420794", 5, 60000, 60999, id="London"),
        pytest.param("44191498", 4, 0, 999, id="Tyneside"),
        pytest.param("44121496", 4, 0, 999, id="Birmingham"),
        pytest.param("44114496", 4, 0, 999, id="Sheffield"),
        pytest.param("4670174", 4, 605, 699, id="Sweden mobile"),
        pytest.param("353209", 6, 100000, 199999, id="Ireland"),
        pytest.param("336399", 5, 80000, 89999, id="France mobile"),
    ],
)
def test_a_reserved_block_is_that_of_its_regulator(prefix, digits, first, last):
    """The block has every number from the first to the last, and no others."""
    assert reserved(prefix, digits) == list(range(first, last + 1))


def test_australia_reserves_thirty_mobile_numbers():
    """The numbers are a list below 0491 57, not a block."""
    endings = reserved("614915", 5)
    assert len(endings) == 30
    assert (endings[0], endings[-1]) == (70006, 79760)
    assert reserved("614914", 5) == []
