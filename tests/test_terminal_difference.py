"""The difference from a base in a terminal and in a log: edited words, and sends that stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sendspec.model import (
    BaseState,
    ComparedBase,
    DifferenceKind,
    FieldChange,
    PlanDifference,
    SendDifference,
)
from sendspec.report.screen import Screen
from sendspec.report.terminal.difference import difference_lines
from sendspec.report.terminal.lines import render
from tests.projects import project

if TYPE_CHECKING:
    from pathlib import Path

LOG, TERMINAL = Screen(), Screen(width=80, is_terminal=True, has_color=True)
CODES = re.compile(r"\x1b\[[0-9;]*m")
SALE = """\
campaign: easter
purpose: transactional
sends:
  - id: later
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: your table is booked."
    contacts: [{phoneNumber: "12125550123"}]
    notBefore: "2099-04-10T10:00:00-04:00"
    notAfter: "2099-04-20T10:00:00-04:00"
"""


def shown(before: object, now: object, screen: Screen = LOG) -> list[str]:
    """Return the lines of a send whose content was edited, without what comes before them."""
    change = FieldChange("content", before, now)
    edited = SendDifference(address="sale/a", kind=DifferenceKind.EDITED, fields=(change,))
    difference = PlanDifference(base=ComparedBase(name="main", state=BaseState.COMPARED), sends=(edited,))
    lines = [render(line, screen) for line in difference_lines(difference, (), is_blocked=False)]
    return [line.strip() for line in "\n".join(lines[2:]).split("\n")]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("Acme: 20% off.", "Acme: 30% off.", ['content: "Acme: [-20-]{+30+}% off."']),
        ("Acme: sale today", "Acme: sale", ['content: "Acme: sale[- today-]"']),
        ("Acme: sale\nSTOP", "Acme: sale\nstop", [r'content: "Acme: sale\n[-STOP-]{+stop+}"']),
        ("Acme \x1b[2J a", "Acme \x1b[2J b", [r'content: "Acme \u001b[2J [-a-]{+b+}"']),
        ("Acme #[x] a", "Acme ##[x] a", [r'content: "Acme {+#+}#[x] a"']),
        ("Hello", "Bye", ["content", '- "Hello"', '+ "Bye"']),
        ("Acme [-x-] a", "Acme [-x-] b", ["content", '- "Acme [-x-] a"', '+ "Acme [-x-] b"']),
        (None, "Acme", ["content", "- (absent)", '+ "Acme"']),
        ("1", 1, ["content", '- "1"', "+ 1"]),
    ],
)
def test_an_edited_text_is_shown_word_by_word(before: object, now: object, expected: list[str]) -> None:
    """Marks surround what was removed and added; a text that could imitate them is shown whole."""
    lines = shown(before, now)
    assert lines == expected
    assert "##[" not in "".join(lines)


def test_colours_repeat_the_marks() -> None:
    """A terminal colours edited words, and folds the line; without its colours it has the same text."""
    before = "Acme: the sale starts today, with boots for all of your friends in the shop of the old town."
    lines = shown(before, before.replace("boots", "shoes"), TERMINAL)
    assert "\x1b[9;31m[-boots-]\x1b[0m\x1b[32m{+shoes+}\x1b[0m" in " ".join(lines)
    plain = " ".join(CODES.sub("", line).strip() for line in lines)
    assert plain == " ".join(shown(before, before.replace("boots", "shoes")))
    assert len(lines) > 1


def test_a_send_that_waits_as_in_the_base_is_one_line(cli, tmp_path: Path) -> None:
    """`--full` shows its text; a send that the branch moves has its text in any case."""
    project(tmp_path / "base", SALE)
    project(tmp_path / "specs", SALE)
    words = ("plan", "--against", "base", "specs")
    folded, full = (cli(*words, *more).out for more in ((), ("--full",)))
    [line] = [each for each in folded.splitlines() if each.startswith("@ ")]
    assert line.startswith("@ easter/later  external-consent  1 person, Fri 10 Apr 2099")
    assert line.endswith("; untouched")
    assert "your table is booked" not in folded
    assert "    | Acme: your table is booked." in full
    assert "    | Acme: your table is booked." in cli("plan", "specs").out
    project(tmp_path / "moved", SALE.replace("04-10T", "04-12T"))
    assert "    | Acme: your table is booked." in cli("plan", "--against", "base", "moved").out
