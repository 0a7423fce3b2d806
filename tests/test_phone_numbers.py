"""Phone numbers: validity and country exactly as libphonenumber's, and numbers reserved for fiction."""

from __future__ import annotations

import random
import re

import phonenumbers
import pytest

from sendspec.phone import (
    RESERVED,
    WITHOUT_COUNTRY,
    NumberColumns,
    normalise,
    normalised_column,
    numbering_plans,
)
from sendspec.phone.numbering_plans import NON_GEOGRAPHIC
from sendspec.phone.reserved import RESERVED as RESERVED_PATTERNS

MUTATIONS = 12
LENGTHS = range(1, 16)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
PLANS = numbering_plans()


def library_verdict(code: int, national: str) -> str:
    """Return the library's region of a number with exactly these digits, or '' if it is not valid.

    The number is not parsed, because `parse` removes a national prefix, which the API would not do.
    """
    zeros = len(national) - len(national.lstrip("0"))
    zeros -= national.strip("0") == ""  # The last zero is the number itself.
    number = phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=zeros,
    )
    assert phonenumbers.national_significant_number(number) == national
    return (phonenumbers.region_code_for_number(number) or "") if phonenumbers.is_valid_number(number) else ""


def verdict(code: int, national: str) -> str:
    """Return sendspec's region of a number, as if no number were reserved."""
    number = f"{code}{national}"
    found = PLANS.verdict(number)
    if found == RESERVED:
        # The library knows nothing about fiction: some reserved numbers are valid, others are not.
        return library_verdict(code, national)
    return WITHOUT_COUNTRY if found == NON_GEOGRAPHIC else found


def examples() -> list[tuple[int, str]]:
    """Return the example numbers of every region and type."""
    kinds = phonenumbers.PhoneNumberType.values()
    numbers = [
        *(phonenumbers.example_number_for_type(r, k) for r in phonenumbers.SUPPORTED_REGIONS for k in kinds),
        *map(
            phonenumbers.example_number_for_non_geo_entity,
            sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS),
        ),
    ]
    pairs = {(n.country_code, phonenumbers.national_significant_number(n)) for n in numbers if n}
    return sorted(pairs)


def mutated(chance: random.Random, national: str) -> str:
    """Return `national` after one to three digits were changed, removed or inserted."""
    digits = list(national)
    for _ in range(chance.choice((1, 1, 2, 3))):
        at, digit = chance.randrange(len(digits)), str(chance.randrange(10))
        digits[at : at + chance.randrange(2)] = chance.choice(([digit], [digit], []))
        digits = digits or [digit]
    return "".join(digits)


def disagreements(numbers: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [number for number in numbers if verdict(*number) != library_verdict(*number)]


def test_verdicts_are_those_of_libphonenumber():
    """Validity and region agree for the examples of each region, and for random mutations of them."""
    chance = random.Random(11)  # noqa: S311 - the same numbers each time, not a secret
    known = examples()
    numbers = known + [(code, mutated(chance, number)) for code, number in known for _ in range(MUTATIONS)]
    assert len(known) > 900
    assert disagreements(numbers) == []
    valid = sum(bool(verdict(*number)) for number in numbers)
    assert len(numbers) / 5 < valid < len(numbers) * 4 / 5


def test_verdicts_of_a_column_are_those_of_its_numbers():
    """Columns of one country, of several and of no country have the verdicts of their numbers one by one."""
    chance, columns = random.Random(14), NumberColumns(PLANS)  # noqa: S311
    numbers: dict[str, list[str]] = {}
    for code, number in examples():
        numbers.setdefault(str(code), []).append(f"{code}{number}")
    for code in ["1", *chance.sample(sorted(numbers), 20)]:
        column = [*numbers[code], *(code + mutated(chance, number) for number in numbers[code])]
        if code == "1":
            column += [f"1212555{line:04}" for line in range(0, 10_000, 99)]
        column += ["", "0", *numbers[chance.choice(sorted(numbers))], '[{"value":"a"}]']
        verdicts = [PLANS.verdict(number) for number in column]
        assert columns.verdicts(column) == verdicts
        for region in set(verdicts):
            same = [number for number, verdict in zip(column, verdicts, strict=True) if verdict == region]
            assert columns.common_region(same) in {region, None}
    common = columns.common_region([f"1212{line:07}" for line in range(2_345_678, 2_345_700)])
    assert common == "US"
    assert columns.common_region(["12125550123"]) is None


def test_verdicts_of_every_length_are_those_of_libphonenumber():
    """Validity and region agree for random numbers of each length in each country."""
    chance = random.Random(12)  # noqa: S311
    numbers = [(code, "".join(chance.choices("0123456789", k=k))) for code in CODES for k in LENGTHS]
    assert disagreements(numbers) == []


def test_verdicts_of_every_american_area_are_those_of_libphonenumber():
    """Validity and region agree for numbers of all 1,000 area codes, assigned or not."""
    chance = random.Random(13)  # noqa: S311
    numbers = [(1, f"{area:03}{chance.randrange(10**7):07}") for area in range(1000) for _ in range(4)]
    numbers += [(1, f"{area:03}2345678") for area in range(1000)]
    assert disagreements(numbers) == []
    assert {verdict(*number) for number in numbers} >= {"US", "CA", "JM", "PR", ""}


def test_no_national_prefix_is_removed():
    """A valid number is one that libphonenumber parses without a change."""
    chance = random.Random(14)  # noqa: S311
    known = examples()
    numbers = [f"{c}{n}" for c, n in known] + [f"{c}{mutated(chance, n)}" for c, n in known]
    valid = [number for number in numbers if PLANS.verdict(number) not in ("", RESERVED)]
    e164 = phonenumbers.PhoneNumberFormat.E164
    parsed = [phonenumbers.format_number(phonenumbers.parse(f"+{number}"), e164) for number in valid]
    assert parsed == [f"+{number}" for number in valid]


@pytest.mark.parametrize("junk", ["", "1", "12", "0", "00", "999", "99912345678", "01234567890", '[{"n'])
def test_a_text_without_a_country_code_is_not_valid(junk):
    """Short numbers, unknown country codes and other texts are not valid, and do not raise."""
    assert not PLANS.is_valid(junk)


def test_country_codes_are_read_from_the_left():
    """Country codes have one, two or three digits; without one the result is empty."""
    numbers = ("12125550123", "447700900123", "353209100000", "210")
    assert [PLANS.code_of(number) for number in numbers] == ["1", "44", "353", ""]
    assert PLANS.lengths("1") == (10,)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("12125550123", "US"),
        ("14165550123", "CA"),
        ("18765550123", "JM"),
        ("12225550123", "US"),  # an area code that is not in use
        ("447700900123", "GB"),
        ("353209112345", "IE"),
        ("33639981234", "FR"),
        ("46701740605", "SE"),
        ("61491570006", "AU"),
    ],
)
def test_a_reserved_number_has_the_country_that_reserves_it(number, region):
    """Reserved numbers are neither valid nor invalid, and count for the country of their area."""
    assert PLANS.verdict(number) == RESERVED
    assert PLANS.region_of_reserved(number) == region


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+1 (919) 555-0123", "19195550123"),
        ("+1.212.555.0100", "12125550100"),
        ("+33.6.12.34.56.00", "33612345600"),
        ("1.919.555.0000", "19195550000"),
        ("+33.6.12.34.56.78.00", ""),
        ("+491511234567.0", ""),
        ("49 151 1234567.0", ""),
        ("49.151.12345678.0", ""),
        ("(+49) 151 12345678.00", ""),
        ("491511234567.000", ""),
        ("491511234567. 0", ""),
        ("12125550102.5", ""),
        ("12125550102,0", ""),
    ],
)
def test_zeros_after_a_dot_are_never_added_to_a_number(written, digits):
    """A decimal is not readable; a group of zeros is, if the number is valid with it and not without it."""
    assert normalise(written) == digits


def test_a_column_of_numbers_is_read_as_its_numbers_one_by_one():
    """Columns of digits, of simple notation and of everything else have the digits of each number."""
    chance = random.Random(15)  # noqa: S311
    pieces = [
        *"0123456789",
        "(0)",
        "( 0 )",
        "+",
        "++",
        " ",
        "-",
        "(",
        ")",
        ".",
        ".0",
        ",",
        "\u00a0",
        "x",
        "\n",
        "\u0661",
    ]
    for usual in (1, 0.98, 0.5):
        for _ in range(100):
            column = [
                "".join(chance.choices(pieces[:10], k=4))
                if chance.random() < usual
                else "".join(chance.choices(pieces, k=chance.randrange(8)))
                for _ in range(20)
            ]
            column += ["+12125550123", "1 (212) 555-0123"] * (usual == 1)
            assert normalised_column(column) == list(map(normalise, column))


def reserved(prefix: str, digits: int) -> list[int]:
    """Return the reserved endings of `digits` digits after `prefix`."""
    code = PLANS.code_of(prefix)
    matches = re.compile(f"{code}(?:{RESERVED_PATTERNS[code]})").fullmatch
    return [end for end in range(10**digits) if matches(f"{prefix}{end:0{digits}}")]


@pytest.mark.parametrize(
    ("prefix", "digits", "first", "last"),
    [
        pytest.param("1212555", 4, 100, 199, id="United States"),
        pytest.param("1416555", 4, 100, 199, id="Canada"),
        pytest.param("4477009", 5, 0, 999, id="UK mobile"),
        pytest.param("44163296", 4, 0, 999, id="UK no area"),
        pytest.param("44207946", 4, 0, 999, id="London"),
        pytest.param("44191498", 4, 0, 999, id="Tyneside"),
        pytest.param("44121496", 4, 0, 999, id="Birmingham"),
        pytest.param("44114496", 4, 0, 999, id="Sheffield"),
        pytest.param("4670174", 4, 605, 699, id="Sweden mobile"),
        pytest.param("35320912", 4, 0, 9999, id="Ireland"),
        pytest.param("3363998", 4, 0, 9999, id="France mobile"),
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
