"""Surveys and batches: the same recipients, in the same order, however they are asked for."""

from __future__ import annotations

import hashlib
import json
import tempfile
import tracemalloc
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec import sms
from sendspec.audience import batches, parallel_map, scan, stretched_digest
from sendspec.errors import SpecError
from sendspec.model import Endpoint, Location
from tests.audiences import YAML, Notes, a_send, from_file, from_text, inline, us

CONSENT = Endpoint.EXTERNAL_CONSENT
LOOKUP = [{"name": "EMAIL", "value": "a@example.com", "channel": "EMAIL"}]


def bodies(send):
    return list(chain.from_iterable(batch.contacts for batch in batches(send)))


def write_numbers(path: Path, count: int, copies: int = 1) -> Path:
    """Write contacts with numbers that no country code starts, so that they can be any count."""
    with path.open("w", encoding="utf-8") as out:
        out.write("contactId,FIRST NAME\n")
        for _ in range(copies):
            out.writelines(f"00{row * 7919 % 10**11:012},Name {row}\n" for row in range(count))
    return path


def test_contact_file_in_the_api_s_form(tmp_path):
    """A row becomes a contact with digits, and with the cells that are not empty, text untouched."""
    text = f"contactId,PIN,FIRST NAME\n+{us(1)},0042, Ann \n{us(2)},,\n"
    assert bodies(from_text(tmp_path, text)) == [
        {"contactId": us(1), "personalization": {"PIN": "0042", "FIRST NAME": " Ann "}},
        {"contactId": us(2)},
    ]


def test_columns_choose_and_rename(tmp_path):
    """With a mapping, its headers are read under the API's names, and all other columns are left out."""
    text = f"first_name,phone,secret\nAnn,{us(1)},x\n"
    columns = {"phoneNumber": "phone", "personalization": {"FIRST NAME": "first_name"}}
    send = from_text(tmp_path, text, columns=columns, endpoint=CONSENT)
    assert bodies(send) == [{"phoneNumber": us(1), "personalization": {"FIRST NAME": "Ann"}}]


def test_columns_without_the_number_keep_its_own_header(tmp_path):
    """A mapping that only names tags still finds the number under the API's name."""
    columns = {"personalization": {"A": "b"}}
    send = from_text(tmp_path, f"b,contactId,c\n1,{us(1)},2\n", columns=columns)
    assert bodies(send) == [{"contactId": us(1), "personalization": {"A": "1"}}]


def test_inline_contacts_in_the_api_s_form():
    """Inline contacts go out as they are written, numbers as digits, values as text."""
    send = inline(
        {"contactId": f"+{us(1)}", "personalization": {"A": "x", "B": 7, "C": None, "D": ""}},
        {"contactId": int(us(2)), "personalization": {}},
        {"contactLookup": LOOKUP},
    )
    assert bodies(send) == [
        {"contactId": us(1), "personalization": {"A": "x", "B": "7", "D": ""}},
        {"contactId": us(2)},
        {"contactLookup": LOOKUP},
    ]


def test_unsound_contacts_are_kept_for_the_rules():
    """What cannot be recognised is neither lost nor merged, and goes as it was written."""
    notes = Notes()
    send = inline(
        {"contactId": "call Ann"},
        {"contactId": "call Ann"},
        {"personalization": {"A": "x"}},
        {"contactId": us(1), "contactLookup": LOOKUP},
    )
    facts = scan(send, [notes])
    assert (facts.rows, facts.count) == (4, 4)
    assert [contact.identity for contact in notes.contacts] == ["", "", "", us(1)]
    given = [contact.given for contact in notes.contacts]
    assert given == [("contactId",), ("contactId",), (), ("contactId", "contactLookup")]
    assert notes.contacts[0].written == "call Ann"
    assert bodies(send)[0] == {"contactId": "call Ann"}
    assert bodies(send)[2:] == [
        {"personalization": {"A": "x"}},
        {"contactId": us(1), "contactLookup": LOOKUP},
    ]


def test_of_two_numbers_the_endpoint_s_own_counts():
    """A contact with both properties is known by the one that its endpoint takes."""
    both = {"contactId": us(1), "phoneNumber": us(2)}
    assert bodies(inline(both)) == [{"contactId": us(1)}]
    assert bodies(inline(both, endpoint=CONSENT)) == [{"phoneNumber": us(2)}]


def test_the_first_of_several_wins(tmp_path):
    """A number that is written in three ways is one recipient, with the values of its first row."""
    text = f"contactId,A\n{us(1)},first\n{us(2)},other\n+1 (212) 555-0101,second\n1.212.555.0101,first\n"
    notes = Notes()
    send = from_text(tmp_path, text)
    facts = scan(send, [notes])
    assert (facts.rows, facts.count) == (4, 2)
    assert [body["personalization"]["A"] for body in bodies(send)] == ["first", "other"]
    seen = [
        (str(one.first), str(one.contact.location), one.contact.identity, one.conflicting)
        for one in notes.duplicates
    ]
    assert seen == [
        ("vip.csv:2:1", "vip.csv:4:1", us(1), True),
        ("vip.csv:2:1", "vip.csv:5:1", us(1), False),
    ]


def test_lookups_are_recognised_whatever_the_order_of_their_keys():
    """Two lookups that say the same are one recipient; the order of their keys means nothing."""
    notes = Notes()
    backwards = [dict(reversed(LOOKUP[0].items()))]
    facts = scan(inline({"contactLookup": LOOKUP}, {"contactLookup": backwards}), [notes])
    assert facts.count == 1
    assert [(one.first, one.conflicting) for one in notes.duplicates] == [(Location(YAML.file, 20, 9), False)]


@pytest.mark.parametrize("digits", ["0123", "123", "9" * 18, "1" + "9" * 18, "9" * 19, "9" * 40])
def test_leading_zeros_and_long_numbers_stay_apart(digits):
    """Every string of digits is its own recipient, and is found again, however long it is."""
    others = [f"0{digits}", f"00{digits}", digits[1:], f"{digits}0"]
    send = inline(*({"contactId": number} for number in [digits, *others, digits]))
    notes = Notes()
    facts = scan(send, [notes])
    assert (facts.rows, facts.count) == (6, 5)
    assert [one.contact.written for one in notes.duplicates] == [digits]


def test_duplicates_without_watchers_are_only_counted(tmp_path):
    """Who asks for facts alone gets them from one pass over the file."""
    facts = scan(from_text(tmp_path, f"contactId\n{us(1)}\n{us(1)}\n"))
    assert (facts.rows, facts.count) == (2, 1)


def test_batches_of_one_thousand_in_file_order(tmp_path):
    """2,500 recipients are three requests, in the order of the file, whatever was dropped between."""
    rows = [f"00{row:08}" for row in range(2500)]
    text = "contactId\n" + "".join(f"{row}\n{rows[0]}\n" for row in rows)
    send = from_text(tmp_path, text)
    notes = Notes()
    facts = scan(send, [notes])
    found = list(batches(send))
    assert [batch.number for batch in found] == [1, 2, 3]
    assert [len(batch.contacts) for batch in found] == [1000, 1000, 500]
    assert [body["contactId"] for body in bodies(send)] == rows
    assert facts.batch_digests == tuple(batch.digest for batch in found)
    assert notes.portions == [1000, 1000, 500, 1000, 1000, 500]


def test_digest_is_of_the_exact_contacts(tmp_path):
    """The digest is SHA-256 over one line of sorted JSON a contact: anybody can check it."""
    text = f"Ä,Z,contactId\nÅ,1,{us(1)}\n,,{us(2)}\n"
    lines = [
        f'{{"contactId":"{us(1)}","personalization":{{"Z":"1","Ä":"Å"}}}}\n',
        f'{{"contactId":"{us(2)}"}}\n',
    ]
    expected = hashlib.sha256("".join(lines).encode()).digest()
    assert scan(from_text(tmp_path, text)).batch_digests == (expected,)


def test_a_file_that_changed_shows_in_the_digests(tmp_path):
    """One changed character after the survey gives its batch another digest, and only that one."""
    path = write_numbers(tmp_path / "vip.csv", 1500)
    send = from_file(path)
    before = scan(send).batch_digests
    path.write_text(path.read_text(encoding="utf-8").replace("Name 1200\n", "Name 12O0\n"), encoding="utf-8")
    after = [batch.digest for batch in batches(send)]
    assert after[0] == before[0]
    assert after[1] != before[1]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"content": "a" * 161}, (6,)),
        ({"content": "%%A%%", "personalizationDefaults": {"A": "я"}}, (4,)),
        ({"content": "%%A%%"}, (4,)),
        ({"content": "%%A%%", "contentId": "7"}, None),
        ({"contentId": "7"}, None),
        ({"content": ""}, (0,)),
    ],
    ids=["no-tag", "default", "no-default", "content-id-wins", "content-id", "empty"],
)
def test_segments_of_a_request(tmp_path, payload, expected):
    """Every recipient is counted with the text that recipient gets; unknown text is not guessed at."""
    text = f"contactId,A\n{us(1)},{'a' * 161}\n{us(2)},x\n{us(3)},\n{us(3)},{'a' * 999}\n"
    facts = scan(from_text(tmp_path, text, **payload))
    assert facts.batch_segments == expected


def test_contact_source_has_no_audience_here():
    """The contacts of a contact-source send are the vendor's: no facts, no batches."""
    send = a_send(None, Endpoint.CONTACT_SOURCE)
    assert scan(send) is None
    assert list(batches(send)) == []


def test_no_inline_contacts():
    """An empty list is told at the place of the list, not sent as a request to nobody."""
    with pytest.raises(SpecError) as refused:
        scan(inline())
    assert [(str(one.location), one.message) for one in refused.value.problems] == [
        (str(YAML), "the send has no contacts")
    ]


def test_stretched_digest():
    """The stored form is scrypt with the documented cost, salted with the address, hence per send."""
    salted = hashlib.scrypt(b"abc", salt=b"sale/teaser", n=16384, r=8, p=1, maxmem=2**26, dklen=32).hex()
    assert stretched_digest("sale/teaser", "abc") == f"scrypt:{salted}"
    assert stretched_digest("sale/other", "abc") != stretched_digest("sale/teaser", "abc")


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_what_is_spread_comes_back_in_order(count):
    """Worked out on several processors, the results are those of one after the other."""
    assert parallel_map(str, range(count)) == [str(item) for item in range(count)]


def peak_of(send) -> int:
    """Survey `send` and go through its batches; give the most memory that took, in bytes."""
    tracemalloc.start()
    try:
        assert scan(send, [Forgetful()]).count == sum(len(batch.contacts) for batch in batches(send))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Forgetful:
    """A watcher that keeps nothing."""

    def see(self, contacts):
        assert contacts

    def see_duplicates(self, duplicates):
        assert duplicates


def test_memory_does_not_grow_with_the_list(tmp_path):
    """Ten times the contacts take the same memory, but for 64 bytes a request and the bitmap."""
    small = peak_of(from_file(write_numbers(tmp_path / "small.csv", 5_000), content="hi %%FIRST NAME%%"))
    large = peak_of(from_file(write_numbers(tmp_path / "large.csv", 50_000), content="hi %%FIRST NAME%%"))
    assert large < small + 64 * 1024


def test_duplicates_cost_some_bytes_each(tmp_path):
    """A list that is in the file twice costs less than 100 bytes for each of its people."""
    once = peak_of(from_file(write_numbers(tmp_path / "once.csv", 10_000)))
    twice = peak_of(from_file(write_numbers(tmp_path / "twice.csv", 10_000, copies=2)))
    assert twice < once + 100 * 10_000


CELLS = st.text(alphabet=st.sampled_from('ab0 ,";\n\r\té€😀%'), max_size=6)
ROWS = st.lists(st.tuples(st.integers(0, 6), CELLS, CELLS), min_size=1, max_size=12)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_survives_a_file_and_is_counted_the_same(rows, end):
    """Whatever the cells hold, batches have it verbatim, and the survey says the same of them."""
    lines = ["contactId,A,B", *(f"{us(number)},{quoted(a)},{quoted(b)}" for number, a, b in rows)]
    expected = {}
    for number, a, b in rows:
        values = {tag: value for tag, value in (("A", a), ("B", b)) if value}
        body = {"contactId": us(number)}
        expected.setdefault(number, {**body, "personalization": values} if values else body)
    content, defaults = "%%A%%|%%B%%", {"A": "€"}
    with tempfile.TemporaryDirectory() as folder:
        send = from_text(
            Path(folder),
            end.join(lines),
            content=content,
            personalizationDefaults=defaults,
        )
        notes = Notes()
        facts = scan(send, [notes])
        found = list(batches(send))
    assert [dict(body) for batch in found for body in batch.contacts] == list(expected.values())
    assert facts.batch_digests == tuple(batch.digest for batch in found)
    assert (facts.rows, facts.count) == (len(rows), len(expected))
    assert len(notes.duplicates) == len(rows) - len(expected)
    texts = [sms.substitute(content, body.get("personalization", {}), defaults) for body in expected.values()]
    assert facts.segments == sum(map(sms.segments, texts))
    canonical = "".join(
        json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        for body in expected.values()
    )
    assert facts.batch_digests == (hashlib.sha256(canonical.encode()).digest(),)
