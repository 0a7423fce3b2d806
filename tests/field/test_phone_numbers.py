"""Numbers as lists have them: without country code, as decimals, with digits or characters too many."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest

from tests.projects import project

SEND = """\
campaign: order
purpose: transactional
sends:
  - id: ready
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: your order is ready."
{declared}    contacts: {contacts}
"""
BLOCKED, CLEAN = 3, 0


class Found(NamedTuple):
    """A finding of `phone-number`, without the places."""

    reason: str
    level: str
    message: str
    hint: str


class Outcome(NamedTuple):
    """The exit code of `plan`, its findings about numbers, and its action."""

    code: int
    findings: list[Found]
    action: dict


@pytest.fixture
def plan(cli, tmp_path):
    """Plan one send to these numbers in a file; return what the plan says about them."""

    def run(*numbers, countries=(), settings="", contacts="{file: ../contacts/list.csv}"):
        declared = f"    audience: {{countries: [{', '.join(countries)}]}}\n" if countries else ""
        campaign = SEND.format(declared=declared, contacts=contacts)
        specs = project(tmp_path / "specs", campaign, settings=f"version: 1\n{settings}")
        rows = ("phoneNumber", *numbers)
        (specs / "contacts" / "list.csv").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        done = cli("plan", "--format", "json")
        value = json.loads(done.out)
        found = [
            Found(each["reason"], each["level"], each["message"].partition(" (also")[0], each["hint"])
            for each in value["findings"]
            if each["rule"] == "phone-number"
        ]
        return Outcome(done.code, found, value["actions"][0])

    return run


def applied(cli):
    """Return the numbers that the plan's requests would carry."""
    bodies = [json.loads(line)["body"] for line in cli("render").out.splitlines()]
    return [contact["phoneNumber"] for body in bodies for contact in body["contacts"]]


# ── row 1: no country code


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("number", "codes"),
    [
        pytest.param("9175550101", "1 (US) or 91 (IN)", id="New York looks like India"),
        pytest.param("4155550101", "1 (US) or 52 (MX)", id="San Francisco looks like Switzerland"),
        pytest.param("3055550101", "1 (US) or 57 (CO)", id="Miami looks like Greece"),
        pytest.param("7185550101", "1 (US) or 44 (GB)", id="Brooklyn looks like Russia"),
        pytest.param("612345678", "33 (FR) or 34 (ES)", id="France looks like Australia"),
        pytest.param("1701234567", "49 (DE)", id="Germany looks like the United States"),
        pytest.param("7911123456", "44 (GB)", id="Britain looks like Russia"),
    ],
)
def test_a_number_that_would_be_valid_with_another_country_code(number, codes, plan):
    """The number is an error, and the hint names the country code that it lacks."""
    code, findings, action = plan(number)
    assert (code, action["sign"], action["countries"]) == (BLOCKED, "!", {})
    [(reason, level, message, hint)] = findings
    assert (reason, level, message) == ("no-country-code", "error", "1 number has no country code")
    assert hint.startswith(f"write the country code first, such as {codes}")
    assert number not in hint


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        (["612345678", "687654321", "698765432"], "33 (FR)"),
        (["1701234567", "15112345678", "1761234567"], "49 (DE)"),
        (["7911123456", "7400123456", "7700900123"], "44 (GB)"),
        (["3471234567", "3391234567", "3381234567"], "39 (IT)"),
    ],
)
def test_a_whole_list_without_its_country_code(numbers, codes, plan):
    """The numbers together show the country better than one of them."""
    code, findings, _ = plan(*numbers)
    assert code == BLOCKED
    assert findings[0].message == "3 numbers have no country code"
    assert f"such as {codes}" in findings[0].hint


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (
            [f"6465550{n}" for n in range(100, 106)] + [f"2125550{n}" for n in range(100, 109)],
            "6 of 15 numbers look American without the 1",
        ),
        (["12125550101", "14165550101", "6465550103"], "1 of 3 numbers looks American without the 1"),
        (["6465550101", "6465550102"], "2 of 2 numbers look American without the 1"),
        (
            ["17012345678", "1701234567", "15112345678", "1761234567"],
            "1 of 4 numbers looks like a number of DE without the 49",
        ),
        (
            ["+49 151 12345678", "+49 160 1234567", "17012345678"],
            "1 of 3 numbers looks like a number of DE without the 49",
        ),
    ],
)
def test_numbers_that_are_valid_in_two_countries_are_a_warning(numbers, message, plan):
    """A list with numbers that are valid as written, and with the code of another country before them."""
    _, findings, _ = plan(*numbers)
    [warning] = [finding for finding in findings if finding.level == "warning"]
    assert (warning.reason, warning.message) == ("ambiguous-country-code", message)
    assert warning.hint == "add the country code, or list the countries of the numbers in audience.countries"


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "countries"),
    [
        (["6465550101", "6465550102"], ["NZ"]),  # declared
        (["6465550101", "64211234567"], []),  # the other number is not American, so New Zealand is meant
        (["12125550101", "17012345678"], []),  # +1 is not suspicious in a list of +1
    ],
)
def test_numbers_that_are_meant_as_written_are_no_warning(numbers, countries, plan):
    """Declared countries, or another number of the country, show that the numbers are meant."""
    code, findings, _ = plan(*numbers, countries=countries)
    assert (code, findings) == (CLEAN, [])


@pytest.mark.field_case(1)
def test_the_plan_shows_the_countries(plan, cli):
    """Text and JSON have the countries, the largest first; numbers of +1 differ by their area."""
    numbers = [
        "12125550101",
        "12125550102",
        "+1 416 555 0101",
        "1 876 555 0101",
        "447700900123",
        "9175550101",
    ]
    expected = {"US": 2, "CA": 1, "GB": 1, "JM": 1}
    assert list(plan(*numbers).action["countries"].items()) == list(expected.items())
    assert "    countries US 2, CA 1, GB 1, JM 1, not known 1\n" in cli("plan").out


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "countries", "message"),
    [
        (["12125550101", "447700900123"], ["US", "CA"], "1 number is outside US, CA: GB 1"),
        (["12125550101", "14165550101", "18765550101"], ["US"], "2 numbers are outside US: CA 1, JM 1"),
        (["447700900123", "33639981234", "33639981235"], ["GB"], "2 numbers are outside GB: FR 2"),
        (["12125550101", "14165550101"], ["US", "CA"], None),
    ],
)
def test_a_number_outside_the_declared_countries_is_an_error(numbers, countries, message, plan):
    """`audience.countries` pins the countries of a list."""
    code, findings, _ = plan(*numbers, countries=countries)
    assert code == (CLEAN if message is None else BLOCKED)
    assert [finding.message for finding in findings] == ([] if message is None else [message])
    assert {finding.reason for finding in findings} <= {"other-country"}


# ── row 2: decimals


@pytest.mark.field_case(2)
@pytest.mark.parametrize("ending", [".0", ".00", ".000", ",0", " .0"])
@pytest.mark.parametrize(
    "number", ["+4915112345678", "49 151 12345678", "1.212.555.0101", "(+44) 7700 900123"]
)
def test_a_number_that_ends_in_a_dot_and_zeros_is_a_decimal(number, ending, plan):
    """The zeros are never sent, with any notation before them."""
    row = f"{number}{ending}"
    code, findings, action = plan(f'"{row}"')
    assert (code, action["contacts"]["refused"], action["recipients"]) == (BLOCKED, 1, 0)
    assert [finding[:3] for finding in findings] == [("decimal", "error", "1 number is written as a decimal")]


@pytest.mark.field_case(2)
def test_floats_of_the_campaign_file_are_decimals(plan):
    """A float of YAML and scientific notation are refused, too."""
    numbers = ("12125550101.0", "1.2125550101E+10", "12125550102.000", "1.2125550103e10", "12125550104")
    contacts = "[" + ", ".join(f"{{phoneNumber: {number}}}" for number in numbers) + "]"
    code, findings, action = plan(contacts=contacts)
    assert (code, action["contacts"]["refused"], action["recipients"]) == (BLOCKED, 4, 1)
    assert [(finding.reason, finding.message) for finding in findings] == [
        ("decimal", "2 numbers are written as a decimal"),
        ("scientific-notation", "2 numbers are written in scientific notation, such as 1.2E+10"),
    ]


# ── rows 3 and 18: digits that are dialled inside the country


@pytest.mark.field_case(3)
@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (
            "+49 0151 12345678",
            "remove the 0 after 49 (the first number is 4901••••••••78, and should be 4915•••••••78)",
        ),
        (
            "+49 0151 1234567",
            "remove the 0 after 49 (the first number is 4901•••••••67, and should be 4915••••••67)",
        ),
        (
            "+61 0491 570 006",
            "remove the 0 after 61 (the first number is 6104••••••06, and should be 6149•••••06)",
        ),
        (
            "31 06 12345678",
            "remove the 0 after 31 (the first number is 3106••••••78, and should be 3161•••••78)",
        ),
        ("+44 (0)7700 900123", "write it as 4477••••••23"),
        ("+49 ( 0 ) 151 12345678", "write it as 4915•••••••78"),
        ("+39 (0)6 1234 5678", "write it as 3906••••••78"),
        (
            "+7 8 912 345-67-89",
            "remove the 8 after 7 (the first number is 7891••••••89, and should be 7912•••••89)",
        ),
        (
            "+36 06 20 123 4567",
            "remove the 06 after 36 (the first number is 3606•••••••67, and should be 3620•••••67)",
        ),
    ],
)
def test_a_zero_after_the_country_code_is_an_error(number, hint, plan):
    """The hint has the digits to remove, and the number as it should be, masked."""
    code, findings, _ = plan(number)
    assert code == BLOCKED
    [(reason, level, message, found_hint)] = findings
    assert (reason, level, found_hint) == ("national-prefix", "error", hint)
    assert message.endswith("that is not dialled from abroad")


@pytest.mark.field_case(3)
@pytest.mark.parametrize(
    "number", ["+39 06 1234 5678", "+39 02 1234 5678", "+225 01 02 03 04 05", "+39 347 123 4567"]
)
def test_a_zero_that_belongs_to_the_number_stays(number, plan, cli):
    """Italy and the Ivory Coast keep the 0."""
    code, findings, _ = plan(number)
    assert (code, findings) == (CLEAN, [])
    assert applied(cli) == ["".join(filter(str.isdigit, number))]


@pytest.mark.field_case(18)
@pytest.mark.parametrize(
    ("number", "message", "hint"),
    [
        ("+52 1 55 1234 5678", "1 number has a 1", "remove the 1 after 52"),
        ("5213312345678", "1 number has a 1", "remove the 1 after 52"),
        ("+52 044 55 1234 5678", "1 number has a 044", "remove the 044 after 52"),
        (
            "+54 9 11 15 2345-6789",
            "1 number has a 15",
            "write 549 first, and remove the 15 after the area code",
        ),
        (
            "+54 11 15 2345-6789",
            "1 number has a 15",
            "write 549 first, and remove the 15 after the area code",
        ),
        (
            "+54 9 351 15 234 5678",
            "1 number has a 15",
            "write 549 first, and remove the 15 after the area code",
        ),
    ],
)
def test_digits_that_mexico_and_argentina_do_not_dial_from_abroad(number, message, hint, plan):
    """The hint says which digits to leave out, and the masked number as it should be."""
    code, findings, _ = plan(number)
    [(reason, _, found, found_hint)] = findings
    assert (code, reason) == (BLOCKED, "national-prefix")
    assert found == f"{message} that is not dialled from abroad"
    assert found_hint.startswith(f"{hint} (the first number is ")
    assert ", and should be 5" in found_hint


# ── row 19: characters and words


@pytest.mark.field_case(19)
@pytest.mark.parametrize(
    ("number", "reason", "rest"),
    [
        ("\u202a+12125550101\u202c", "character", "has the character U+202A LEFT-TO-RIGHT EMBEDDING"),
        ("1212\u2011555\u20110101", "character", "has the character U+2011 NON-BREAKING HYPHEN"),
        ("12125550101\t", "character", "has the character U+0009 TAB"),
        ("\ufeff12125550101", "character", "has the character U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("1212555\u200b0101", "character", "has the character U+200B ZERO WIDTH SPACE"),
        ("\uff0b12125550101", "character", "has the character U+FF0B FULLWIDTH PLUS SIGN"),
        (
            "\uff11\uff12\uff11\uff12\uff15",
            "character",
            "has the character U+FF11 FULLWIDTH DIGIT ONE",
        ),
        ("\u0661\u0662\u0661\u0662\u0665", "character", "has the character U+0661 ARABIC-INDIC DIGIT ONE"),
        ("'12125550101", "character", "has the character U+0027 APOSTROPHE"),
        ("1212555O101", "character", "has the character U+004F LATIN CAPITAL LETTER O"),
        ("+1+2125550101", "character", "has a plus sign that is not its first character"),
        ("tel:+12125550101", "word", "has the word 'tel'"),
        ("12125550101 ext. 5", "word", "has the word 'ext'"),
        ("12125550101x5", "word", "has the word 'x'"),
        ("Mobile 12125550101", "word", "has the word 'mobile'"),
        ("unknown", "not-digits", "is not written as digits"),
        ("n/a", "not-digits", "is not written as digits"),
    ],
)
def test_an_odd_character_or_word_is_named(number, reason, rest, plan):
    """The message names the first character that is not notation, or a word from a list of known ones."""
    code, findings, action = plan("12125550100", number)
    assert (code, action["contacts"]["refused"], action["recipients"]) == (BLOCKED, 1, 1)
    assert [finding[:3] for finding in findings] == [(reason, "error", f"1 number {rest}")]


@pytest.mark.field_case(19)
@pytest.mark.parametrize("row", ["Ann Smith 12125550101", "12125550101 Ann", "a@example.com 12125550"])
def test_a_name_beside_a_number_is_not_repeated(row, plan):
    """A message names one character only, because words beside numbers are often names."""
    _, findings, _ = plan(row)
    assert [finding.reason for finding in findings] == ["character"]
    assert not re.search("Ann|Smith|example", str(findings))


# ── notation that people use


@pytest.mark.field_case(3)
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("001 919 555 0123", "dialling-prefix"),
        ("011 1 919 555 0123", "dialling-prefix"),
        ("00 44 7700 900123", "dialling-prefix"),
        ("0011 61 491 570 006", "dialling-prefix"),
        ("+1 (919) 555-0123", None),
        ("1-919-555-0123", None),
        ("+1\u00a0919\u00a0555\u00a00123", None),
    ],
)
def test_notation_is_removed_and_dialling_prefixes_are_not(number, reason, plan, cli):
    """Documented notation is removed; an international dialling prefix is an error with the number meant."""
    code, findings, _ = plan(number)
    if reason is None:
        assert (code, findings) == (CLEAN, [])
        assert applied(cli) == ["19195550123"]
    else:
        [finding] = findings
        assert (code, finding.reason) == (BLOCKED, reason)
        assert ", and should be " in finding.hint


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("+44 7700 90", "check the 6 digits after 44; this country code allows 7, 9 or 10 ("),
        ("+49 151", "check the 3 digits after 49; this country code allows 4 to 15 ("),
        ("+1 212 555 010", "check the 9 digits after 1; this country code allows 10 ("),
    ],
)
def test_a_number_that_is_too_short(number, hint, plan):
    """The hint has the counts of digits that the country uses."""
    code, [finding], _ = plan(number)
    assert (code, finding.reason) == (BLOCKED, "impossible-length")
    assert finding.hint.startswith(hint)


GB = ("447700900123", "447700900124", "447700900125")


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "reason", "hint"),
    [
        (["1212555013"], "impossible-length", "the 9 digits after 1; this country code allows 10 ("),
        (["121255501300"], "impossible-length", "the 11 digits after 1; "),
        (["44770090012"], "not-assigned", "the digits after 44; "),
        ([*GB, "33612345678", "3361234567"], "impossible-length", "the 8 digits after 33; "),
        ([*GB, "8613812345678", "861381234567"], "not-assigned", "the digits after 86; "),
        ([*GB, "5511987654321", "551198765432100"], "impossible-length", "the 13 digits after 55; "),
    ],
)
def test_a_number_with_a_country_code_and_a_digit_less_or_more(numbers, reason, hint, plan):
    """The number does not lack a country code, although its digits may be mobile numbers elsewhere."""
    findings = [found for found in plan(*numbers).findings if found.level == "error"]
    assert [found.reason for found in findings] == [reason]
    assert findings[0].hint.startswith(f"check {hint}")


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        pytest.param(["7700900123"], "44 (GB)", id="Britain, or a digit less of Russia"),
        pytest.param([*GB, "7700900123"], "44 (GB)", id="in a list of Britain"),
        pytest.param([*GB, "393471234567", "3361234567"], "39 (IT)", id="Italy, or a digit less of France"),
    ],
)
def test_a_national_number_that_could_be_a_foreign_one_without_a_digit(numbers, code, plan):
    """The country whose numbers the list has, or whose market is larger, decides."""
    findings = [found for found in plan(*numbers).findings if found.level == "error"]
    assert [found.reason for found in findings] == ["no-country-code"]
    assert f"such as {code}" in findings[0].hint


# ── refused rows


@pytest.mark.red_team(22)
@pytest.mark.parametrize("grade", ["off", "info", "warning"])
@pytest.mark.parametrize("unreadable", ["12125550101 ext. 5", "\u202a12125550101", "1.2125550101E+10", "n/a"])
def test_an_unreadable_number_is_never_sent(unreadable, grade, plan, cli):
    """Whatever the level of the rule, the rows are refused and counted, not sent once or twice."""
    outcome = plan(
        "12125550101", unreadable, unreadable, "12125550101", settings=f"rules: {{phone-number: {grade}}}\n"
    )
    assert outcome.code == CLEAN
    contacts = outcome.action["contacts"]
    assert (contacts["rows"], contacts["duplicates"], contacts["refused"]) == (4, 1, 2)
    assert outcome.action["recipients"] == 1
    assert applied(cli) == ["12125550101"]


def test_a_short_number_beside_one_without_a_country(plan):
    """Numbers such as +800 have no country code that a short number could lack."""
    done = plan("80012345678", "999", "0123456")
    assert {found.reason for found in done.findings} == {"unknown-country-code", "no-country-code"}
