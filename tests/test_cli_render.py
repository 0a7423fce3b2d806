"""`sendspec render` prints the exact bytes that apply sends."""

from __future__ import annotations

import json
from itertools import count

import pytest

from sendspec.render import encode
from tests.projects import CONTACTS, GATE, TEASER, lockfile, people, project
from tests.sandboxed import SETTINGS, sandboxed
from tests.servers import ScriptedServer, envelope, response, serving

MATRIX = """\
campaign: matrix
purpose: transactional
vars: {shop: Zoë & Söhne}
sends:
  - id: note
    endpoint: external-consent
    matrix: {locale: [en, fr]}
    channelQualifier: "148372"
    content: "{{ shop }} ({{ locale }}): %%WHAT%% 😀 \\"quoted\\""
    ttlInMinutes: "{{ 2 * 60 }}"
    contacts:
      - {phoneNumber: "+1 (212) 555-0123", personalization: {WHAT: "a\\\\b/c"}}
      - {phoneNumber: "12125550124", personalization: {WHAT: 0123}}
"""


def bodies(out: str) -> list[dict]:
    """Return the requests that `render` printed."""
    return [json.loads(line) for line in out.splitlines()]


def test_the_sandbox_receives_what_render_prints(cli, tmp_path):
    """Every request of every endpoint arrives with the path and body that `render` printed."""
    with sandboxed(tmp_path / "specs", CONTACTS, TEASER, GATE, MATRIX, count=2500) as client:
        rendered = bodies(cli("render").out)
        done = cli("apply", "--auto-approve")
        received = client.received()
    assert done.code == 0, done.err
    assert len(rendered) == len(received) == 7
    assert {line["method"] for line in rendered} == {"POST"}
    shown = sorted((line["path"], encode(line["body"])) for line in rendered)
    assert shown == sorted((request["path"], encode(request["body"])) for request in received)
    assert sorted(line["address"] for line in rendered) == [
        "gate/change#1",
        "matrix/note[en]#1",
        "matrix/note[fr]#1",
        "sale/last-call#1",
        "sale/last-call#2",
        "sale/last-call#3",
        "spring/teaser#1",
    ]


@pytest.mark.parametrize("campaign", [CONTACTS, TEASER, MATRIX], ids=["contacts", "contact-source", "matrix"])
def test_the_bytes_on_the_wire_are_the_bytes_that_render_prints(campaign, cli, tmp_path):
    """A server receives exactly the text after "body": in the output of `render`."""
    serials = count()

    def answer(request):
        if request.path == "/oauth/token":
            return response(200, {"access_token": "t", "token_type": "bearer", "expires_in": 100})
        is_job = request.path.endswith("sendjobs")
        data = {"location": "http://nowhere", "id": 7 if is_job else f"1a-{next(serials)}b"}
        return response(201 if is_job else 202, envelope(data))

    with ScriptedServer((serving(answer),)) as server:
        project(tmp_path / "specs", campaign, settings=SETTINGS.format(url=server.base_url), count=1200)
        printed = cli("render").out
        assert cli("apply", "--auto-approve").code == 0
    posted = [request for request in server.requests if request.path != "/oauth/token"]
    shown = [line.partition('"body":')[2].removesuffix("}").encode() for line in printed.splitlines()]
    assert sorted(shown) == sorted(request.body for request in posted)
    assert len(shown) == 2 if campaign != TEASER else 1


def test_one_send(cli, tmp_path):
    """`--send` prints the requests of one address; an unknown address is an error."""
    project(tmp_path / "specs", CONTACTS, MATRIX)
    lines = bodies(cli("render", "--send", "matrix/note[fr]").out)
    assert [line["address"] for line in lines] == ["matrix/note[fr]#1"]
    assert lines[0]["body"]["ttlInMinutes"] == 120
    assert lines[0]["body"]["contacts"] == [
        {"personalization": {"WHAT": "a\\b/c"}, "phoneNumber": "12125550123"},
        {"personalization": {"WHAT": "0123"}, "phoneNumber": "12125550124"},
    ]
    done = cli("render", "--send", "matrix/nte")
    assert (done.code, done.out) == (64, "")
    assert (
        "error: --send 'matrix/nte' does not match any send in the specs\n  hint: did you mean '" in done.err
    )


def test_the_same_bytes_every_time(cli, tmp_path):
    """A second run, also into a file, prints the same bytes and writes nothing else."""
    specs = project(tmp_path / "specs", CONTACTS, TEASER, MATRIX)
    printed = cli("render").out
    assert cli("render", "-o", "requests.jsonl").out == ""
    assert (tmp_path / "requests.jsonl").read_text() == printed == cli("render").out
    assert not (specs / ".sendspec").exists()
    assert not list(specs.glob("*.lock"))


def test_numbers_are_unmasked_and_unique(cli, tmp_path):
    """Numbers are unmasked and normalised, and a duplicate is in one request only."""
    specs = project(tmp_path / "specs", CONTACTS)
    (specs / "contacts" / "people.csv").write_text(people(2) + "+1 201 555 0100,Grace\n")
    [line] = bodies(cli("render").out)
    assert [contact["contactId"] for contact in line["body"]["contacts"]] == ["12015550100", "12015550101"]


def test_a_ledger_belongs_to_one_sandbox(cli, tmp_path):
    """A separate sandbox does not need credentials, and its ledger is refused for the built-in one."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        assert cli("apply", "--auto-approve").code == 0
        [received] = client.received()
    record = lockfile(tmp_path / "specs")
    assert record["account"] == str(client.base_url).removeprefix("http://").rstrip("/")
    assert record["sends"]["gate/change"]["requests"][0]["transactionId"] == received["id"]
    (tmp_path / "specs" / "sendspec.yaml").write_text("version: 1\n")
    done = cli("plan")
    assert (done.code, "this belongs to target 'sandbox' at 127.0.0.1:" in done.err) == (1, True)
