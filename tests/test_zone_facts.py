"""Facts about time zones: of a contact's own column, of its number, or as the send declares them."""

from __future__ import annotations

import orjson
import pytest
from arro3 import io
from arro3.core import Array, DataType, Table

from sendspec.audience import batches, candidate_zones, scan_together, source_of
from sendspec.errors import SpecError
from sendspec.model import Audience, Endpoint, Location, ZoneFacts
from sendspec.structs import replace
from tests.audiences import YAML, a_send, from_file, from_text, inline, us
from tests.row_scan import scan

NEW_YORK, CHICAGO = ("America/New_York",), ("America/Chicago",)
COLUMNS = {"contactId": "phone", "timezone": "tz", "personalization": {"NAME": "name"}}
ROWS = [
    (us(1), "America/Chicago"),
    (us(2), ""),
    (us(3), "Chicago"),
    (us(4, 850), "  "),
    ("80012345678", ""),
    ("80012345679", "Europe/Paris"),
    (us(1), "Europe/Paris"),
]
"""The last row repeats the first one, so it is not a recipient, and its zone does not count."""


def csv_list(folder, rows=ROWS):
    text = "phone,name,tz\n" + "".join(f"{number},Ada,{zone}\n" for number, zone in rows)
    return from_text(folder, text, columns=COLUMNS)


def json_lines(folder):
    path = folder / "vip.jsonl"
    records = ({"phone": number, "name": "Ada", "tz": zone or None} for number, zone in ROWS)
    path.write_bytes(b"\n".join(map(orjson.dumps, records)))
    return from_file(path, COLUMNS)


def parquet(folder):
    numbers, zones = zip(*ROWS, strict=True)
    columns = {"phone": numbers, "name": ["Ada"] * len(ROWS), "tz": [zone or None for zone in zones]}
    path = folder / "vip.parquet"
    text = DataType.string()
    io.write_parquet(
        Table.from_pydict({name: Array(list(of), type=text) for name, of in columns.items()}), path
    )
    return from_file(path, COLUMNS)


@pytest.mark.parametrize("make", [csv_list, json_lines, parquet])
def test_the_zone_of_a_contact_decides_before_its_number(make, tmp_path):
    """A blank or unknown name counts as none; the facts say where the unknown one is."""
    send = make(tmp_path)
    first = 2 if make is csv_list else 1
    zones = scan_columns(send).zones if make is parquet else scan(send).zones
    assert zones.counts == {
        NEW_YORK: 2,
        CHICAGO: 1,
        ("America/Chicago", "America/New_York"): 1,
        ("Europe/Paris",): 1,
    }
    shown = send.contacts.shown
    assert zones.unknown_names.locations == (Location(shown, first + 2),)
    assert zones.without_zone.locations == (Location(shown, first + 4),)


# ── the column of a list without `columns`

HEADER = ("contactId", "NAME", "timezone")


def without_columns(kind, folder, header=HEADER, **options):
    """Return a send to two people by a list in one format, whose headers are those of the API."""
    rows = [(us(1), "Ada", "Asia/Tokyo"), (us(2), "Bo", "")]
    path = folder / f"vip.{kind}"
    if kind == "csv":
        path.write_text("\n".join(map(",".join, [header, *rows])), encoding="utf-8")
    elif kind == "jsonl":
        path.write_bytes(b"\n".join(orjson.dumps(dict(zip(header, row, strict=True))) for row in rows))
    else:
        cells = zip(header, zip(*rows, strict=True), strict=True)
        columns = {name: Array(list(of), type=DataType.string()) for name, of in cells}
        io.write_parquet(Table.from_pydict(columns), path)
    return from_file(path, **options)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_column_named_timezone_is_the_zone(kind, tmp_path):
    """Without `columns`, its values are zones and in no request."""
    send = without_columns(kind, tmp_path)
    assert scan_columns(send).zones == ZoneFacts({NEW_YORK: 1, ("Asia/Tokyo",): 1})
    [batch] = batches(send)
    assert [contact["personalization"] for contact in batch.contacts] == [{"NAME": "Ada"}, {"NAME": "Bo"}]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_text_can_have_the_column_timezone(kind, tmp_path):
    """The column is the zone and fills the tag; sends with and without the tag do not share a scan."""
    send = without_columns(kind, tmp_path, content="Open until 9 %%timezone%%")
    assert scan_columns(send).zones.counts == {NEW_YORK: 1, ("Asia/Tokyo",): 1}
    [batch] = batches(send)
    assert batch.contacts[0]["personalization"] == {"NAME": "Ada", "timezone": "Asia/Tokyo"}
    assert source_of(send) != source_of(without_columns(kind, tmp_path))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("header", ["timezone", "Time Zone", "TZ"])
def test_a_column_of_zones_that_nothing_maps_is_a_fact(kind, header, tmp_path):
    """With `columns`, or under another name, the column is not read; a mapped one is meant."""
    names = ("contactId", "NAME", header)
    mapped = {"contactId": "contactId"}
    found = {
        "unmapped": without_columns(kind, tmp_path, names, columns=mapped),
        "tag": without_columns(kind, tmp_path, names, columns={**mapped, "personalization": {"A": header}}),
        "zone": without_columns(kind, tmp_path, names, columns={**mapped, "timezone": header}),
        "text": without_columns(kind, tmp_path, names, content=f"Hi %%{header}%%"),
        "no columns": without_columns(kind, tmp_path, names),
    }
    unread = [name for name, send in found.items() if scan_columns(send).zones.has_unread_column]
    assert unread == (["unmapped"] if header == "timezone" else ["unmapped", "no columns"])
    for send in found.values():
        if kind != "parquet":
            scan(send)


def test_requests_are_the_same_with_a_zone(tmp_path):
    """Neither the bodies nor the digests of the recipients contain the zone."""
    with_zone = csv_list(tmp_path)
    mapping = {name: header for name, header in COLUMNS.items() if name != "timezone"}
    without = replace(with_zone, contacts=replace(with_zone.contacts, columns=mapping))
    assert [batch.lines for batch in batches(with_zone)] == [batch.lines for batch in batches(without)]
    assert scan(with_zone).digest == scan(without).digest
    contact = {"contactId": us(1), "personalization": {"NAME": "Ada"}}
    with_zone, without = inline({**contact, "timezone": "Asia/Tokyo"}), inline(contact)
    assert [batch.lines for batch in batches(with_zone)] == [batch.lines for batch in batches(without)]
    assert scan(with_zone).zones.counts == {("Asia/Tokyo",): 1}


def test_contacts_of_the_campaign_file_can_have_a_zone():
    """A contact with a lookup has no number, so only its own zone is known."""
    lookup = [{"name": "ID", "value": "7", "channel": "SMS"}]
    other = [{"name": "ID", "value": "8", "channel": "SMS"}]
    facts = scan(
        inline(
            {"contactLookup": lookup},
            {"contactLookup": other, "timezone": "Asia/Tokyo"},
            {"contactId": us(1)},
            {"contactId": us(2), "timezone": "Mars"},
            {"contactId": "80012345678"},
        )
    )
    assert facts.zones.counts == {NEW_YORK: 2, ("Asia/Tokyo",): 1}
    assert facts.zones.without_zone.locations == (Location(YAML.file, 20, 9), Location(YAML.file, 24, 9))
    assert facts.zones.unknown_names.locations == (Location(YAML.file, 23, 9),)


def test_lists_with_lookups_can_have_a_zone(tmp_path):
    """The column of the zone works beside the columns of a lookup."""
    columns = {"contactLookup": [{"name": "ID", "value": "id", "channel": "SMS"}], "timezone": "tz"}
    send = from_text(tmp_path, "id,tz\n1,Asia/Tokyo\n2,\n", columns=columns)
    zones = scan_columns(send).zones
    assert zones.counts == {("Asia/Tokyo",): 1}
    assert zones.without_zone.locations == (Location("vip.csv", 3),)


def scan_columns(send):
    """Return the facts of the scan by columns only; the scan by rows reads neither Parquet nor lookups."""
    [facts] = scan_together([send])
    return facts


def test_numbers_of_a_list_are_counted_by_their_prefix(tmp_path):
    """Without a column, duplicates, refused and excluded contacts are not counted."""
    rows = [us(1), us(1), us(2), us(3, 850), "call Ann", "80012345678", "447700900123"]
    zones = scan(from_text(tmp_path, "contactId\n" + "\n".join(rows))).zones
    assert zones.counts == {NEW_YORK: 2, ("America/Chicago", "America/New_York"): 1, ("Europe/London",): 1}
    assert zones.without_zone.locations == (Location("vip.csv", 7),)
    assert zones.unknown_names is None


def test_a_column_that_is_missing_is_an_error(tmp_path):
    """The problem is at the header's name in the campaign."""
    send = from_text(tmp_path, f"phone,name\n{us(1)},Ada\n", columns=COLUMNS)
    with pytest.raises(SpecError) as raised:
        scan(send)
    assert [problem.message for problem in raised.value.problems] == ["vip.csv has no column 'tz'"]


# ── declared zones


def test_declared_zones_narrow_those_of_the_numbers(tmp_path):
    """A number that may be in a declared zone is there; another number keeps its own zones."""
    rows = [us(1), us(2, 850), us(3, 312)]
    send = from_text(tmp_path, "contactId\n" + "\n".join(rows))
    for declared in ("America/New_York", "US/Eastern"):
        send = replace(send, audience=Audience(timezones=(declared,)))
        assert candidate_zones(send, scan(send)) == {NEW_YORK: 2, CHICAGO: 1}


LOOKUPS = tuple(
    {"contactLookup": [{"name": "ID", "value": value, "channel": "SMS"}]} for value in ("7", "8", "9")
)


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        pytest.param(
            Audience(timezones=("Asia/Tokyo", *NEW_YORK)),
            {("America/New_York", "Asia/Tokyo"): 4, NEW_YORK: 2},
            id="zones",
        ),
        pytest.param(
            Audience(("GB", "FR")), {("Europe/London", "Europe/Paris"): 4, NEW_YORK: 2}, id="countries"
        ),
        pytest.param(Audience(("US",), CHICAGO), {CHICAGO: 4, NEW_YORK: 2}, id="both"),
        pytest.param(Audience(), {NEW_YORK: 2}, id="none"),
    ],
)
def test_recipients_without_a_zone_have_the_declared_ones(audience, expected):
    """So do lookups and numbers without a country; a contact's own zone and other numbers keep theirs."""
    own = {"contactId": us(2, 312), "timezone": "America/New_York"}
    contacts = inline(*LOOKUPS, {"contactId": "80012345678"}, {"contactId": us(1)}, own)
    send = replace(contacts, audience=audience)
    assert candidate_zones(send, scan(send)) == expected


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        pytest.param(Audience(timezones=(*NEW_YORK, *CHICAGO)), {NEW_YORK: 0, CHICAGO: 0}, id="zones"),
        pytest.param(
            Audience(countries=("GB", "FR")), {("Europe/London",): 0, ("Europe/Paris",): 0}, id="countries"
        ),
        pytest.param(Audience(("US",), NEW_YORK), {NEW_YORK: 0}, id="both"),
        pytest.param(Audience(), {}, id="none"),
        pytest.param(Audience(size=100), {}, id="only the size"),
    ],
)
def test_zones_of_a_contact_source_are_declared(audience, expected):
    """Only the vendor has its contacts, so the facts have no counts."""
    send = replace(a_send(None, Endpoint.CONTACT_SOURCE), audience=audience)
    assert candidate_zones(send, None) == expected


def test_a_list_that_cannot_be_read_has_no_zones(tmp_path):
    """A finished send without its list has no facts, and declared zones say nothing about its size."""
    send = replace(from_text(tmp_path, "contactId\n"), audience=Audience(timezones=NEW_YORK))
    assert candidate_zones(send, None) == {}
