"""Sends that wait for their `notBefore`: counted, digested, and named by apply."""

from __future__ import annotations

import json

import pytest

from tests.projects import CONTACTS, GATE, TEASER, people, project

pytestmark = pytest.mark.field_case(21)

LATER = '    notBefore: "2099-01-01T00:00:00Z"\n'
EVEN_LATER = '    notBefore: "2099-02-01T18:00:00+01:00"\n'
JOB = TEASER.replace("2099-12-01", "2099-12-24")


def plan(cli):
    """Return the plan as text and as JSON."""
    return cli("plan").out, json.loads(cli("plan", "--format", "json").out)


@pytest.mark.parametrize(
    ("project_of", "later", "size"),
    [
        pytest.param(
            ((CONTACTS + LATER,), 1001),
            "1 later (1,001 recipients in 2 requests, 1,001 segments)",
            {"recipients": 1001, "requests": 2, "segments": 1001, "jobs": 0},
            id="two requests",
        ),
        pytest.param(
            ((CONTACTS + LATER, GATE + EVEN_LATER), 999),
            "2 later (1,001 recipients in 2 requests, 1,001 segments)",
            {"recipients": 1001, "requests": 2, "segments": 1001, "jobs": 0},
            id="two sends",
        ),
        pytest.param(
            ((JOB + LATER, CONTACTS + LATER), 3),
            "2 later (3 recipients in 1 request, 3 segments; 1 job for a contact source of unknown size)",
            {"recipients": 3, "requests": 2, "segments": 3, "jobs": 1},
            id="a job",
        ),
    ],
)
def test_waiting_sends_are_counted(project_of, later, size, cli, tmp_path):
    """Footer and JSON have recipients, requests and segments of what waits, apart from what is sent now."""
    campaigns, count = project_of
    project(tmp_path / "specs", *campaigns, count=count)
    text, value = plan(cli)
    assert f"Plan: 0 to send, 0 blocked, 0 already sent, 0 unknown, {later}.\n" in text
    assert (value["summary"]["waiting"], value["summary"]["later"]) == (len(campaigns), size)
    assert value["summary"]["recipients"] == 0
    for action in value["actions"]:
        assert (action["sign"], action["notBefore"] is not None) == ("@", True)
        assert action["endpoint"] == "contact-source" or action["segments"] == action["recipients"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: (s / "contacts" / "people.csv").write_text(people(4)), id="list"),
        pytest.param(lambda s: edit(s, "20% off", "30% off"), id="text"),
        pytest.param(lambda s: edit(s, "2099-01-01", "2099-01-02"), id="notBefore"),
        pytest.param(lambda s: edit(s, CONTACTS + LATER, GATE + LATER), id="another send"),
    ],
)
def test_the_digest_covers_waiting_sends(change, cli, tmp_path):
    """A plan of waiting sends is not an empty plan, and a change of one changes the digest."""
    specs = project(tmp_path / "specs", CONTACTS + LATER)
    before = plan(cli)[1]["digest"]
    assert cli("plan", "--save", "p.json").code == 0
    assert cli("apply", "p.json", "--auto-approve").code == 0
    change(specs)
    done = cli("apply", "p.json", "--auto-approve")
    assert done.code == 4
    assert "the saved plan is not the current plan; differences: " in done.err
    assert "differences: the digest" not in done.err
    empty = project(tmp_path / "empty", CONTACTS + '    notAfter: "2020-01-01T00:00:00Z"\n')
    digests = {
        before,
        plan(cli)[1]["digest"],
        json.loads(cli("plan", empty, "--format", "json").out)["digest"],
    }
    assert len(digests) == 3


def edit(specs, old, new) -> None:
    """Replace a text in the campaign."""
    file = specs / "campaigns" / "c0.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("campaigns", "lines"),
    [
        pytest.param(
            (CONTACTS + LATER,),
            ["sale/last-call waits until 2099-01-01T00:00:00+00:00."],
            id="one",
        ),
        pytest.param(
            (CONTACTS + EVEN_LATER, GATE + LATER),
            [
                "gate/change waits until 2099-01-01T00:00:00+00:00.",
                "sale/last-call waits until 2099-02-01T18:00:00+01:00.",
            ],
            id="the earliest first",
        ),
        pytest.param(
            (CONTACTS, GATE + LATER),
            ["gate/change waits until 2099-01-01T00:00:00+00:00."],
            id="beside others",
        ),
    ],
)
def test_apply_says_what_waits(campaigns, lines, cli, tmp_path):
    """Apply ends with 0, and names each waiting send and its time."""
    project(tmp_path / "specs", *campaigns)
    done = cli("apply", "--auto-approve")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if " waits until " in line] == lines
    last = "that sends it" if len(lines) == 1 else "its time sends each of them"
    assert f"The first apply after {last}." in done.err


def test_apply_names_at_most_five_sends(cli, tmp_path):
    """The others are counted."""
    spec = GATE.replace("    endpoint", "    matrix: {gate: [1, 2, 3, 4, 5, 6, 7]}\n    endpoint")
    project(tmp_path / "specs", spec + LATER)
    done = cli("apply", "--auto-approve")
    assert (done.code, done.err.count(" waits until ")) == (0, 5)
    assert "2 more sends wait." in done.err


def test_a_plan_of_sent_and_waiting_sends_is_applied_once(cli, tmp_path):
    """A saved plan with both is recognised as applied, because the waiting sends are unchanged."""
    project(tmp_path / "specs", CONTACTS, GATE + LATER)
    assert cli("plan", "--save", "p.json").code == 0
    assert cli("apply", "p.json", "--auto-approve").code == 0
    assert cli("apply", "p.json", "--auto-approve").code == 0
