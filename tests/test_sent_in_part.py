"""Reviews of sends of which a part was sent before, or that were edited afterwards, in each medium."""

from __future__ import annotations

import re

import pytest

from sendspec.report.comment import plan_markdown
from sendspec.report.page import plan_page
from sendspec.report.terminal import plan_text
from tests.plans import SENT, UNSENT, plan_specs, record_of
from tests.projects import CONTACTS, project
from tests.rendered import rendered_lines

SALE = "sale/last-call"
LATER = CONTACTS + '    notBefore: "2030-01-15T20:00:00Z"\n    notAfter: "2030-01-16T00:00:00Z"\n'
NOTE = "of the whole list; 2,000 of these were sent before"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch):
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def sub_lines(markdown: str) -> str:
    """Return the lines that a person reads, as one text."""
    return "\n".join(rendered_lines(markdown))


def test_counts_of_the_whole_list_say_so(specs):
    """Countries and local times of a rest count those who got it, and every medium says how many."""
    project(specs, LATER, count=2500)
    plan = plan_specs({SALE: record_of(plan_specs(), SALE, SENT, SENT, UNSENT)})
    text, comment, page = plan_text(plan), sub_lines(plan_markdown(plan, "specs")), plan_page(plan)
    assert re.search(rf"^    countries US .* \({NOTE}\)$", text, re.MULTILINE)
    assert re.search(rf"^    local     .* \({NOTE}\)$", text, re.MULTILINE)
    assert re.search(rf"countries: US .* \({NOTE}\)", comment)
    assert re.search(rf"^sale/last-call \w.* {NOTE}$", comment, re.MULTILINE)
    assert page.count(NOTE) == 2
    assert plan_text(plan_specs()).count("of the whole list") == 0


def test_a_comment_says_what_was_sent_and_tried_and_until_when(specs):
    """The Markdown has each fact of the text: the part, the attempts, the limits and the endpoint."""
    project(specs, LATER, count=2500)
    plan = plan_specs({SALE: record_of(plan_specs(), SALE, SENT, SENT, UNSENT)})
    comment = sub_lines(plan_markdown(plan, "specs"))
    assert "revision 1 was sent in part on 2030-01-14 (UTC) to 2,000 of 2,500 recipients in 2 of 3" in comment
    assert "tried before, not sent: " in comment
    assert "endpoint: contacts · delivery: waits until 2030-01-15T20:00:00+00:00; the first apply" in comment
    assert "limits: notAfter 2030-01-16T00:00:00+00:00; apply posts nothing after that" in comment


def test_a_comment_compares_a_send_again_with_its_revision(specs):
    """The words are compared one by one, and the recipients are counted."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, CONTACTS.replace("20%", "30%") + "    revision: 2\n")
    comment = plan_markdown(plan_specs({SALE: record}), "specs")
    assert "<sub>compared with revision 1:<br><code>content</code>: " in comment
    assert "hi %%NAME%%, 2030% off ends tonight." in sub_lines(comment)
    assert "<br>recipients: the same 3; all of them got revision 1</sub>" in comment


def test_edited_words_are_not_what_people_read(specs):
    """The new words of a finished send are under a heading of their own, beside the old ones."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, CONTACTS.replace("tonight", "tomorrow"))
    plan = plan_specs({SALE: record})
    comment, page = plan_markdown(plan, "specs"), plan_page(plan)
    assert "### What people read" not in comment
    assert "### Edited after it was sent\n\n> " in comment
    assert "compared with revision 1:" in comment
    edit = "<del>tonight</del><ins>tomorrow</ins>"
    assert edit in comment
    assert edit in page
    assert ">Edited after it was sent</h2>" in page
    assert "What people read" not in page
    assert 'class="pane"' not in page
