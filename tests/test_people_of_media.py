"""The number of people of a plan: the same in the verdict, and in every format that has it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sendspec.load import load_project
from sendspec.model import LedgerState
from sendspec.plan import plan_project
from sendspec.report.comment import plan_markdown
from sendspec.report.github import plan_outputs
from sendspec.report.page import plan_page
from sendspec.report.review import review_plan
from sendspec.report.terminal import plan_text
from tests.plans import SENT, plan_specs, plan_value, record_of
from tests.projects import TEASER, people, project

if TYPE_CHECKING:
    from sendspec.model import Plan

SEND = """
  - id: {id}
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%NAME{end}, {id} 20% off ends tonight. Reply STOP to opt out."
    contacts: {{file: ../contacts/{file}.csv}}
    personalizationDefaults: {{NAME: there}}
    {time}
"""
RULES = "rules: {overlap: off, frequency-cap: off, fictional-number: off, duplicate-message-name: off}"
LATER = 'notBefore: "2030-02-01T18:00:00Z"'


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, with two lists that share 800 people."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs" / "contacts").mkdir(parents=True)
    for name, count in (("a", 800), ("b", 2500)):
        (tmp_path / "specs" / "contacts" / f"{name}.csv").write_text(people(count))
    return tmp_path / "specs"


def write(specs: Path, *sends: tuple[str, str, str], end: str = "%%", others: tuple[str, ...] = ()) -> None:
    """Write a campaign of sends, as id, list and time; `end` of another text breaks the first send."""
    texts = [
        SEND.format(id=name, file=file, time=time, end="%%" if at else end)
        for at, (name, file, time) in enumerate(sends)
    ]
    campaign = "campaign: sale\npurpose: marketing\nsends:" + "".join(texts)
    project(specs, *([campaign] if sends else []), *others, settings=f"version: 1\n{RULES}\n")


def check(plan: Plan, count: int) -> dict[str, str]:
    """Check that each medium has this number of people, and return the outputs for GitHub."""
    outputs = plan_outputs(plan, plan.findings)
    assert review_plan(plan).verdict.people == count
    assert outputs["people"] == str(count)
    assert plan_value(plan)["summary"]["people"]["together"] == count
    media = {
        "text": re.search(r"^ *who +([^;\n]*)", plan_text(plan), re.MULTILINE),
        "comment": re.search(r"\*\*Who\*\* \| \*\*([^*;]*)", plan_markdown(plan, "specs")),
        "page": re.search(r">Who<.*?>\s*([0-9a][^<;]*)", plan_page(plan), re.DOTALL),
    }
    for medium, found in media.items():
        assert found is not None, medium
        number = re.match(r"([0-9,]+) (?:person|people)", found[1])
        assert (0 if number is None else int(number[1].replace(",", ""))) == count, (medium, found[1])
    return outputs


def test_overlapping_lists(specs):
    """A person with several texts, now and later, is one."""
    write(specs, ("now", "a", ""), ("all", "b", ""), ("later", "a", LATER))
    assert check(plan_specs(), 2500)["has-changes"] == "true"


def test_a_blocked_plan(specs):
    """The people are those whom it would reach, and apply sends nothing of it."""
    write(specs, ("bad", "a", ""), ("later", "a", LATER), end="")
    assert check(plan_specs(), 800)["has-changes"] == "false"


def test_an_error_of_the_whole_plan_leaves_no_change(specs):
    """Apply sends none of the other sends either, although they have the sign of a send."""
    write(specs, ("bad", "a", ""), ("fine", "b", ""), end="")
    plan = plan_specs()
    assert [planned.address for planned in plan.to_send] == ["sale/fine"]
    assert check(plan, 2500)["has-changes"] == "false"


def test_an_error_of_one_send_leaves_the_others(specs):
    """Apply sends the others of a plan with an edit of a finished send."""
    write(specs, ("sent", "a", ""), ("fine", "b", ""))
    ledger = {"sale/sent": record_of(plan_specs(), "sale/sent", SENT)}
    write(specs, ("sent", "a", "ttlInMinutes: 240"), ("fine", "b", ""))
    outputs = check(plan_specs(ledger), 2500)
    assert (outputs["ready"], outputs["has-changes"]) == ("false", "true")


def test_partial_and_finished_plans(specs):
    """Only the people of the requests that remain count."""
    write(specs, ("part", "b", ""))
    plan = plan_specs()
    assert check(plan_specs({"sale/part": record_of(plan, "sale/part", SENT)}), 1500)["has-changes"] == "true"
    done = {"sale/part": record_of(plan, "sale/part", SENT, SENT, SENT)}
    assert check(plan_specs(done), 0)["has-changes"] == "false"


def test_contact_sources(specs):
    """The people of a source are not known, also not if it is the only send."""
    write(specs, others=(TEASER,))
    assert check(plan_specs(), 0)["has-changes"] == "true"
    write(specs, ("one", "a", ""), others=(TEASER.replace("audience: {", "audience: {size: 12000, "),))
    check(plan_specs(), 800)


@pytest.mark.parametrize("is_blocked", [False, True])
def test_people_without_a_legal_hour_in_common(is_blocked, specs):
    """A send that apply never posts reaches none of its people, and the others count."""
    zones = "columns: {contactId: contactId, timezone: tz, personalization: {NAME: NAME}}"
    rows = "contactId,NAME,tz\n12125550123,Ann,America/New_York\n12125550124,Bo,Asia/Kolkata\n"
    rows += "12125550125,Cy,Pacific/Honolulu\n"
    (specs / "contacts" / "far.csv").write_text(rows)
    write(specs, ("far", "far", ""), ("one", "a", ""), end="" if is_blocked else "%%")
    path = specs / "campaigns" / "c0.yaml"
    path.write_text(path.read_text().replace("far.csv}", f"far.csv, {zones}}}"))
    settings = f"version: 1\ntargets: {{vendor: {{baseUrl: 'http://127.0.0.1:9'}}}}\n{RULES}\n"
    (specs / "sendspec.yaml").write_text(settings)
    loaded = load_project(Path("specs"))
    target = loaded.targets["vendor"]
    now = datetime(2030, 1, 15, 15, tzinfo=ZoneInfo("America/New_York"))
    check(plan_project(loaded, target, LedgerState("vendor", target.account), now), 800)
