"""The plan for a reviewer: in a terminal and as a comment, for the plans of `tests/reviews`."""

from __future__ import annotations

import re

import pytest

from sendspec.report.comment import BUDGET, plan_markdown
from sendspec.report.formats import PLAN_FORMAT_NAMES
from sendspec.report.screen import Screen
from sendspec.report.terminal import plan_text
from tests.plans import plan_specs
from tests.projects import CONTACTS, project
from tests.rendered import rendered_lines
from tests.reviews import SCENARIOS, many, plan_of
from tests.snapshots import EXTENSIONS, stable


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty directory, and return the place of a project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_the_first_ten_lines_answer_a_reviewer(scenario, here):
    """They hold the verdict, the people, the first instant, the cost and what blocks."""
    plan = plan_of(scenario, here)
    comment = plan_markdown(plan, "specs")
    first = rendered_lines(comment)[:10]
    assert comment.startswith("<!-- sendspec:sandbox:specs -->\n")
    assert len(comment.encode()) <= BUDGET
    for expected in (scenario.verdict, scenario.who, scenario.when, scenario.cost, scenario.blocked):
        assert expected in "\n".join(first)
    assert bool(scenario.blocked) == any(line.startswith("Blocked by ") for line in first)
    text = plan_text(plan)
    assert text.splitlines()[0] == plan_text(plan, full=True).splitlines()[0]
    assert text.splitlines()[-1] == f"Digest: {plan.digest}"


@pytest.mark.parametrize("budget", [4_000, 9_999, 20_000, BUDGET])
def test_a_comment_stays_in_its_budget_and_counts_what_it_omits(budget, here):
    """Shown and counted sends together are all sends, in each section."""
    project(here, *many(120))
    plan = plan_specs()
    comment = plan_markdown(plan, "specs", budget=budget)
    assert len(comment.encode()) <= budget
    lines = rendered_lines(comment)
    sends = lines.index("All sends")
    shown = [line for line in lines[sends:] if re.match(r"\+ gate-\d+/change 2 people", line)]
    omitted = [re.match(r"([\d,]+) more sends?: see the page", line) for line in lines[sends:]]
    assert len(shown) + sum(int(found[1]) for found in omitted if found) == 120
    assert lines[-1].endswith(plan.digest) or plan.digest in lines[-1]


ITEMS = {
    "Needs a fix": r"- ⛔ \*\*marketing-consent\*\*.*<code>specs/campaigns/c(\d+)\.yaml",
    "What people read": r"> <code>\S+</code> \*\*gate-(\d+)/change\*\*",
    "All sends": r"\| <code>\S+</code> \| gate-(\d+)/change \|",
}
"""The first line of an item of a section, with the number of its campaign."""


@pytest.mark.parametrize("wrong", [0, 30])
def test_each_of_500_campaigns_is_shown_or_counted(wrong, here):
    """No budget and no error hides a campaign: the sections show it once, or count it in words."""
    campaigns = list(many(500))
    for number in range(wrong):
        marketing = campaigns[number].replace("transactional", "marketing")
        campaigns[number] = marketing.replace("note", "Reply STOP to opt out, note")
    project(here, *campaigns)
    plan = plan_specs()
    for budget in (4_000, 20_000, BUDGET):
        comment = plan_markdown(plan, "specs", budget=budget)
        assert len(comment.encode()) <= budget
        _, *parts = comment.split("\n### ")
        texts = {text.partition("\n")[0]: text for text in parts}
        for title, total in {"Needs a fix": wrong, "What people read": 500, "All sends": 500}.items():
            shown = re.findall(rf"^{ITEMS[title]}", texts.get(title, ""), re.MULTILINE)
            omitted = re.findall(
                r"^\*\*([\d,]+) more (?:send|error)s?\*\*: ", texts.get(title, ""), re.MULTILINE
            )
            assert len(set(shown)) == len(shown)
            assert len(shown) + sum(map(int, omitted)) == total, (budget, title)


def test_a_log_has_one_line_a_send_and_a_terminal_folds_it(here):
    """Without a terminal, grep finds each send; on one, no line is wider than it."""
    project(here, *many(30))
    plan = plan_specs()
    log = plan_text(plan)
    assert len(re.findall(r"^\+ gate-\d+/change  external-consent  2 people, ", log, re.MULTILINE)) == 30
    folded = plan_text(plan, Screen(width=50, is_terminal=True))
    assert max(map(len, folded.splitlines())) <= 50


def test_colours_change_no_character(here):
    """Colours only add codes; without them the text is the same."""
    plan = plan_of(SCENARIOS["marketing without consent"], here)
    plain = plan_text(plan, Screen(is_terminal=True))
    coloured = plan_text(plan, Screen(is_terminal=True, has_color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_an_encoding_without_the_characters_of_the_report(here):
    """Masks and arrows are ASCII then, and the text of the message stays as it is."""
    plan = plan_of(SCENARIOS["right to left"], here)
    text = plan_text(plan, Screen(is_unicode=False))
    assert "***" in text
    assert "رحلتك" in text
    assert "•" not in text


def test_people_of_two_sends_are_shown(here):
    """A send to people who get another one shortly before names it, in the text and in the comment."""
    later = CONTACTS.replace("campaign: sale", "campaign: late").replace("20%", "30%")
    project(here, CONTACTS, later + '    notBefore: "2030-01-15T20:00:00Z"\n')
    plan = plan_specs()
    shown = "3 of them get sale/last-call before it, Tue 15 Jan 2030, 07:00 New York"
    assert f"    also      {shown}\n" in plan_text(plan)
    assert f"🔁 {shown}" in rendered_lines(plan_markdown(plan, "specs"))


EASTER = """\
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
BOOTS = """\
campaign: april-boots
purpose: marketing
vars:
  hi:
    en-us: "Acme: hi %%NAME%%, it\u2019s the last day: 20% off boots. Reply STOP to opt out."
    es-us: "Acme: hola %%NAME%%, \u00faltimo d\u00eda: 20% menos. Responde STOP para no recibir m\u00e1s."
sends:
  - id: final
    endpoint: contacts
    matrix: {locale: [en-us, es-us]}
    channelQualifier: "148372"
    content: "{{ hi[locale] }}"
    contacts: {file: "../contacts/{{ locale }}.csv"}
    personalizationDefaults: {NAME: there}
    notBefore: "2099-04-02T02:00:00-04:00"
    notAfter: "2099-04-03T02:00:00-04:00"
"""
SETTINGS = "version: 1\nbrand: Acme\npricing: {currency: USD, perSegment: {US: 0.0079}}\n"


def branch(where):
    """Write a base, and a branch beside it that adds, moves and cancels sends."""
    later = EASTER.replace("2099-04-10", "2099-04-12")
    reminder = EASTER.replace("easter", "spring").replace("id: later", "id: reminder")
    reminder = reminder.replace("04-10", "04-03").replace("table is", "seat is")
    for name, campaigns in {"base": (EASTER, reminder), "specs": (later, BOOTS)}.items():
        project(where / name, *campaigns, settings=SETTINGS)
        names = "contactId,NAME\n"
        for locale, areas in {"en-us": (212, 312, 808), "es-us": (213, 305, 602)}.items():
            rows = [f"1{area}55501{i:02d},Jo{i}" for area in areas for i in range(100)]
            (where / name / "contacts" / f"{locale}.csv").write_text(names + "\n".join(rows) + "\n")


@pytest.mark.parametrize("form", PLAN_FORMAT_NAMES)
def test_a_branch_against_its_base(form, cli, tmp_path, snapshot):
    """Two new sends at 2 am, a costly quote, a moved wait and a cancelled send."""
    branch(tmp_path)
    done = cli("plan", "specs", "--against", "base", "--format", form)
    assert done.code == 3
    if form == "markdown":
        first = "\n".join(rendered_lines(done.out)[:10])
        assert "Not ready" in first
        assert "600 people" in first
        assert "Thu 2 Apr 2099, 01:00 Chicago" in first
        assert "USD" in first
        assert "quiet-hours" in first
    assert stable(done.out) == snapshot(extension_class=EXTENSIONS[form])
