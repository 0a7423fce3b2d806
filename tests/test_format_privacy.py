"""No format has a number or a value of a recipient, in any notation."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from sendspec.report.formats import FINDINGS_FORMAT_NAMES, PLAN_FORMAT_NAMES
from tests.projects import project

if TYPE_CHECKING:
    from pathlib import Path

SENDS = """\
campaign: harvest
purpose: marketing
sends:
  - id: list
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%FIRST NAME%%, your code %%CODE%% is ready. Reply STOP to opt out."
    contacts:
      file: "../contacts/people.csv"
      columns: {contactId: phone, personalization: {FIRST NAME: first_name, CODE: code}}
    personalizationDefaults: {FIRST NAME: there, CODE: none}
  - id: lookup
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your table is booked, %%FIRST NAME%%. Reply STOP to opt out."
    contacts:
      file: "../contacts/lookups.csv"
      columns:
        contactLookup: [{name: Email, value: email, channel: SMS}]
        personalization: {FIRST NAME: first_name}
    personalizationDefaults: {FIRST NAME: there}
"""
PEOPLE = """\
phone,first_name,code,notes
12125550147,Balthazarine,QZX-7731-KLM,likes marzipan
+1 (212) 555-0158,Wilhelmína,VVW-8842-TRS,neighbour Thaddeus
212.555.0169,{{Ermintrude}},#N/A,
12125550147,Balthazarine,QZX-7731-KLM,
+44 7700 900735,Ω Xanthippe 😀,=HYPERLINK(9),@octoperson
4155550,Short,PQR-1199-XYZ,
12125550170,%%Gwendolyn%%,<script>Quillon</script>,
12125550181,"Very long name Fitzgeraldine ""Zuzana"" of Marlborough, which is a place",A,
"""
LOOKUPS = """\
email,first_name
penelope.stillwater@fennelstore.example,Penelope
no-at-sign-marguerite,Marguerite
penelope.stillwater@fennelstore.example,Penelope
"""
OWN_DIGITS = re.compile(r"[0-9a-f]{32,}|\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")
"""Digests and instants, whose digits are nobody's."""

SEPARATOR = r"[\s().+/_\u2010-\u2015-]{0,3}"
WORDS = {"short", "which", "place", "table", "script", "hyperlink", "likes", "example"}
"""Words of the values that other texts have too."""


def numbers() -> list[str]:
    return [re.sub(r"\D", "", row["phone"]) for row in csv.DictReader(io.StringIO(PEOPLE))]


def words() -> set[str]:
    rows = PEOPLE.splitlines()[1:] + LOOKUPS.splitlines()[1:]
    found = set(re.findall(r"[^\W\d_]{5,}", " ".join(rows).lower()))
    return found - WORDS | {"qzx-7731", "vvw-8842", "pqr-1199", "7731", "8842", "1199"}


def leaks(output: str) -> list[str]:
    """Return what an output has of a recipient: a number, five or more last digits of one, or a value."""
    text = OWN_DIGITS.sub(" ", output)
    endings = {number[-5:] for number in numbers()}
    found = [ending for ending in endings if re.search(SEPARATOR.join(ending), text)]
    return found + [word for word in words() if word in text.lower()]


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    settings = "version: 1\nrules: {fictional-number: off, quiet-hours: off}\n"
    folder = project(tmp_path / "specs", SENDS, settings=settings)
    (folder / "contacts" / "people.csv").write_text(PEOPLE)
    (folder / "contacts" / "lookups.csv").write_text(LOOKUPS)
    return folder


@pytest.mark.parametrize("verb", ["plan", "validate"])
def test_no_format_has_a_part_of_a_recipient(verb: str, specs: Path, cli, tmp_path: Path) -> None:
    """All formats at once, files and streams, are searched for each number and each word of the lists."""
    names = PLAN_FORMAT_NAMES if verb == "plan" else FINDINGS_FORMAT_NAMES
    formats = [word for name in names for word in ("--format", f"{name}=out.{name}")]
    done = cli(verb, *formats)
    printed = {name: (tmp_path / f"out.{name}").read_text() for name in names}
    assert all(printed.values()), "each format shows the findings"
    assert "phone-number" in printed["text"]
    assert json.loads(printed["json"])["findings"]
    assert {name: leaks(text) for name, text in {**printed, "stderr": done.err}.items() if leaks(text)} == {}


@pytest.mark.parametrize(
    "output",
    ["12125550147", "(212) 555-0158", "50 16-9", "…50181", "Hi Balthazarine", "penelope.s", "QZX-7731"],
)
def test_the_search_finds_what_it_should(output: str) -> None:
    """Whole numbers and their ends, in any notation, and words of values are found."""
    assert leaks(output)
    assert leaks("1212•••••47 and ••••••, sha256:" + "50147" * 8 + " at 2030-01-01T05:01:47Z") == []
