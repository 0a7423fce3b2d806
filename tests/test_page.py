"""The page of a plan as HTML: its pieces, its escapes, and what it must not contain."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.model import Location, Locations, Problem, WrittenText
from sendspec.report.page import page_policy, plan_page, problems_page
from sendspec.report.page.bubbles import pieces_of
from sendspec.report.page.changes import edits
from sendspec.report.page.excerpts import Excerpts
from sendspec.report.review import CostlyCharacter, Message, Recipient
from tests.page_projects import AREAS, NAMES, plan_at, write_project
from tests.projects import CONTACTS, GATE, TEASER, project

if TYPE_CHECKING:
    from sendspec.report.page.bubbles import Piece

TEMPLATES = Path(__file__).parents[1] / "sendspec" / "report" / "page" / "templates"


class Structure(HTMLParser):
    """The elements and attributes of a page, and the texts between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("page")
    write_project(folder / "specs")
    return plan_page(plan_at(folder / "specs"))


# ── pieces of a message


def message(text: str, **fields: object) -> Message:
    values = {
        "recipients": (Recipient.TYPICAL,),
        "source": "people.csv:2:1",
        "length": len(text),
        "is_gsm7": False,
        "segment_starts": (0,),
        "values": (),
        "costly": (),
        "notes": (),
    }
    return Message(text=text, **(values | fields))


def costly(text: str, *offsets: int, twin: str | None = None) -> tuple[CostlyCharacter, ...]:
    return tuple(CostlyCharacter(offset, text[offset], "LETTER", twin) for offset in offsets)


def joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def test_pieces_mark_values_segments_and_costly_characters():
    """A value, the start of a segment and a costly character are pieces of their own."""
    text = "hi •••, it\u2019s on"
    found = pieces_of(
        message(text, segment_starts=(0, 9), values=((3, 6),), costly=costly(text, 10, twin="'"))
    )
    assert [(piece.text, piece.segment, piece.is_value) for piece in found] == [
        ("hi ", 0, False),
        ("•••", 0, True),
        (", i", 0, False),
        ("t", 2, False),
        ("\u2019", 0, False),
        ("s on", 0, False),
    ]
    assert [piece.reason for piece in found if piece.reason] == [
        "letter makes the text UCS-2; write ' instead"
    ]


def test_a_segment_within_an_emoji_is_marked_before_it():
    """No mark splits a family of emoji, which is one cluster of several characters."""
    text = "a👩‍👩‍👧b"
    assert pieces_of(message(text, segment_starts=(0, 3)))[1][:2] == ("👩‍👩‍👧b", 2)


def test_a_text_in_another_script_has_no_mark_at_each_letter():
    """Marks at each letter of an Arabic text would hide it."""
    text = "مرحبا بكم في المتجر"
    found = pieces_of(message(text, costly=costly(text, *range(len(text)))))
    assert [piece.text for piece in found] == [text]


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=40), st.data())
def test_pieces_are_the_whole_text(text, data):
    """The pieces of any text, wherever its marks are, join to that text."""
    offsets = st.integers(0, len(text) - 1)
    starts = data.draw(st.sets(offsets, max_size=3))
    value = sorted((data.draw(offsets), data.draw(offsets)))
    marks = data.draw(st.sets(offsets, max_size=3))
    found = pieces_of(
        message(
            text,
            segment_starts=(0, *sorted(starts - {0})),
            values=(tuple(value),),
            costly=costly(text, *sorted(marks)),
        )
    )
    assert joined(found) == text


# ── escapes


def test_hostile_texts_add_no_element(page, tmp_path):
    """Markup in each text of a project adds no element and no attribute that the templates do not have."""
    text = '</p><img src="x" onerror="f()"><script>f()</script>&lt;'
    specs = project(
        tmp_path / "specs",
        "campaign: sale\npurpose: transactional\n"
        f"owner: '{text}'\ndescription: '{text}'\nticket: '{text}'\nsends:\n"
        "  - id: one\n    endpoint: external-consent\n"
        f"    channelQualifier: '{text}'\n    content: '{text}'\n"
        "    contacts: [{phoneNumber: '12125550123'}]\n",
    )
    found = Structure(plan_page(plan_at(specs)))
    assert set(found.elements) <= set(Structure(page).elements)
    assert sum(text in shown for shown in found.texts) >= 5


def test_hidden_characters_are_codes(tmp_path):
    """Overrides of direction in a description are codes, so that they cannot reorder the page."""
    specs = project(
        tmp_path / "specs", GATE.replace("transactional\n", 'transactional\ndescription: "a\\u202eb"\n')
    )
    html = plan_page(plan_at(specs))
    assert "a\\u202eb" in html
    assert "\u202e" not in html


def test_templates_leave_all_escapes_to_their_environment():
    """No template marks a value as safe or turns the escapes off."""
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    assert not re.search(r"\|\s*safe|autoescape|Markup", sources)


# ── the page


def test_the_page_refers_to_nothing_outside(page):
    """Every link is a fragment of the page, and no style refers to a file."""
    found = Structure(page)
    anchors = set(re.findall(r'\bid="([^"]+)"', page))
    assert found.links
    assert {link for link in found.links if link[:1] != "#" or link[1:] not in anchors} == set()
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_allows_the_own_style_and_scripts_only(page):
    """The digests of the policy are those of the style and of each script in the page."""
    contents = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in contents]
    assert len(digests) == 2
    assert re.findall(r"'sha256-([^']+)'", page_policy()) == digests
    assert "unsafe" not in page_policy(live=True)
    assert "connect-src" not in page_policy()


def test_the_page_has_nothing_personal(page):
    """Neither the numbers nor the names of recipients are in the page."""
    text = " ".join(Structure(page).texts)
    owner = "Ann"
    assert [name for name in NAMES if name and re.search(rf"\b{name}\b", text)] == [owner]
    assert [area for area in AREAS["en-us"] if f"{area}5550" in text] == []


def test_the_verdict_is_first(page):
    """The heading has the verdict; people, first instant and cost follow before any detail."""
    texts = [text.strip() for text in Structure(page).texts if text.strip()]
    body = texts[texts.index("Skip to the plan") :]
    assert body[3].startswith("Not ready: ")
    assert body[5:12:3] == ["Who", "When", "Cost"] or {"Who", "When", "Cost"} <= set(body[4:18])


def test_each_send_has_its_properties(page):
    """The properties of each request are in the page."""
    texts = Structure(page).texts
    assert texts.count("publishedMessageId") == 1
    assert texts.count("channelQualifier") == 4


def test_a_page_of_many_sends_is_folded(tmp_path):
    """Of many sends only those with errors and warnings are open."""
    sends = "".join(
        f"  - id: s{number}\n    endpoint: external-consent\n    channelQualifier: '1'\n"
        f"    content: 'Acme: your gate is B{number}.'\n"
        f"    contacts: [{{phoneNumber: '1212555{number:04}'}}]\n"
        for number in range(120, 134)
    )
    specs = project(tmp_path / "specs", f"campaign: gates\npurpose: transactional\nsends:\n{sends}")
    html = plan_page(plan_at(specs))
    assert html.count('<details class="send') == 14
    assert html.count('<details class="send go" id="send-1">') == 1


# ── changes


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ("20% off today", "30% off today", "-20-+30+% off today"),
        ("a b", "a b", "a b"),
        (None, "x", "+x+"),
        ("x", None, "-x-"),
        (4, 5, "-4- → +5+"),
        ("été", "hiver", "-été-+hiver+"),
    ],
)
def test_texts_are_compared_word_by_word(before, now, found):
    """Words that stay are shown once; other values are shown before and now."""
    signs = {"same": "", "removed": "-", "added": "+"}
    assert "".join(f"{signs[edit.kind]}{edit.text}{signs[edit.kind]}" for edit in edits(before, now)) == found


def test_changes_against_a_base_are_on_the_page(cli, tmp_path):
    """A page has the new, edited and cancelled sends of a branch, with a link to each card."""
    project(tmp_path / "base", GATE, TEASER)
    project(tmp_path / "specs", GATE.replace("leaves", "departs"), CONTACTS)
    assert cli("plan", "specs", "--against", "base", "--format", "html=plan.html").code == 0
    html = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "1 new, 1 edited, 1 cancelled" in html
    assert "now <del>leaves</del><ins>departs</ins> from gate" in html
    assert re.search(r'<span class="chip stop">cancelled</span> <b>spring/teaser</b>', html)
    assert re.search(r'<span class="chip go">new</span> <a href="#send-\d">sale/last-call</a>', html)


# ── excerpts


def test_an_excerpt_is_the_line_with_its_key():
    """The line of a text is shown around the place that a finding points at."""
    at = Location("c.yaml", 4, 14)
    locations = Locations(at, written={("content",): WrittenText('"Acme: hi"', at)})
    assert Excerpts(locations).at(Location("c.yaml", 4, 21)) == ('content: "Acme: ', 'hi"')
    assert Excerpts(locations).at(Location("c.yaml", 5, 1)) is None


def test_contacts_have_no_excerpt():
    """A line of contacts in the specs has values of recipients, so no excerpt shows it."""
    at = Location("c.yaml", 4, 14)
    locations = Locations(at, written={("contacts", 0, "phoneNumber"): WrittenText('"12125550123"', at)})
    assert Excerpts(locations).at(at) is None


# ── problems


def test_problems_are_sorted_and_masked():
    """The page of problems has each with its place; numbers in their messages are masked."""
    problems = [
        Problem(Location("specs/b.yaml", 2, 3), "contact 12125550123 is listed twice"),
        Problem(Location("specs/a.yaml", 7, 1), "key 'x' does not exist", "write `id`"),
    ]
    html = problems_page(problems, "2 problems", None)
    assert html.index("specs/a.yaml:7:1") < html.index("specs/b.yaml:2:3")
    assert "12125550123" not in html
