"""What YAML becomes, what of it is refused, and where the refusal points."""

from __future__ import annotations

import pytest

from sendspec.errors import SpecError
from sendspec.load import load_project, parse_document
from sendspec.load.convert import Converter, shape_of
from sendspec.load.yaml_parser import LARGEST
from sendspec.load.yaml_tree import locations
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


def natural(text: str) -> object:
    """Give what a value is where no schema says anything: an option of a rule."""
    root = parse_document(f"version: 1\nrules:\n  a:\n    option: {text}\n".encode(), "sendspec.yaml")
    converter = Converter("sendspec.yaml")
    value = converter.convert(root, shape_of("project"))
    assert converter.problems == []
    return value["rules"]["a"]["option"]


@pytest.mark.parametrize(("text", "value"), {**INTEGERS, **FLOATS, **FIXED}.items())
def test_core_schema_resolves(text: str, value: object) -> None:
    """A plain scalar of the core schema of YAML 1.2 becomes its value, of the very type."""
    found = natural(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", TEXTS)
def test_everything_else_is_text(text: str) -> None:
    """Dates, underscores, binary numbers, sexagesimals and yes and off are text, unlike in YAML 1.1."""
    assert natural(text) == text


@pytest.mark.parametrize("text", ['"12"', "'null'", '"true"', '""'])
def test_quotes_make_text(text: str) -> None:
    """A quoted scalar is never anything but text."""
    assert natural(text) == text[1:-1]


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9223372036854775808", "9" * 100_000])
def test_numbers_json_cannot_hold(text: str, tmp_path) -> None:
    """Infinities, NaN and integers beyond 64 bits are refused, however long they are."""
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


def test_text_where_the_schema_wants_text(tmp_path) -> None:
    """An unquoted scalar keeps its text where the schema wants text, and only there."""
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


def test_places_of_values_and_keys(tmp_path) -> None:
    """Every value of a send has the place where it is written, and so has its key."""
    [campaign] = load_project(write_project(tmp_path, SEND)).campaigns
    where, file = campaign.sends[0].locations, (tmp_path / "campaigns" / "a.yaml").as_posix()
    assert campaign.location == Location(file, 1, 11)
    assert where.root == where.of() == Location(file, 5, 5)
    assert where.of("matrix", "locale", 1) == Location(file, 7, 27)
    assert where.of("contacts", 0, "phoneNumber") == Location(file, 15, 22)
    assert where.key("contacts", 0, "phoneNumber") == Location(file, 15, 9)
    assert where.of("contacts", 0, "personalization", "PIN") == Location(file, 16, 32)
    assert where.of("contacts", 7, "phoneNumber") == where.of("contacts") == Location(file, 15, 7)
    assert where.of("folder") == where.key("folder") == where.root


def test_every_place_can_be_listed() -> None:
    """The places below a node are a mapping like any other, though nothing of it is built before."""
    where = locations(parse_document(b"a: [1, {b: 2}]\n", "f"), "f")
    assert dict(where.by_path) == {
        (): Location("f", 1, 1),
        ("a",): Location("f", 1, 4),
        ("a", 0): Location("f", 1, 5),
        ("a", 1): Location("f", 1, 8),
        ("a", 1, "b"): Location("f", 1, 12),
    }
    assert where.keys[("a", 1, "b")] == Location("f", 1, 9)


def test_columns_count_characters() -> None:
    """Columns count characters, not bytes, and a byte order mark is none of them."""
    root = parse_document("\ufeffé😀: [ü, x]\r\nb: 1\n".encode(), "f")
    where = locations(root, "f")
    assert where.of("é😀", 1) == Location("f", 1, 9)
    assert where.of("b") == Location("f", 2, 4)


REFUSED = {
    "empty": (b"", (1, 1), "the file is empty"),
    "only a comment": (b"# later\n", (1, 1), "the file is empty"),
    "only a marker": (b"---\n", (1, 1), "the file is empty"),
    "too large": (b"#" * (LARGEST + 1), (1, 1), "more than 1,048,576 bytes"),
    "latin-1": ("a: b\nc: dé\n".encode("latin-1"), (2, 5), "the byte 0xe9 is not UTF-8"),
    "utf-16": ("a: b".encode("utf-16"), (1, 1), "the file is UTF-16"),
    "nul": (b"a: b\nc: \x00\n", (2, 4), "the character U+0000 may not stand in YAML"),
    "a line separator": ("a: b\u2028c: d\n".encode(), (1, 5), "the character U+2028 may not stand in YAML"),
    "an escaped nul": (b'a: "b\\0"\n', (1, 4), "an escape makes the character U+0000"),
    "an escaped surrogate": (b'a: "\\ud800"\n', (1, 7), "this escape is no character"),
    "a duplicate key": (b"a: 1\nb: 2\na: 3\n", (3, 1), "the key 'a' is already at line 1"),
    "a duplicate key in quotes": (b"a: 1\n'a': 3\n", (2, 1), "the key 'a' is already at line 1"),
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
    "open quotes": (b"a: 1\nb: 'c\n", (2, 4), "the quotes that open here are never closed"),
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
def test_refused_with_its_place(text: bytes, at: tuple[int, int], message: str) -> None:
    """What a spec has no need of is refused with line, column and a sentence."""
    with pytest.raises(SpecError) as caught:
        parse_document(text, "specs/campaigns/a.yaml")
    problem = caught.value.problems[0]
    assert problem.location == Location("specs/campaigns/a.yaml", *at)
    assert message in problem.message


def test_all_refusals_of_a_file_at_once() -> None:
    """A refusal does not hide the next one, as long as the rest can be read."""
    text = b"a: &x 1\nb: *x\nc: !y 2\na: 3\nd: [\n"
    with pytest.raises(SpecError) as caught:
        parse_document(text, "f")
    assert [problem.location.line for problem in caught.value.problems] == [1, 2, 3, 4, 6]


def test_accepted_oddities() -> None:
    """Comments, CRLF, YAML 1.2 said aloud, a final marker and a quoted << are no reason to refuse."""
    text = b"%YAML 1.2\r\n---\r\n# hello\r\n'<<': |\r\n  a\r\n  b\r\n? c\r\n: d\r\n...\r\n"
    converter = Converter("f")
    value = converter.convert(parse_document(text, "f"), shape_of("campaign"))
    assert value == {"<<": "a\nb\n", "c": "d"}


def test_nothing_is_not_text(tmp_path) -> None:
    """A property without a value, or with a bare null, is told and never sent as the word null."""
    broken = CAMPAIGN.replace("Acme says hi", "") + "    source: null\n    campaignName: ~\n"
    with pytest.raises(SpecError) as caught:
        load_project(write_project(tmp_path, broken))
    assert [(problem.location.line, problem.message) for problem in caught.value.problems] == [
        (7, "'content' must be text, got nothing"),
        (9, "'source' must be text, got nothing"),
        (10, "'campaignName' must be text, got nothing"),
    ]


def test_numbers_a_template_would_change(tmp_path) -> None:
    """A number that would come out of a template in another form is refused: 19.90 would be 19.9."""
    broken = CAMPAIGN + "    matrix: {pin: [0123, 1.10, 7, 1.5, 0x10]}\n"
    broken = broken.replace("purpose", "vars: {price: 19.90, many: 1e3, plus: [+1, 2.5]}\npurpose")
    with pytest.raises(SpecError) as caught:
        load_project(write_project(tmp_path, broken))
    assert [problem.message for problem in caught.value.problems] == [
        "19.90 would come out of a template as 19.9",
        "1e3 would come out of a template as 1000.0",
        "+1 would come out of a template as 1",
        "0123 would come out of a template as 123",
        "1.10 would come out of a template as 1.1",
        "0x10 would come out of a template as 16",
    ]
