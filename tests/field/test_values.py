"""Values of lists that were not meant to be sent: leftovers, shifted rows, invisible characters, blanks."""

from __future__ import annotations

import json

import pytest

from tests.field.lists import Finding, bodies, findings, with_list, with_send
from tests.projects import number

NUMBERS = [number(at) for at in range(10)]


def quoted(values: list[str]) -> list[str]:
    """Return values as they are inside quotes in CSV."""
    return [value.replace('"', '""') for value in values]


def raw(value: str) -> str:
    """Return a value as a template that renders it."""
    return f"{{% raw %}}{value}{{% endraw %}}"


def one_row(value: str) -> str:
    return f"contactId,NAME\n{NUMBERS[0]},Ann\n{NUMBERS[1]},{value}\n{NUMBERS[2]},Cy\n"


LEFTOVERS = {
    "quoted": ["\u201cAnn\u201d", "\u201eAnn\u201c", "\u00abAnn Lee\u00bb", " \u2018Ann\u2019 ", "`Ann`"],
    "missing-value": [
        "nan",
        "None",
        "NULL",
        "Null",
        "#N/A",
        "#NV",
        "#N/D",
        "#VALEUR!",
        "#¡VALOR!",
        "undefined",
        "Ann None",
        "nan nan",
        "\\N",
        " null ",
    ],
    "wrong-encoding": ["FranÃ§ois", "RenÃ©e", "Ã\u2013zil", "donâ€™t", "Ð¡ÐµÑ€Ð³ÐµÐ¹", "Ana\ufffd"],
    "html-entity": ["O&#39;Neil", "Ann &amp; Ben", "Ren&eacute;e", "&#x27;Ann"],
    "template": [
        "{{first_name}}",
        "{name}",
        "${X}",
        "{0}",
        "*|FNAME|*",
        "%FIRST_NAME%",
        "<%= name %>",
        "%%L%%",
        "Hi %%FIRST NAME%%",
    ],
    "placeholder": [
        "[NAME]",
        "<DATE>",
        "[First Name]",
        "<first_name>",
        "[your company]",
        "Ann<br>",
        "[PRÉNOM]",
        "<Vorname>",
        *("FIRST_NAME", "FNAME", "first_name", "LastName", "$firstName", "Vorname", "SHORT_URL", " lname "),
    ],
    "escape": [
        "Ann\\nLee",
        "Ann\\tBee",
        "Zo\\u00e9",
        "https:\\/\\/acme.com\\/x",
    ],
    "unfinished": ["INSERT LINK HERE", "TODO", "TODO: name", "TBD", "Lorem ipsum", "XXXXX", "XX%"],
    "example-host": ["http://localhost:8080/a", "https://shop.example.com/a", "https://yourdomain.com"],
    "test-value": ["test", "Test User", "TEST 2", "asdf"],
}


@pytest.mark.field_case(14)
@pytest.mark.parametrize("reason", LEFTOVERS)
def test_a_leftover_in_a_list_is_found_at_its_line(reason, cli):
    """Every leftover is an error (a test value is a warning), at its line, in a campaign file too."""
    values = LEFTOVERS[reason]
    level = "warning" if reason in {"test-value", "quoted"} else "error"
    with_list("contactId,NAME\n" + "".join(f"{number(at)},{value}\n" for at, value in enumerate(values)))
    found = findings(cli)
    assert {(each.level, each.rule, each.reason) for each in found} == {(level, "leftover", reason)}
    assert sum(each.count for each in found) == len(values)
    assert {each.line for each in found} >= {2}
    rows = "".join(
        f"\n      - contactId: '{number(at)}'\n        personalization: {{NAME: '{raw(value)}'}}"
        for at, value in enumerate(values)
    )
    with_send(rows)
    inline = findings(cli)
    assert [each._replace(line=0) for each in inline] == [each._replace(line=0) for each in found]
    assert {each.line for each in inline} >= {9}


@pytest.mark.field_case(14)
@pytest.mark.parametrize("value", ["'Ann'", '"""Ann"""', "'O Neil'"])
def test_a_value_in_straight_quotes_is_a_warning(value, cli):
    """A program that quotes twice, or quotes as SQL does, leaves quotes that people would read."""
    with_list(f"contactId,NAME\n{number(0)},{value}\n{number(1)},O'Neil\n{number(2)},'s-Gravesande\n")
    assert findings(cli) == [Finding("warning", "leftover", "quoted", 2)]


@pytest.mark.field_case(14)
@pytest.mark.parametrize("value", ["NULL", "FranÃ§ois", "{name}"])
def test_a_leftover_is_reported_at_its_row(value, cli):
    """The location is the row of the value, and a customer's other rows have no finding."""
    with_list(one_row(value))
    [found] = findings(cli)
    assert (found.level, found.rule, found.line) == ("error", "leftover", 3)


NAMES = [
    *("Nan", "Na", "Nil", "Null Smith", "ANN NULL", "Tester", "Testa", "Nancy", "Noné", "O'Neil", "MAÇÃ"),
    *(
        "François",
        "Ana Ñ.",
        "X Æ A-12",
        "AT&T",
        "Ben & Cy; Partners",
        "Todo",
        "Bar",
        "Contest",
        "<3 Ann",
        "[Acme]",
    ),
    *(
        "Renée “Ren” Lee",
        "علی‌رضا",
        "ශ්‍රී",
        "👨‍👩‍👧",
        "Ann 2026-01-01",
        "20% off",
        "Dr. Example",
        "None of them",
        *("50%% off", "SPRING_26", "Vornamen", "Name", "First", "A\\B", "Username", "First Street", "Nome"),
        "https://acme.com/p?email=ann@x.com",
        "acme.com?ann@x.com",
    ),
]


@pytest.mark.field_case(14)
def test_a_real_name_is_no_leftover(cli):
    """Names and values that only look like leftovers have no finding."""
    with_list(
        "contactId,NAME\n" + "".join(f'{number(at)},"{name}"\n' for at, name in enumerate(quoted(NAMES)))
    )
    assert findings(cli) == []


@pytest.mark.field_case(14)
def test_a_person_called_null_can_be_allowed(cli):
    """The exact value Null is an error, until the send says that it is a name."""
    extra = "    allow: [{rule: leftover, reason: her name is Null}]\n"
    with_list(one_row("Null"), extra=extra)
    assert cli("validate").code == 0
    assert cli("apply", "--auto-approve").code == 0


SHAPES = {
    "phone-number": ["+44 7700 900123", "12125550123", "(212) 555-0123", "+12125550123", "44 7700-900123"],
    "email-address": ["ann@acme.org", " ann.lee+x@mail.acme.co.uk ", "mailto:ann@acme.org"],
}


@pytest.mark.field_case(5)
@pytest.mark.parametrize("reason", SHAPES)
def test_a_value_of_another_column_is_a_warning(reason, cli):
    """A phone number or an e-mail address in the name is a warning at its line."""
    values = SHAPES[reason]
    with_list("contactId,NAME\n" + "".join(f"{number(at)},{value}\n" for at, value in enumerate(values)))
    assert findings(cli) == [Finding("warning", "value-shape", reason, 2, len(values))]


@pytest.mark.field_case(5)
def test_a_value_that_fits_its_tag_is_no_warning(cli):
    """A number in a tag for numbers or codes, and an address in a tag for addresses, are meant."""
    row = f"{number(0)},12125550123,+12125550124,12125550125,a@acme.org\n"
    with_list(f"contactId,ORDER,PHONE,SUPPORT LINE,EMAIL\n{row}")
    assert findings(cli) == []


LINE_BREAKS = {
    "three people in one cell": (
        f'{NUMBERS[0]},"Ann\n{NUMBERS[1]},Ben\n{NUMBERS[2]},Cy"\n',
        "hidden-rows",
        2,
    ),
    "two people, CRLF": (f'{NUMBERS[3]},Di\r\n{NUMBERS[0]},"Ann\r\n{NUMBERS[1]},Ben"\r\n', "hidden-rows", 3),
    "an address of two lines": (f'{NUMBERS[0]},"1 High Street\nLondon"\n', "line-break", 2),
    "a lone CR": (f'{NUMBERS[0]},"Ann\rLee"\n', "line-break", 2),
    "a line break at the end": (f'{NUMBERS[3]},Di\n{NUMBERS[0]},"Ann\n"\n', "line-break", 3),
    "in a duplicate": (f'{NUMBERS[0]},Ann\n{NUMBERS[0]},"Ann\n{NUMBERS[1]},Ben"\n', "hidden-rows", 3),
}


@pytest.mark.field_case(5)
@pytest.mark.parametrize(("rows", "reason", "line"), LINE_BREAKS.values(), ids=LINE_BREAKS)
def test_a_cell_with_a_line_break_is_an_error(rows, reason, line, cli):
    """A quoted cell of several lines is an error where its row starts, unless the send allows it."""
    with_list(f"contactId,NAME\n{rows}")
    rule = "hidden-rows" if reason == "hidden-rows" else "value-shape"
    assert Finding("error", rule, reason, line) in findings(cli)
    with_list(f"contactId,NAME\n{rows}", extra=f"    allow: [{{rule: {rule}, reason: two lines}}]\n")
    blocking = [each for each in findings(cli) if each.rule == rule]
    assert blocking
    assert f"allowed error [{rule}]" in cli("plan").out


SWALLOWED = {
    "two people": f'{NUMBERS[0]},"Ann\n{NUMBERS[1]},Ben\n{NUMBERS[2]},Cy"\n',
    "one person, quoted again": f'{NUMBERS[0]},"Ann\n""{NUMBERS[1]}"",Ben"\n',
    "with semicolons": f'{NUMBERS[0]},"Ann\n{NUMBERS[1]};Ben"\n',
    "after an address": f'{NUMBERS[0]},"1 High Street\nLondon\n{NUMBERS[1]},Ben"\n',
}


@pytest.mark.field_case(5)
@pytest.mark.parametrize("rows", SWALLOWED.values(), ids=SWALLOWED)
@pytest.mark.parametrize("settings", ["", "rules: {value-shape: off}\n"], ids=["allow", "off"])
def test_no_exception_for_lines_covers_swallowed_rows(rows, settings, cli):
    """Addresses may have two lines, and a quote that was not closed still blocks the send."""
    directory = with_list(
        f'contactId,NAME\n{NUMBERS[3]},"1 High Street\nLondon"\n{rows}',
        extra="    allow: [{rule: value-shape, reason: addresses have two lines}]\n",
    )
    (directory / "sendspec.yaml").write_text(f"version: 1\n{settings}")
    assert Finding("error", "hidden-rows", "hidden-rows", 4) in findings(cli)
    assert cli("apply", "--auto-approve").code == 3
    assert not (directory / "sendspec.sandbox.lock").exists()


@pytest.mark.field_case(5)
def test_a_value_of_a_campaign_file_hides_no_rows(cli):
    """A value that was pasted from a list with its rows is the same error."""
    value = f'"Ann\\n{NUMBERS[1]},Ben"'
    with_send(f'[{{contactId: "{NUMBERS[0]}", personalization: {{NAME: {value}}}}}]')
    assert findings(cli) == [Finding("error", "hidden-rows", "hidden-rows", 8)]


@pytest.mark.field_case(5)
def test_a_column_that_no_tag_has_may_have_line_breaks_but_hides_no_rows(cli):
    """A note of two lines is ignored like its column; a note with another contact in it is an error."""
    columns = "{contactId: phone, personalization: {NAME: name}}"
    head = "phone,name,note\n"
    with_list(f'{head}{NUMBERS[0]},Ann,"rings\ntwice"\n', columns=columns)
    assert findings(cli) == []
    with_list(f'{head}{NUMBERS[0]},Ann,"rings\n{NUMBERS[1]},Ben,"\n', columns=columns)
    assert findings(cli) == [Finding("error", "hidden-rows", "hidden-rows", 2)]


BLANKS = ["", " ", "   ", "\t", "\u00a0", " \u00a0\t", "\u2003", "\u3000"]


@pytest.mark.field_case(12)
def test_a_blank_value_is_empty(cli):
    """The default applies to a blank value of a list and of a campaign file, as to an empty one."""
    with_list("contactId,NAME\n" + "".join(f"{number(at)},{blank}\n" for at, blank in enumerate(BLANKS)))
    assert findings(cli) == []
    sent = [{"contactId": number(at)} for at in range(len(BLANKS))]
    assert bodies(cli) == sent
    rows = [
        f'{{contactId: "{number(at)}", personalization: {{NAME: {json.dumps(blank)}}}}}'
        for at, blank in enumerate(BLANKS)
    ]
    with_send(f"[{', '.join(rows)}]")
    assert bodies(cli) == sent


@pytest.mark.field_case(12)
@pytest.mark.parametrize("default", BLANKS[1:], ids=ascii)
@pytest.mark.parametrize("cell", ["", "   "], ids=ascii)
def test_a_blank_default_is_not_a_default(default, cell, cli):
    """People would read "Hi   ,", so the tag has no value for the contacts without their own."""
    directory = with_list(f"contactId,NAME\n{NUMBERS[0]},Ann\n{NUMBERS[1]},{cell}\n")
    path = directory / "campaigns" / "c0.yaml"
    text = path.read_text()
    blank = "{NAME: " + json.dumps(default) + "}"
    path.write_text(text.replace("{NAME: there}", blank))
    assert Finding("error", "unresolved-tag", "no-value", 3) in findings(cli)
    assert "write a default that is not blank" in cli("validate").out
    (directory / "contacts" / "people.csv").write_text(f"contactId,NAME\n{NUMBERS[0]},Ann\n")
    assert [each for each in findings(cli) if each.rule == "unresolved-tag"] == []


@pytest.mark.field_case(12)
@pytest.mark.parametrize("blank", ["\u00a0", "   ", "\t"], ids=ascii)
def test_a_blank_value_without_a_default_is_missing(blank, cli):
    """If no default applies, a blank value is as missing as an empty one."""
    directory = with_list(f"contactId,NAME\n{NUMBERS[0]},{blank}\n{NUMBERS[1]},Ben\n")
    campaign = directory / "campaigns" / "c0.yaml"
    text = campaign.read_text().replace("    personalizationDefaults: {NAME: there}\n", "")
    campaign.write_text(text)
    assert findings(cli) == [Finding("error", "unresolved-tag", "no-value", 2)]


INVISIBLE = [
    "\x07",
    "\x1b[1m",
    "\t",
    "\u2028",
    "\u202e",
    "\u200b",
    "\u2066",
    "\ufeff",
    "\u00ad",
    "\x85",
    "\u061c",
]


@pytest.mark.field_case(13)
def test_an_invisible_character_in_a_list_is_an_error(cli):
    """A character that no spec may have is an error in a list, at its line, with its code point."""
    rows = [f"{number(at)},A{character}nn\n" for at, character in enumerate(INVISIBLE)]
    with_list("contactId,NAME\n" + "".join(rows))
    expected = [
        Finding("error", "invisible-character", "invisible", line) for line in range(2, 2 + len(INVISIBLE))
    ]
    assert findings(cli) == expected
    applied = cli("apply", "--auto-approve")
    assert applied.code == 3
    assert [character for character in INVISIBLE if f"U+{ord(character[0]):04X}" not in applied.out] == []


@pytest.mark.field_case(13)
@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\ufeff"], ids=ascii)
def test_an_invisible_character_in_a_campaign_is_an_error(character, cli):
    """The same characters are errors in a value and in a lookup of a campaign file."""
    with_send(f'[{{contactId: "{NUMBERS[0]}", personalization: {{NAME: "A{character}nn"}}}}]')
    assert findings(cli) == [Finding("error", "invisible-character", "invisible", 8)]
    with_send(f'[{{contactLookup: [{{name: KEY, value: "a{character}", channel: SMS}}]}}]')
    assert findings(cli) == [Finding("error", "invisible-character", "invisible", 8)]


LOOKUPS = {
    "case": ["ann@acme.org", "Ann@Acme.org"],
    "edge blanks": ["ann@acme.org", "ann@acme.org "],
    "both, three times": ["ann@acme.org", "ANN@acme.org", " Ann@acme.org"],
    "letters that fold": ["STRASSE", "straße"],
    "NFC and NFD": ["zo\u00eb@acme.org", "zoe\u0308@acme.org"],
    "NFC and NFD in capitals": ["ZO\u00cb@acme.org", "zoe\u0308@acme.org"],
    "full width": ["\uff41nn@acme.org", "ann@acme.org"],
}
NUMBER_LOOKUPS = {
    "a plus sign": ["12125550101", "+12125550101"],
    "notation": ["+1 (212) 555-0101", "1.212.555.0101", "12125550101"],
}


@pytest.mark.field_case(33)
@pytest.mark.parametrize("values", NUMBER_LOOKUPS.values(), ids=NUMBER_LOOKUPS)
def test_lookups_of_one_number_are_a_warning(values, cli):
    """With the channel SMS, notation makes no other number; a key of another channel may be an id."""
    for channel, count in (("SMS", len(values) - 1), ("EMAIL", 0)):
        keys = [
            f'{{contactLookup: [{{name: KEY, value: "{value}", channel: {channel}}}]}}' for value in values
        ]
        with_send("[" + ", ".join(keys) + "]")
        similar = Finding("warning", "duplicate-contact", "similar-lookup", 8, count)
        assert findings(cli) == ([similar] if count else [])


@pytest.mark.field_case(33)
@pytest.mark.parametrize("values", LOOKUPS.values(), ids=LOOKUPS)
def test_lookups_that_differ_in_case_or_blanks_are_a_warning(values, cli):
    """Each is sent, and the warning names the first lookup that looks like an earlier one."""
    keys = [f'{{contactLookup: [{{name: EMAIL, value: "{value}", channel: EMAIL}}]}}' for value in values]
    with_send("[" + ", ".join(keys) + "]")
    assert findings(cli) == [Finding("warning", "duplicate-contact", "similar-lookup", 8, len(values) - 1)]
    assert len(bodies(cli)) == len(values)


@pytest.mark.field_case(33)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_the_order_of_the_keys_of_a_lookup_means_nothing(order, cli):
    """Two lookups with the same keys in another order are one recipient, sent in one order."""
    keys = [f"{{name: K{at}, value: v, channel: SMS}}" for at in range(3)]
    lookup = ", ".join(keys[at] for at in order)
    with_send(f"[{{contactLookup: [{lookup}]}}, {{contactLookup: [{', '.join(keys)}]}}]")
    [body] = bodies(cli)
    assert [key["name"] for key in body["contactLookup"]] == ["K0", "K1", "K2"]
    assert findings(cli) == [Finding("warning", "duplicate-contact", "repeated", 8)]
