"""The people of a plan: different recipients over all sends, against sets of what each send would reach."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sendspec.audience import IdentitySet, PeopleUnion, batches
from sendspec.load import load_project
from sendspec.model import AlsoGet, LedgerState, People, Sign
from sendspec.plan import plan_project
from tests.plans import (
    RECENTLY,
    SENT,
    UNKNOWN,
    UNSENT,
    action_value,
    footer,
    plan_specs,
    plan_value,
    record_of,
    with_times,
)
from tests.projects import CONTACTS, TEASER, number, people, project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Plan

LATER = 'notBefore: "2030-02-01T18:00:00Z"'
SEND = """
  - id: {id}
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, {id} 20% off ends tonight. Reply STOP to opt out."
    contacts: {{file: ../contacts/{file}.csv}}
    personalizationDefaults: {{NAME: there}}
    {time}
"""
QUIET = "rules: {overlap: off, frequency-cap: off, fictional-number: off, duplicate-message-name: off}"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def write(specs: Path, sends: Iterable[tuple[str, str, str]], lists: dict[str, str]) -> None:
    """Write one campaign of sends, as id, list and time, with these lists."""
    texts = (SEND.format(id=name, file=file, time=time) for name, file, time in sends)
    project(
        specs,
        "campaign: sale\npurpose: marketing\nsends:" + "".join(texts),
        settings=f"version: 1\n{QUIET}\n",
    )
    (specs / "contacts").mkdir(exist_ok=True)
    for name, text in lists.items():
        (specs / "contacts" / f"{name}.csv").write_text(text)


def reached(plan: Plan, *, later: bool) -> set[str]:
    """Return the numbers in the pending requests of the sends that wait, or of those that do not."""
    return {
        contact["contactId"]
        for planned in plan.sends
        if planned.sign in (Sign.SEND, Sign.RESUME, Sign.WAITING) and (planned.sign is Sign.WAITING) is later
        for batch in batches(planned.send)
        if batch.number in planned.pending
        for contact in batch.contacts
    }


@pytest.mark.parametrize("seed", range(5))
def test_people_are_counted_like_sets_of_numbers(seed, specs):
    """Shared lists, waiting sends, and the rest of partial sends count each person once."""
    rng = random.Random(seed)  # noqa: S311 - the same lists each time, not a secret
    lists = {}
    for name in "abc":
        start, count = rng.randrange(3000), rng.choice((5, 800, 2500))
        rows = [f"{number(start + at)},Ada\n" for at in range(count)]
        rng.shuffle(rows)
        lists[name] = "contactId,NAME\n" + "".join(rows)
    sends = [(f"s{at}", rng.choice("abc"), rng.choice(("", "", LATER))) for at in range(7)]
    write(specs, sends, lists)
    first = plan_specs()
    ledger = {}
    for planned in first.to_send:
        states = [rng.choice((SENT, UNSENT)) for _ in planned.batches]
        if rng.random() < 0.6:
            ledger[planned.address] = record_of(first, planned.address, *states)
    for plan in (first, plan_specs(ledger)):
        now, later = reached(plan, later=False), reached(plan, later=True)
        assert plan.people == People(len(now), len(later), len(now | later))


def test_an_edited_list_of_a_partial_send_reaches_no_person(specs):
    """Apply refuses the rest of a send whose list was edited, and a finished send is over."""
    write(specs, [("part", "a", ""), ("done", "b", "")], {"a": people(2500), "b": people(10)})
    first = plan_specs()
    assert first.people == People(2500, 0, 2500)
    ledger = {
        "sale/part": record_of(first, "sale/part", SENT),
        "sale/done": record_of(first, "sale/done", SENT),
    }
    assert plan_specs(ledger).people == People(1500, 0, 1500)
    (specs / "contacts" / "a.csv").write_text(people(2501))
    assert plan_specs(ledger).people == People()
    ledger["sale/part"] = record_of(first, "sale/part", SENT, UNKNOWN)
    (specs / "contacts" / "a.csv").write_text(people(2500))
    assert plan_specs(ledger).people == People()


def test_a_new_revision_reaches_all_its_people_again(specs):
    """The requests of an earlier revision do not count as sent."""
    write(specs, [("part", "a", "")], {"a": people(1500)})
    ledger = {"sale/part": record_of(plan_specs(), "sale/part", SENT)}
    write(specs, [("part", "a", "revision: 2")], {})
    assert plan_specs(ledger).people == People(1500, 0, 1500)


def test_the_people_of_a_blocked_send_count(specs):
    """A reviewer of a blocked plan reads whom it reaches, and the footer does not mix them in."""
    write(specs, [("ok", "a", ""), ("bad", "b", ""), ("late", "b", LATER)], {"a": people(8), "b": people(10)})
    for path in (specs / "campaigns").glob("*.yaml"):
        path.write_text(
            path.read_text().replace("hi %%NAME%%, bad", "hi %%NAME, bad").replace("late 20", "%%X 20")
        )
    plan = plan_specs()
    assert {planned.sign for planned in plan.sends} == {Sign.SEND, Sign.BLOCKED}
    assert plan.people == People(10, 10, 10, blocked_sends=2)
    assert "people" not in footer(plan)
    assert plan_value(plan)["summary"]["people"] == {
        "now": 10,
        "later": 10,
        "together": 10,
        "blockedSends": 2,
        "unknownSources": 0,
        "declared": None,
    }


def test_the_people_of_contact_sources_are_not_known(specs):
    """The number of sources is counted, and their declared sizes only if all have one."""
    sized = TEASER.replace("audience: {", "audience: {size: 12000, ")
    project(specs, CONTACTS, TEASER)
    assert plan_specs().people == People(3, 0, 3, unknown_sources=1)
    project(specs, CONTACTS, sized)
    assert plan_specs().people == People(3, 0, 3, unknown_sources=1, declared=12000)


def test_people_who_wait_for_legal_hours_are_later(specs):
    """A send that is due at night waits, on a target that reaches people."""
    write(specs, [("one", "a", "")], {"a": people(10)})
    settings = f"version: 1\ntargets: {{vendor: {{baseUrl: 'http://127.0.0.1:9'}}}}\n{QUIET}\n"
    (specs / "sendspec.yaml").write_text(settings)
    loaded = load_project(Path("specs"))
    target = loaded.targets["vendor"]
    for hour, expected in ((3, People(0, 10, 10)), (15, People(10, 0, 10))):
        now = datetime(2030, 1, 15, hour, tzinfo=ZoneInfo("America/New_York"))
        state = LedgerState("vendor", target.account)
        assert plan_project(loaded, target, state, now).people == expected


def test_without_a_ledger_there_is_nothing_to_approve(specs):
    """The plan of `validate` counts no people and has no digest, because no person approves it."""
    project(specs, CONTACTS)
    loaded = load_project(Path("specs"))
    plan = plan_project(loaded, loaded.targets["sandbox"], None, datetime(2030, 1, 15, tzinfo=UTC))
    assert plan.sends
    assert (plan.people, plan.digest) == (People(), "")


def test_the_footer_has_people_if_they_are_fewer_than_recipients(specs):
    """One person with two texts is one, now and later."""
    write(specs, [("a", "a", ""), ("b", "a", ""), ("c", "a", LATER), ("d", "a", LATER)], {"a": people(1)})
    assert footer(plan_specs()) == (
        "Plan: 2 to send (2 recipients, 1 person, in 2 requests, 2 segments), 0 blocked, 0 already sent, "
        "0 unknown, 2 later (2 recipients, 1 person, in 2 requests, 2 segments)."
    )


def test_a_union_changes_no_set_that_it_was_given():
    """Rules keep the same sets of identities."""
    one, two, union = IdentitySet(), IdentitySet(), PeopleUnion()
    one.add_all(["12125550100", "0123", "[lookup]"])
    two.add_all(["12125550101", "0123"])
    for identities in (one, two, one, two):
        union.add(identities)
    assert (len(one), len(two), len(union)) == (3, 2, 4)
    assert union.count_with(union) == 4


def test_a_send_has_the_other_sends_that_its_recipients_get(specs):
    """The data are those of the rule: the sends that most people get, also if they were sent."""
    early, late = ('notBefore: "2030-01-15T18:00:00Z"', 'notBefore: "2030-01-15T20:30:00Z"')
    times = {"one": "", "two": early, "three": early, "four": early, "last": late}
    sizes = {"one": 9, "two": 5, "three": 7, "four": 1, "last": 20}
    lists = {name: people(count) for name, count in sizes.items()}
    write(specs, [(name, name, time) for name, time in times.items()], lists)
    settings = specs / "sendspec.yaml"
    off = settings.read_text()
    assert [planned.also_get for planned in plan_specs().sends] == [()] * 5
    settings.write_text(off.replace("overlap: off, ", ""))
    first = plan_specs()
    sent = with_times(record_of(first, "sale/one", SENT), f"{RECENTLY:%Y-%m-%dT%H:%M:%SZ}")
    plan = plan_specs({"sale/one": sent})
    found = {planned.address: planned.also_get for planned in plan.sends}
    at = datetime(2030, 1, 15, 18, tzinfo=UTC)
    assert found["sale/last"] == (
        AlsoGet("sale/one", 9, RECENTLY, is_planned=False),
        AlsoGet("sale/three", 7, at, is_planned=True),
        AlsoGet("sale/two", 5, at, is_planned=True),
    )
    assert (found["sale/one"], [other.people for other in found["sale/three"]]) == ((), [7, 5])
    assert action_value(plan, "sale/three")["alsoGet"][1] == {
        "address": "sale/two",
        "people": 5,
        "at": "2030-01-15T18:00:00Z",
        "planned": True,
    }
