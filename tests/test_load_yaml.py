"""YAML: its values, its locations, and the features that are refused."""

from __future__ import annotations

import pytest

from sendspec.errors import SpecError
from sendspec.load import load_project, parse_document
from sendspec.load.yaml_parser import BYTES_MAX
from sendspec.load.yaml_tree import locations
from sendspec.load.yaml_values import Converter, schema_types
from sendspec.model import Location
from tests.specs_on_disk import CAMPAIGN, write_project

INTEGERS = {"0": 0, "-12": -12, "+12": 12, "0o17": 15, "0x1F": 31, "9223372036854775807": 2**63 - 1}
FLOATS = {"1.5": 1.5, "-.5": -0.5, "1.": 1.0, "1e3": 1000.0, "1.5E-2": 0.015}
FIXED = {"null": None, "Null": None, "~": None, "true": True, "TRUE": True, "False": False}
TEXTS = [
    "2026-01-01",
    "2026-12-01T14:00:00-05:00",
    "1_000",
    "0b1",
    "0o8",
    "0x",
    "yes",
    "off",
    "On",
    "nULL",
    "12:30",
    "1.2.3",
    ".",
    "+",
    "1e",
    "=",
    "a b",
]


def untyped(text: str) -> object:
    """Return a value at a place without a schema: an option of a rule."""
    root = parse_document(f"version: 1\nrules:\n  a:\n    option: {text}\n".encode(), "sendspec.yaml")
    converter = Converter("sendspec.yaml")
    value = converter.convert(root, schema_types("project"))
    assert converter.problems == []
    return value["rules"]["a"]["option"]


@pytest.mark.parametrize(("text", "value"), {**INTEGERS, **FLOATS, **FIXED}.items())
def test_core_schema_resolves(text: str, value: object) -> None:
    """A plain scalar becomes its value and type in the core schema of YAML 1.2."""
    result = untyped(text)
    assert (type(result), result) == (type(value), value)


@pytest.mark.parametrize("text", TEXTS)
def test_everything_else_is_text(text: str) -> None:
    """Dates, underscores, binary and sexagesimal numbers, yes and off are text, unlike in YAML 1.1."""
    assert untyped(text) == text


@pytest.mark.parametrize("text", ['"12"', "'null'", '"true"', '""'])
def test_quotes_make_text(text: str) -> None:
    """A quoted scalar is always text."""
    assert untyped(text) == text[1:-1]


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9223372036854775808", "9" * 100_000])
def test_numbers_json_cannot_hold(text: str, tmp_path) -> None:
    """Infinities, NaN and integers beyond 64 bits are refused."""
    write_project(tmp_path, project=f"version: 1\nrules:\n  budget: {{most: {text}}}\n")
    with pytest.raises(SpecError) as caught:
        load_project(tmp_path)
    [problem] = caught.value.problems
    assert problem.location == Location((tmp_path / "sendspec.yaml").as_posix(), 3, 18)
    assert problem.message.startswith(f"the number {text[:24]} ")


SEND = """\
campaign: sale
purpose: marketing
vars: {count: 20, label: "0123", long: 12345678901234567890}
sends:
  - id: call
    endpoint: external-consent
    matrix: {locale: [en, 2, true]}
    channelQualifier: 148372
    content: 2026
    ttlInMinutes: 60
    characterSwapEnabled: true
    notAfter: 2026-12-02T00:00:00-05:00
    source: true
    contacts:
      - phoneNumber: 12125550123
        personalization: {PIN: 0123, PRICE: 19.90, WORD: "null"}
"""


def test_text_if_the_schema_allows_text(tmp_path) -> None:
    """An unquoted scalar keeps its text if, and only if, the schema allows text."""
    [campaign] = load_project(write_project(tmp_path, SEND)).campaigns
    [send] = campaign.sends
    assert campaign.vars == {"count": 20, "label": "0123", "long": "12345678901234567890"}
    assert send.matrix == {"locale": ("en", 2, True)}
    assert send.properties == {
        "channelQualifier": "148372",
        "content": "2026",
        "ttlInMinutes": 60,
        "characterSwapEnabled": True,
        "notAfter": "2026-12-02T00:00:00-05:00",
        "source": "true",
        "contacts": [
            {
                "phoneNumber": "12125550123",
                "personalization": {"PIN": "0123", "PRICE": "19.90", "WORD": "null"},
            }
        ],
    }


def test_locations_of_values_and_keys(tmp_path) -> None:
    """Every value of a send and every key has a location."""
    [campaign] = load_project(write_project(tmp_path, SEND)).campaigns
    positions, file = campaign.sends[0].locations, (tmp_path / "campaigns" / "a.yaml").as_posix()
    assert campaign.location == Location(file, 1, 11)
    assert positions.root == positions.of() == Location(file, 5, 5)
    assert positions.of("matrix", "locale", 1) == Location(file, 7, 27)
    assert positions.of("contacts", 0, "phoneNumber") == Location(file, 15, 22)
    assert positions.key("contacts", 0, "phoneNumber") == Location(file, 15, 9)
    assert positions.of("contacts", 0, "personalization", "PIN") == Location(file, 16, 32)
    assert positions.of("contacts", 7, "phoneNumber") == positions.of("contacts") == Location(file, 15, 7)
    assert positions.of("folder") == positions.key("folder") == positions.root


def test_all_locations_can_be_listed() -> None:
    """The locations below a node are an ordinary mapping, although they are computed on access."""
    positions = locations(parse_document(b"a: [1, {b: 2}]\n", "f"), "f")
    assert dict(positions.by_path) == {
        (): Location("f", 1, 1),
        ("a",): Location("f", 1, 4),
        ("a", 0): Location("f", 1, 5),
        ("a", 1): Location("f", 1, 8),
        ("a", 1, "b"): Location("f", 1, 12),
    }
    assert positions.keys[("a", 1, "b")] == Location("f", 1, 9)


def test_columns_count_characters() -> None:
    """Columns count characters, not bytes, and ignore a byte order mark."""
    root = parse_document("\ufeffé😀: [ü, x]\r\nb: 1\n".encode(), "f")
    positions = locations(root, "f")
    assert positions.of("é😀", 1) == Location("f", 1, 9)
    assert positions.of("b") == Location("f", 2, 4)


REFUSED = {
    "empty": (b"", (1, 1), "the file is empty"),
    "only a comment": (b"# later\n", (1, 1), "the file is empty"),
    "only a marker": (b"---\n", (1, 1), "the file is empty"),
    "too large": (b"#" * (BYTES_MAX + 1), (1, 1), "larger than the limit of 1,048,576 bytes"),
    "latin-1": ("a: b\nc: dé\n".encode("latin-1"), (2, 5), "the byte 0xe9 is not UTF-8"),
    "utf-16": ("a: b".encode("utf-16"), (1, 1), "the file is UTF-16"),
    "nul": (b"a: b\nc: \x00\n", (2, 4), "the character U+0000 is not allowed in YAML"),
    "a line separator": ("a: b\u2028c: d\n".encode(), (1, 5), "the character U+2028 is not allowed in YAML"),
    "an escaped nul": (b'a: "b\\0"\n', (1, 4), "this escape is the character U+0000"),
    "an escaped surrogate": (b'a: "\\ud800"\n', (1, 7), "this escape is not a character"),
    "a duplicate key": (b"a: 1\nb: 2\na: 3\n", (3, 1), "duplicate key 'a'; the first is at line 1"),
    "a duplicate key in quotes": (b"a: 1\n'a': 3\n", (2, 1), "duplicate key 'a'; the first is at line 1"),
    "an anchor": (b"a: &x 1\n", (1, 4), "the anchor &x is not allowed"),
    "an anchor on a mapping": (b"a: &x\n  b: 1\n", (1, 4), "the anchor &x is not allowed"),
    "an alias": (b"a: *x\n", (1, 4), "the alias *x is not allowed"),
    "a merge key": (b"a: 1\n<<: {b: 1}\n", (2, 1), "the merge key << is not allowed"),
    "a core tag": (b"a: !!str 1\n", (1, 4), "the tag !!str is not allowed"),
    "the bare tag": (b"a: ! 1\n", (1, 4), "the tag ! is not allowed"),
    "a tag on a key": (b"!x a: 1\n", (1, 1), "the tag !x is not allowed"),
    "a tag on a list": (b"a: !python/tuple [1]\n", (1, 4), "the tag !python/tuple is not allowed"),
    "two documents": (b"a: 1\n---\nb: 2\n", (2, 1), "a second document starts here"),
    "a directive": (b"%TAG ! tag:x,2026:\n---\na: 1\n", (1, 1), "YAML directives are not allowed"),
    "yaml 1.1": (b"%YAML 1.1\n---\na: 1\n", (1, 1), "YAML directives are not allowed"),
    "a list as key": (b"? [a]\n: 1\n", (1, 3), "a list or mapping cannot be a key"),
    "an unquoted template": (b"a: {{ x }}\n", (1, 5), "a list or mapping cannot be a key"),
    "no key": (b"?\n: 1\n", (1, 2), "a key is missing before the colon"),
    "an unquoted statement": (b"a: {% if x %}\n", (1, 5), "a value cannot start with '%'"),
    "an at sign": (b"a: @b\n", (1, 4), "a value cannot start with '@'"),
    "a tab": (b"a:\n\tb: 1\n", (2, 1), "a tab cannot indent"),
    "a tab in a plain scalar": (b"a:\tb\n\tc: d\n", (2, 1), "a tab cannot indent"),
    "a colon": (b"a: Acme: hi\n", (1, 8), "a colon is not expected here"),
    "an open list": (b"a: [b\nc: d\n", (2, 2), "the list in brackets is not closed"),
    "an open mapping": (b"a: {b: c\n", (2, 1), "the mapping in braces is not closed"),
    "open quotes": (b"a: 1\nb: 'c\n", (2, 4), "these quotes are never closed"),
    "quotes in quotes": (b"a: 'it's'\n", (1, 8), "this does not continue the mapping above it"),
    "wrong indentation": (b"a:\n    b: 1\n  c: 2\n", (3, 3), "this does not continue the mapping above it"),
    "a wrong list": (b"a:\n  - b\n  c: 1\n", (3, 3), "this line does not continue the list above it"),
    "an unknown escape": (b'a: "\\q"\n', (1, 5), "this escape is not known"),
    "a star": (b"a: **\n", (1, 5), "a value cannot start with * or &"),
    "text behind a bar": (b"a: | b\n", (1, 6), "text cannot start on the line of | or >"),
    "a stray brace": (b"a: }\n", (1, 4), "a value is expected here"),
    "a list on the key's line": (b"a: - b\n", (1, 4), "a list entry is not expected here"),
    "a colon in a flow mapping": (b"a: {b: 12:30}\n", (1, 10), "a colon is not expected here"),
    "a word alone": (b"a: 1\nb\n", (2, 1), "a colon is missing after the key"),
}


@pytest.mark.parametrize(("text", "at", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_with_location(text: bytes, at: tuple[int, int], message: str) -> None:
    """Invalid YAML and features that specs do not need are refused with location and message."""
    with pytest.raises(SpecError) as caught:
        parse_document(text, "specs/campaigns/a.yaml")
    problem = caught.value.problems[0]
    assert problem.location == Location("specs/campaigns/a.yaml", *at)
    assert message in problem.message


def test_all_problems_of_a_file() -> None:
    """All problems up to the first syntax error are reported."""
    text = b"a: &x 1\nb: *x\nc: !y 2\na: 3\nd: [\n"
    with pytest.raises(SpecError) as caught:
        parse_document(text, "f")
    assert [problem.location.line for problem in caught.value.problems] == [1, 2, 3, 4, 6]


def test_accepted_oddities() -> None:
    """Comments, CRLF, a YAML 1.2 directive, a final marker and a quoted << are accepted."""
    text = b"%YAML 1.2\r\n---\r\n# hello\r\n'<<': |\r\n  a\r\n  b\r\n? c\r\n: d\r\n...\r\n"
    converter = Converter("f")
    value = converter.convert(parse_document(text, "f"), schema_types("campaign"))
    assert value == {"<<": "a\nb\n", "c": "d"}


def test_null_is_not_text(tmp_path) -> None:
    """A property with no value or a bare null is refused, never sent as the word null."""
    broken = CAMPAIGN.replace("Acme says hi", "") + "    source: null\n    campaignName: ~\n"
    with pytest.raises(SpecError) as caught:
        load_project(write_project(tmp_path, broken))
    assert [(problem.location.line, problem.message) for problem in caught.value.problems] == [
        (7, "'content' must be text, got nothing"),
        (9, "'source' must be text, got nothing"),
        (10, "'campaignName' must be text, got nothing"),
    ]


def test_numbers_a_template_would_change(tmp_path) -> None:
    """A number that a template would print in another form is refused: 19.90 would be 19.9."""
    broken = CAMPAIGN + "    matrix: {pin: [0123, 1.10, 7, 1.5, 0x10]}\n"
    broken = broken.replace("purpose", "vars: {price: 19.90, many: 1e3, plus: [+1, 2.5]}\npurpose")
    with pytest.raises(SpecError) as caught:
        load_project(write_project(tmp_path, broken))
    assert [problem.message for problem in caught.value.problems] == [
        "a template would print 19.90 as 19.9",
        "a template would print 1e3 as 1000.0",
        "a template would print +1 as 1",
        "a template would print 0123 as 123",
        "a template would print 1.10 as 1.1",
        "a template would print 0x10 as 16",
    ]
