"""Facts about a text: segments, changes of the encoding and masked examples, over several requests."""

from __future__ import annotations

import random
import unicodedata

import pytest

from sendspec import sms
from sendspec.audience import scan_together
from sendspec.model import Location
from sendspec.redact import mask_value
from sendspec.structs import replace
from sendspec.text_defects import plain_twins
from tests.audiences import from_text, inline, us
from tests.row_scan import scan, scan_rows

TEXTS = [
    "Acme: hi %%NAME%%, your code is %%CODE%%.",
    "%%NAME%%%%CODE%%",
    "Acme: hi %%NAME%%" + "." * 136 + "%%CODE%%",
    "Acme: hi %%NAME%%" + "€." * 62 + "%%CODE%%",
    "%%CODE%%" + "€" * 148 + "%%NAME%%",
    "Привет, %%NAME%%! " + "я" * 49 + "%%CODE%%",
    "😀" * 30 + "%%NAME%%%%CODE%%" + "я" * 66,
    "It\u2019s on, %%NAME%%" + "." * 60 + "%%CITY%%",
    "Não perca, %%NAME%%" + "!" * 50 + "%%CODE%%",
    "No tag" + " at all" * 30,
    "%%NAME%%" * 5 + "%%CODE%%" + "x" * 600,
]
DEFAULTS = [{}, {"NAME": "there"}, {"NAME": "€uro", "CODE": "-"}, {"NAME": "żółw"}, {"CITY": "S\u00e3o"}]
COMMON = ["Ada", "Grace", "Edsger", "Barbara", "José"]
ODD = [
    "Zoë",
    "Łukasz",
    "李",
    "😀",
    "O\u2019Neil",
    "a€b",
    "[x]",
    "x" * 90,
    "я" * 70,
    "😀" * 40,
    "",
    " ",
    "n" * 300,
]


@pytest.mark.parametrize("seed", range(3))
def test_facts_of_several_requests_are_those_of_single_recipients(seed, tmp_path):
    """The scan by columns has the facts of the scan by rows, where each request adds other extremes."""
    chance = random.Random(seed)  # noqa: S311 - a seeded generator writes the same file each time
    rows = ["contactId,NAME,CODE,CITY"]
    for row in range(2300):
        names = ODD if chance.random() < (0, 0.003, 0.1)[seed % 3] else COMMON
        code = "" if chance.random() < 0.002 else "C" * (1 + min(row // 150, chance.randrange(16)))
        number = f"44770090{row:04}" if row % 997 == 5 else f"1{chance.choice([212, 204])}{2_000_000 + row}"
        rows.append(f"{number},{chance.choice(names)},{code},Rome")
    send = from_text(tmp_path, "\n".join(rows))
    sends = [
        replace(send, address=f"sale/s{at}", payload={"content": text, "personalizationDefaults": defaults})
        for at, text in enumerate(TEXTS)
        for defaults in [DEFAULTS[(at + seed) % len(DEFAULTS)]]
    ]
    for found, expected in zip(scan_together(sends), scan_rows(sends), strict=True):
        assert found == expected


LIST = f"""\
contactId,NAME,CITY
{us(1)},Ada,Rome
{us(2)},Zoë,Rome
{us(3)},Łukasz-Wojciech,Łódź
{us(4)},,
1{4165550123},Grace Murray,Paris
"""


@pytest.fixture
def facts(tmp_path):
    """The facts of a text of 156 characters without values."""
    send = from_text(
        tmp_path,
        LIST,
        content="Hi %%NAME%%, " + "." * 150 + " %%CITY%%",
        personalizationDefaults={"NAME": "you", "CITY": "?"},
    )
    return scan(send).text


def test_segments_by_recipients_and_countries(facts):
    """The text is 156 characters and the values; UCS-2 makes three segments of them."""
    assert facts.by_segments == {1: 1, 2: 2, 3: 2}
    assert {count: found.count for count, found in facts.regular.items()} == {1: 1, 2: 2}
    assert {count: found.count for count, found in facts.flipped.items()} == {3: 2}
    assert facts.countries() == (("CA", 2), ("US", 9))
    assert facts.countries([]) == ()


def test_flips_are_counted_by_tag(facts):
    """Each tag has its recipients; letters that one recipient has are counted by script only."""
    first, second = facts.flips
    assert (first.tag, first.occurrences.count, first.occurrences.first.line) == ("NAME", 2, 3)
    assert (first.characters, first.scripts) == ((), (("Latin", 2),))
    assert (second.tag, second.occurrences.count) == ("CITY", 1)
    assert (second.characters, second.scripts) == ((), (("Latin", 3),))
    assert facts.typographic == {}


NAMES = [
    "李李娜",
    "Zoë",
    "Noël",
    "Joël",
    "O\u2019Neil",
    "Ann\u00a0Lee \u2019",
    "Łukasz\u2019",
    "\u0301",
    "ﾊﾅ",
]


def test_letters_are_facts_only_if_three_recipients_have_them():
    """Typography always is; a row is typographic if plain twins make its values GSM-7."""
    contacts = [{"contactId": us(at), "personalization": {"NAME": name}} for at, name in enumerate(NAMES)]
    found = scan(inline(*contacts, content="Hi %%NAME%%")).text
    (flip,) = found.flips
    assert flip.characters == (("ë", 3), ("\u2019", 3), ("\u00a0", 1))
    assert flip.scripts == (("Han", 2), ("Katakana", 2), ("", 1), ("Latin", 1))
    assert {count: each.count for count, each in found.typographic.items()} == {1: 2}
    assert found.typography == ("\u2019", "\u00a0")


def test_examples_have_masked_values(facts):
    """Values are masked, defaults are not; lengths are those of the message."""
    assert facts.longest.location == Location("vip.csv", 4)
    assert facts.longest.text.startswith("Hi ••••••-••••••••, ")
    assert (facts.longest.length, facts.longest.segments, facts.longest.is_gsm7) == (
        len(facts.longest.text),
        3,
        False,
    )
    assert facts.flipping.location.line == 3
    assert facts.shortest == facts.defaults_only
    assert facts.defaults_only.text == "Hi you, " + "." * 150 + " ?"
    assert "Ada" not in str(facts)


def test_equal_texts_are_shown_by_the_first():
    """Of recipients with equal texts the first in the order of the list is the example."""
    contacts = [
        {"contactId": us(at), "personalization": {"NAME": name}} for at, name in enumerate(["Bob", "Ann"])
    ]
    found = scan(inline(*contacts, content="Hi %%NAME%%")).text
    assert found.longest == found.shortest
    assert found.longest.location.line == 20


def test_the_typical_recipient_has_all_values_and_as_many_segments_as_most():
    """A flipped text is not typical, nor is one without a value, unless all are."""

    def typical(*names, text="Hi %%NAME%%"):
        contacts = [
            {"contactId": us(at), "personalization": {"NAME": name} if name else {}}
            for at, name in enumerate(names)
        ]
        example = scan(inline(*contacts, content=text)).text.typical
        return example and (example.location.line - 20, example.segments, example.text)

    long = "x" * 160
    assert typical("李", "", long, "Ann", "Bob") == (3, 1, "Hi •••")
    assert typical(long, "", "", "Bob", long) == (3, 1, "Hi •••")
    assert typical(long, "", "", "") == (0, 2, f"Hi {'•' * 160}")
    assert typical("", "李") == (0, 1, "Hi %%NAME%%")
    assert typical("李") is None
    assert typical("李", text="Bye") == (0, 1, "Bye")


def test_a_text_without_tags_has_one_example(tmp_path):
    """No recipient differs, so the first one is both the longest and the shortest."""
    found = scan(from_text(tmp_path, LIST, content="Bye")).text
    assert found.longest == found.shortest == found.typical
    assert (found.flips, found.defaults_only, found.flipping) == ((), None, None)


def test_plain_twins_count_only_if_the_text_becomes_gsm7(tmp_path):
    """Quotes and letters with a twin are replaced, but Cyrillic or an emoji needs UCS-2 anyway."""
    quoted = "It\u2019s on \u2013 " + "." * 80

    def plain(content):
        return scan(from_text(tmp_path, LIST, content=content)).text.plain_countries

    assert plain(quoted) == (("CA", 1), ("US", 4))
    assert plain("N\u00e3o perca") == (("CA", 1), ("US", 4))
    assert plain(quoted + "😀") is plain("Zażółć\u2019") is plain("It's on") is None


def test_masked_values_keep_their_shape():
    """Letters, marks and digits are masked; punctuation, symbols and spaces stay."""
    assert mask_value("O'Neil-Жуков, 7 €") == "•'••••-•••••, • €"
    assert mask_value("ann@example.com") == "•••@•••••••.•••"
    assert mask_value("e\u0301\u200b\n") == "••••"


def test_every_plain_twin_is_gsm7_and_replaces_another_character():
    """Each row of the table has the character's own name, and a twin that costs no UCS-2."""
    assert len(plain_twins()) > 80
    for character, row in plain_twins().items():
        assert unicodedata.name(character) == row.name
        assert not sms.is_gsm7(character)
        assert row.twin
        assert sms.is_gsm7(row.twin)
        assert row.is_letter == (
            unicodedata.category(character)[0] == "L" and character.isalpha()
        ) or row.name in {
            "MODIFIER LETTER APOSTROPHE",
            "MODIFIER LETTER TURNED COMMA",
            "LATIN SMALL LIGATURE FI",
            "LATIN SMALL LIGATURE FL",
        }


def test_later_requests_are_compared_if_their_segments_differ(tmp_path):
    """After 100 requests, a longer text of the same segments is not searched, one of more segments is."""
    rows = ["contactId,NAME", *(f"1212{2_000_000 + row},Ann" for row in range(100_002))]
    rows[100_001] += "abel"

    def longest(dots):
        sends = from_text(tmp_path, "\n".join(rows), content="." * dots + "%%NAME%%")
        return scan_together([sends])[0].text.longest

    assert longest(10).location.line == 2
    assert (longest(155).location.line, longest(155).segments) == (100_002, 2)
