"""Scans and batches of an audience: both have the same recipients, in the same order."""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
import tracemalloc
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec import audience, sms
from sendspec.audience import batches, stretched_digest
from sendspec.errors import SpecError
from sendspec.model import Endpoint, Location
from tests.audiences import YAML, Recorder, a_send, from_file, from_text, inline, us
from tests.row_scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.model import AudienceFacts

CONSENT = Endpoint.EXTERNAL_CONSENT
LOOKUP = [{"name": "EMAIL", "value": "a@example.com", "channel": "EMAIL"}]


def bodies(send):
    return list(chain.from_iterable(batch.contacts for batch in batches(send)))


def write_numbers(path: Path, count: int, copies: int = 1) -> Path:
    """Write any count of contacts, with numbers that have no country code."""
    with path.open("w", encoding="utf-8") as out:
        out.write("contactId,FIRST NAME\n")
        for _ in range(copies):
            out.writelines(f"00{row * 7919 % 10**11:012},Name {row}\n" for row in range(count))
    return path


def test_contact_file_in_the_api_s_form(tmp_path):
    """A row becomes a contact with a number in digits, and the exact text of cells that are not empty."""
    text = f"contactId,PIN,FIRST NAME\n+{us(1)},0042, Ann \n{us(2)},,\n"
    assert bodies(from_text(tmp_path, text)) == [
        {"contactId": us(1), "personalization": {"PIN": "0042", "FIRST NAME": " Ann "}},
        {"contactId": us(2)},
    ]


def test_columns_choose_and_rename(tmp_path):
    """With a mapping, only its columns are read, under the API's names."""
    text = f"first_name,phone,secret\nAnn,{us(1)},x\n"
    columns = {"phoneNumber": "phone", "personalization": {"FIRST NAME": "first_name"}}
    send = from_text(tmp_path, text, columns=columns, endpoint=CONSENT)
    assert bodies(send) == [{"phoneNumber": us(1), "personalization": {"FIRST NAME": "Ann"}}]


def test_columns_without_the_number_use_its_own_name(tmp_path):
    """A mapping with tags only reads the number from the column with the API's name."""
    columns = {"personalization": {"A": "b"}}
    send = from_text(tmp_path, f"b,contactId,c\n1,{us(1)},2\n", columns=columns)
    assert bodies(send) == [{"contactId": us(1), "personalization": {"A": "1"}}]


def test_inline_contacts_in_the_api_s_form():
    """Inline contacts are sent as written, with numbers as digits and values as text."""
    send = inline(
        {
            "contactId": f"+{us(1)}",
            "personalization": {"A": "x", "B": 7, "C": None, "D": "", "E": "\u00a0\t"},
        },
        {"contactId": int(us(2)), "personalization": {}},
        {"contactLookup": LOOKUP},
    )
    assert bodies(send) == [
        {"contactId": us(1), "personalization": {"A": "x", "B": "7"}},
        {"contactId": us(2)},
        {"contactLookup": LOOKUP},
    ]


def test_contacts_without_a_usable_identity_are_refused():
    """The rules receive them with their text, each counts, and no request contains one."""
    recorder = Recorder()
    send = inline(
        {"contactId": "call Ann"},
        {"contactId": "call Ann"},
        {"personalization": {"A": "x"}},
        {"contactId": us(1), "contactLookup": LOOKUP},
        {"phoneNumber": us(1)},
        {"contactId": us(1)},
    )
    facts = scan(send, [recorder])
    assert (facts.rows, facts.count, facts.duplicates, facts.refused) == (6, 1, 0, 5)
    given = [contact.given for contact in recorder.refused]
    assert given == [("contactId",), ("contactId",), (), ("contactId", "contactLookup"), ("phoneNumber",)]
    assert recorder.refused[0].written == "call Ann"
    assert bodies(send) == [{"contactId": us(1)}]


def test_refused_contacts_arrive_in_parts(tmp_path):
    """2,500 refused contacts reach the rules 1,000 at a time, so that memory does not grow with them."""
    sizes = []

    class Sizes(Recorder):
        def on_refused(self, contacts):
            sizes.append(len(contacts))

    facts = scan(from_text(tmp_path, "contactId\n" + "call Ann\n" * 2500), [Sizes()])
    assert sizes == [1000, 1000, 500]
    assert (facts.rows, facts.count, facts.refused, facts.batch_digests) == (2500, 0, 2500, ())


def test_the_first_of_several_contacts_is_the_recipient(tmp_path):
    """A number in three notations is one recipient, with the values of its first row."""
    text = f"contactId,A\n{us(1)},first\n{us(2)},other\n+1 (212) 555-0101,second\n1.212.555.0101,first\n"
    recorder = Recorder()
    send = from_text(tmp_path, text)
    facts = scan(send, [recorder])
    assert (facts.rows, facts.count) == (4, 2)
    assert [body["personalization"]["A"] for body in bodies(send)] == ["first", "other"]
    duplicates = [
        (str(first), str(contact.location), contact.identity, conflicting)
        for contact, first, conflicting in recorder.duplicates
    ]
    assert duplicates == [
        ("vip.csv:2:1", "vip.csv:4:1", us(1), True),
        ("vip.csv:2:1", "vip.csv:5:1", us(1), False),
    ]


def test_the_order_of_keys_in_a_lookup_does_not_matter():
    """Two lookups with the same keys and values are one recipient."""
    recorder = Recorder()
    reordered = [dict(reversed(LOOKUP[0].items()))]
    facts = scan(inline({"contactLookup": LOOKUP}, {"contactLookup": reordered}), [recorder])
    assert facts.count == 1
    duplicates = [(first, conflicting) for _, first, conflicting in recorder.duplicates]
    assert duplicates == [(Location(YAML.file, 20, 9), False)]


@pytest.mark.parametrize("digits", ["0123", "123", "9" * 18, "1" + "9" * 18, "9" * 19, "9" * 40])
def test_leading_zeros_and_long_numbers_stay_different(digits):
    """Every string of digits is a recipient of its own, and its duplicate is found at any length."""
    others = [f"0{digits}", f"00{digits}", digits[1:], f"{digits}0"]
    send = inline(*({"contactId": number} for number in [digits, *others, digits]))
    recorder = Recorder()
    facts = scan(send, [recorder])
    assert (facts.rows, facts.count) == (6, 5)
    assert [contact.written for contact, _, _ in recorder.duplicates] == [digits]


def test_duplicates_without_observers_are_only_counted(tmp_path):
    """Without observers, the facts have the count of rows and of recipients."""
    facts = scan(from_text(tmp_path, f"contactId\n{us(1)}\n{us(1)}\n"))
    assert (facts.rows, facts.count) == (2, 1)


def test_batches_of_one_thousand_in_file_order(tmp_path):
    """2,500 recipients are three requests in file order, with any duplicates between them."""
    rows = [f"00{row:08}" for row in range(2500)]
    text = "contactId\n" + "".join(f"{row}\n{rows[0]}\n" for row in rows)
    send = from_text(tmp_path, text)
    recorder = Recorder()
    facts = scan(send, [recorder])
    sent = list(batches(send))
    assert [batch.number for batch in sent] == [1, 2, 3]
    assert [len(batch.contacts) for batch in sent] == [1000, 1000, 500]
    assert [body["contactId"] for body in bodies(send)] == rows
    assert facts.batch_digests == tuple(batch.digest for batch in sent)
    assert recorder.batch_sizes == [1000, 1000, 500, 1000, 1000, 500]


def test_digest_is_of_the_exact_contacts(tmp_path):
    """The digest is SHA-256 over one line of sorted JSON for each contact."""
    text = f"Ä,Z,contactId\nÅ,1,{us(1)}\n,,{us(2)}\n"
    lines = [
        f'{{"contactId":"{us(1)}","personalization":{{"Z":"1","Ä":"Å"}}}}\n',
        f'{{"contactId":"{us(2)}"}}\n',
    ]
    expected = hashlib.sha256("".join(lines).encode()).digest()
    assert scan(from_text(tmp_path, text)).batch_digests == (expected,)


def test_a_changed_file_has_another_digest(tmp_path):
    """One changed character after the scan changes the digest of its batch, and of no other."""
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
    """The segments are those of each recipient's own text, and None for an unknown text."""
    text = f"contactId,A\n{us(1)},{'a' * 161}\n{us(2)},x\n{us(3)},\n{us(3)},{'a' * 999}\n"
    facts = scan(from_text(tmp_path, text, **payload))
    assert facts.batch_segments == expected


def test_contact_source_has_no_audience_here():
    """The vendor has the contacts of a contact source, so it has no facts and no batches."""
    send = a_send(None, Endpoint.CONTACT_SOURCE)
    assert scan(send) is None
    assert list(batches(send)) == []


def test_no_inline_contacts():
    """An empty list is a problem at its location, not a request without contacts."""
    with pytest.raises(SpecError) as raised:
        scan(inline())
    assert [(str(problem.location), problem.message) for problem in raised.value.problems] == [
        (str(YAML), "the send has no contacts")
    ]


def test_stretched_digest():
    """The stored form is scrypt with the documented cost, and the address of the send as salt."""
    salted = hashlib.scrypt(b"abc", salt=b"sale/teaser", n=16384, r=8, p=1, maxmem=2**26, dklen=32).hex()
    assert stretched_digest("sale/teaser", "abc") == f"scrypt:{salted}"
    assert stretched_digest("sale/other", "abc") != stretched_digest("sale/teaser", "abc")


def peak_during(work: Callable[[], object]) -> int:
    """Return the peak memory of `work` in bytes, without the collector, whose instants would change it."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()


def peak_of(send) -> int:
    """Scan `send` and read its batches; return the peak memory in bytes."""

    def work() -> None:
        assert audience.scan(send).count == sum(len(batch.contacts) for batch in batches(send))

    return peak_during(work)


def test_memory_does_not_grow_with_the_list(tmp_path):
    """Ten times the contacts need only 64 bytes more for each request, and the bitmap."""
    small = peak_of(from_file(write_numbers(tmp_path / "small.csv", 5_000), content="hi %%FIRST NAME%%"))
    large = peak_of(from_file(write_numbers(tmp_path / "large.csv", 50_000), content="hi %%FIRST NAME%%"))
    assert large < small + 64 * 1024


def test_duplicates_need_few_bytes_each(tmp_path):
    """A file with every contact twice needs less than 100 bytes more for each of them."""
    once = peak_of(from_file(write_numbers(tmp_path / "once.csv", 10_000)))
    twice = peak_of(from_file(write_numbers(tmp_path / "twice.csv", 10_000, copies=2)))
    assert twice < once + 100 * 10_000


def test_memory_does_not_grow_with_the_violations(tmp_path):
    """Facts about five times as many refused, invalid and repeated contacts need the same memory."""
    number, long = us(1), "a" * 30
    rows = f',{long}\n0123,{long}\n00123,x\n"{number}",\n{number},{long}\n+1 (212) 555-0101,x\n'
    content = "%%NAME%% %%CODE%%" + " long" * 155

    def peak(times: int) -> int:
        send = from_text(tmp_path, f"contactId,NAME\n{number},x\n{rows * times}", content=content)
        scans: list[AudienceFacts] = []
        peak = peak_during(lambda: scans.append(audience.scan(send)))
        (facts,) = scans
        assert facts.without_identity.count == times
        assert facts.repeated.occurrences.count == 3 * times - 2
        assert facts.conflicting.occurrences.count == 2 * times
        return peak

    peak(10)  # The first scan of a process loads the numbering plans.
    assert peak(3000) < peak(1000) + 50_000  # One pointer for each contact would take 80,000 bytes.


CELLS = st.text(alphabet=st.sampled_from('ab0 ,";\n\r\té€😀%'), max_size=6)
ROWS = st.lists(st.tuples(st.integers(0, 6), CELLS, CELLS), min_size=1, max_size=12)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_is_read_exactly_and_counted_the_same(rows, end):
    """Batches have the exact text of any cells, and the facts of the scan agree with them."""
    lines = ["contactId,A,B", *(f"{us(number)},{quoted(a)},{quoted(b)}" for number, a, b in rows)]
    expected = {}
    for number, a, b in rows:
        values = {tag: value for tag, value in (("A", a), ("B", b)) if value.strip()}
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
        recorder = Recorder()
        facts = scan(send, [recorder])
        sent = list(batches(send))
    assert [dict(body) for batch in sent for body in batch.contacts] == list(expected.values())
    assert facts.batch_digests == tuple(batch.digest for batch in sent)
    assert (facts.rows, facts.count) == (len(rows), len(expected))
    assert len(recorder.duplicates) == len(rows) - len(expected)
    texts = [sms.substitute(content, body.get("personalization", {}), defaults) for body in expected.values()]
    assert facts.segments == sum(map(sms.segments, texts))
    canonical = "".join(
        json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        for body in expected.values()
    )
    assert facts.batch_digests == (hashlib.sha256(canonical.encode()).digest(),)
