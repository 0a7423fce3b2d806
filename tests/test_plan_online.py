"""`plan --online`: the vendor's lists over real HTTP, what the plan shows, and what is never called."""

from __future__ import annotations

import json
import uuid
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sendspec.acoustic import Client, Credentials, Limits
from sendspec.cli._lib.online import ids_in_project
from sendspec.errors import VendorError, VendorUnavailable
from sendspec.sandbox import NamedIds, SandboxServer
from sendspec.vendor_lists import LISTS_SECONDS_MAX, PAGES_MAX, read_catalog
from tests.clocks import SetClock
from tests.processes.runs import CREDENTIALS
from tests.projects import CONTACTS, GATE, MESSAGE, TEASER, lockfile, project
from tests.sandbox_client import SandboxClient
from tests.sandboxed import sandboxed
from tests.servers import ScriptedServer, answering, refusing_port, response
from tests.test_scan_progress import drawn, terminal

if TYPE_CHECKING:
    from pathlib import Path

ALERTS = {"id": 148372, "programName": "Acme alerts", "code": "87767", "senderId": "", "country": "US"}
TEASER_MESSAGE = {"id": MESSAGE, "name": "Spring teaser", "contactSourceId": 320000, "programIds": [148372]}
UNKNOWN = MESSAGE.replace("58c", "58d")
CONTENT_ID = GATE.replace(
    'content: "Acme: your flight now leaves from gate %%GATE%%."', f"contentId: {MESSAGE}"
).replace(", personalization: {GATE: B12}", "")


@pytest.fixture
def vendor(tmp_path):
    """Yield a client of the sandbox of a project with a send for each endpoint."""
    with sandboxed(tmp_path / "specs", GATE, CONTACTS, TEASER) as client:
        yield client


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def calls(client: SandboxClient) -> dict[str, int]:
    """Return the counts of the calls of sendspec, without the token call of the test's own client."""
    received = client.stats()["received"]
    return {name: count - (name == "token") for name, count in received.items() if count - (name == "token")}


# ── what the plan shows


def test_the_plan_shows_the_vendors_names(vendor, cli):
    """Beside each id are the program's name, code and country, and the message's name and contact source."""
    with vendor.behaviour(programs=[ALERTS], publishedMessages=[TEASER_MESSAGE]):
        done = cli("plan", "--online")
    assert done.code == 0, done.err
    assert done.out.count('    channelQualifier: "148372"  ("Acme alerts", code 87767, US)\n') == 2
    shown = '("Spring teaser", its own contact source is 320000, which contactSourceId replaces)'
    assert f'    publishedMessageId: "{MESSAGE}"  {shown}\n' in done.out
    assert "[program]" not in done.out
    assert "[published-message]" not in done.out


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (320000, "sent to its own contact source 320000"),
        (None, "without a contact source of its own"),
    ],
)
def test_the_plan_shows_which_contact_source_a_job_uses(own, words, vendor, cli, tmp_path):
    """Without contactSourceId the vendor uses that of the message, and the plan says which one it is."""
    teaser = TEASER.replace("    contactSourceId: 4396816\n", "")
    (tmp_path / "specs/campaigns/c2.yaml").write_text(teaser)
    with vendor.behaviour(publishedMessages=[{**TEASER_MESSAGE, "contactSourceId": own}]):
        done = cli("plan", "--online")
    assert f'("Spring teaser", {words})' in done.out
    assert ("[published-message]" in done.out) == (own is None)


def test_the_samples_of_the_sandbox(vendor, cli):
    """The lists of a sandbox without settings fit the sends of a project with the vendor's sample ids."""
    done = cli("plan", "--online")
    assert done.code == 0, done.out
    assert '("Published message 1", its own contact source is 4396816 too)' in done.out


def test_names_in_json(vendor, cli):
    """The document says that the lists were read, and each action has the entries of its ids."""
    with vendor.behaviour(programs=[ALERTS], publishedMessages=[TEASER_MESSAGE]):
        plan = json.loads(cli("plan", "--online", "--format", "json").out)
    assert plan["online"] is True
    by_address = {action["address"]: action for action in plan["actions"]}
    assert by_address["gate/change"]["program"] == {
        "id": "148372",
        "name": "Acme alerts",
        "code": "87767",
        "sender": None,
        "country": "US",
        "active": True,
    }
    assert by_address["gate/change"]["publishedMessage"] is None
    assert by_address["spring/teaser"]["program"] is None
    assert by_address["spring/teaser"]["publishedMessage"] == {
        "id": MESSAGE,
        "name": "Spring teaser",
        "contactSourceId": 320000,
        "programIds": ["148372"],
    }
    offline = json.loads(cli("plan", "--format", "json").out)
    assert (offline["online"], offline["digest"]) == (False, plan["digest"])
    assert {action["program"] for action in offline["actions"]} == {None}


def test_text_of_the_vendor_is_inert(vendor, cli):
    """A name cannot command a terminal or a runner, and a number in it is masked."""
    name = "::error::x ##[group] \x1b[31m +1 212 555 0123 \u202e " + CREDENTIALS["SENDSPEC_CLIENT_SECRET"]
    with vendor.behaviour(programs=[{**ALERTS, "programName": name, "status": "STOPPED\n::warning::y"}]):
        done = cli("plan", "--online")
    assert done.code == 3
    assert not [line for line in (done.out + done.err).splitlines() if line.lstrip().startswith("::")]
    assert not [part for part in ("\x1b", "\u202e", "##[", "555 0123") if part in done.out]
    assert (
        '("::error::x #\\u0023[group] [31m +1212•••••23 secret-of-tests", code 87767, US, not active)'
        in done.out
    )


# ── what it calls


def test_three_pages_and_only_calls_that_read(vendor, cli, tmp_path):
    """A message on the third page is found; nothing is sent or written, and one call runs at a time."""
    ids = [str(uuid.UUID(int=number)) for number in range(1, 121)]
    teaser = TEASER.replace(MESSAGE, ids[-1])
    (tmp_path / "specs/campaigns/c2.yaml").write_text(teaser)
    before = files(tmp_path)
    with vendor.behaviour(publishedMessages=ids):
        done = cli("plan", "--online")
    assert done.code == 0, done.out
    assert f'publishedMessageId: "{ids[-1]}"  ("Published message 120"' in done.out
    assert calls(vendor) == {"token": 1, "programs": 1, "published-messages": 3}
    assert vendor.received() == []
    assert vendor.stats()["maxConcurrent"] == 1
    assert files(tmp_path) == before


def test_without_the_option_nothing_is_called(vendor, cli):
    """`plan`, `validate` and `render` call nothing, and the rules say nothing about ids."""
    with vendor.behaviour(programs=["1"], publishedMessages=["x"]):
        for verb in ("plan", "validate", "render"):
            assert cli(verb).code == 0
    assert calls(vendor) == {}


def test_a_plan_of_broken_specs_calls_nothing(vendor, cli, tmp_path):
    """The specs are read and rendered before the vendor is called."""
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE.replace("%%GATE%%", "{{ gate }}"))
    assert cli("plan", "--online").code == 1
    assert calls(vendor) == {}


def test_programs_on_a_second_page(vendor, cli):
    """The vendor documents one page of programs; if its answer names a second one, that is read too."""
    with vendor.behaviour(programs=[ALERTS]):
        vendor.arm("next-page", endpoint="programs", url="https://x.example/programs?page=2")
        assert cli("plan", "--online").code == 0
        vendor.arm("next-page", endpoint="programs", times=None, url="?page=2")
        done = cli("plan", "--online")
    assert "the vendor's list of SMS programs continues with page 2, not with page 3" in done.err
    assert calls(vendor)["programs"] == 4


@pytest.mark.parametrize("path", ["/rest/channels/SMS/publishedmessages?page=2", "/steal?page=2"])
def test_the_next_page_is_read_from_the_target(path, vendor, cli):
    """A nextPageUrl of another server gives the number of the page; nothing connects to that server."""
    with ScriptedServer((answering(response(200, {})),)) as other:
        vendor.arm("next-page", endpoint="published-messages", url=f"{other.base_url}{path}")
        done = cli("plan", "--online")
        assert done.code == 0, done.err
        assert other.connections == 0
    assert calls(vendor) == {"token": 1, "programs": 1, "published-messages": 2}


@pytest.mark.parametrize(
    ("url", "count", "message"),
    [
        ("https://x.example/?page=2", 2, "continues with page 2, not with page 3"),
        ("?page=9", 1, "continues with page 9, not with page 2"),
        ("https://x.example/more", 1, "names the next page of a list without its number"),
        ("?page={next}", PAGES_MAX, "has more than 200 pages"),
    ],
    ids=["loop", "jump", "no number", "endless"],
)
def test_pages_that_do_not_end(url, count, message, vendor, cli):
    """A list whose pages repeat, or do not end, is an error after a bounded number of calls."""
    vendor.arm("next-page", endpoint="published-messages", times=None, url=url)
    done = cli("plan", "--online")
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert calls(vendor)["published-messages"] == count


def test_a_terminal_shows_what_the_plan_waits_for(vendor, cli, monkeypatch):
    """A line on a terminal is removed before anything else is written; CI and other streams have none."""
    with terminal(monkeypatch, 80) as output:
        assert cli("plan", "--online").code == 0
        shown, _, rest = output().partition(" \r")
        assert (drawn(shown), "reading" in rest) == (["reading the vendor's lists"], False)
        monkeypatch.setenv("CI", "true")
        assert cli("plan", "--online").code == 0
        assert "reading" not in output()
    monkeypatch.undo()
    assert "reading" not in cli("plan", "--online").err


# ── findings


def test_ids_that_the_vendor_does_not_list(vendor, cli, tmp_path):
    """An unknown and an inactive program and an unknown message block the plan, at the line of the id."""
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE.replace("148372", "148327"))
    (tmp_path / "specs/campaigns/c1.yaml").write_text(CONTACTS.replace("148372", "410"))
    (tmp_path / "specs/campaigns/c2.yaml").write_text(TEASER.replace("58c", "58d"))
    done = cli("plan", "--online")
    assert done.code == 3
    errors = [line.partition(": error ") for line in done.out.splitlines() if ": error [" in line]
    assert [(place, message.partition(" (")[0]) for place, _, message in errors] == [
        (
            "specs/campaigns/c0.yaml:6:23",
            "[program]: the vendor's list of active SMS programs does not have '148327'",
        ),
        ("specs/campaigns/c1.yaml:6:23", "[program]: the SMS program 'Program 410' is not active"),
        (
            "specs/campaigns/c2.yaml:6:25",
            f"[published-message]: the vendor's list of published SMS messages does not have '{UNKNOWN}'",
        ),
    ]
    assert "  hint: did you mean 148372, the program 'Program 148372'?\n" in done.out
    assert f"  hint: did you mean {MESSAGE}, the message 'Published message 1'?\n" in done.out
    names = "gate/change (program), sale/last-call (program), spring/teaser (published-message)"
    assert (
        f"3 errors in ids of the vendor: {names}; "
        "apply does not check these ids, and the vendor refuses the requests.\n"
    ) in done.out
    assert "block the whole plan" not in done.out


def test_a_content_id_is_a_published_message_too(vendor, cli, tmp_path):
    """`contentId` of a send with contacts is looked up in the same list."""
    (tmp_path / "specs/campaigns/c0.yaml").write_text(CONTENT_ID)
    assert f'    contentId: "{MESSAGE}"  ("Published message 1")\n' in cli("plan", "--online").out
    (tmp_path / "specs/campaigns/c0.yaml").write_text(CONTENT_ID.replace("58c", "58d"))
    done = cli("plan", "--online")
    assert "specs/campaigns/c0.yaml:7:16: error [published-message]" in done.out


def test_finished_sends_are_not_checked(vendor, cli, tmp_path):
    """A program that is deactivated after a send does not block the plan of other sends."""
    assert cli("apply", "--auto-approve").code == 0
    with vendor.behaviour(programs=["1"], publishedMessages=["x"]):
        done = cli("plan", "--online")
    assert done.code == 0
    assert "[program]" not in done.out


def test_a_selection_and_an_exception(vendor, cli, tmp_path):
    """`--send` limits the findings, and `allow` excepts a send."""
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE.replace("148372", "77"))
    assert cli("plan", "--online", "--send", "sale").code == 0
    allow = GATE.replace("148372", "77") + "    allow: [{rule: program, reason: it is new}]\n"
    (tmp_path / "specs/campaigns/c0.yaml").write_text(allow)
    done = cli("plan", "--online")
    assert (done.code, "allowed error [program]" in done.out) == (0, True)


def test_a_saved_plan_is_applied_without_the_lists(vendor, cli, tmp_path):
    """The names are not part of what is sent: `apply` needs no list, and other differences are named."""
    with vendor.behaviour(programs=[ALERTS]):
        assert cli("plan", "--online", "--save", "plan.json").code == 0
    lists = calls(vendor)["programs"]
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE.replace("leaves", "departs"))
    done = cli("apply", "plan.json", "--auto-approve")
    assert done.code == 4
    assert "differences: gate/change: payload, payloadDigest" in done.err
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE)
    assert cli("apply", "plan.json", "--auto-approve").code == 0
    assert len(lockfile(tmp_path / "specs")["sends"]) == 3
    assert calls(vendor)["programs"] == lists


# ── errors of the vendor


@pytest.mark.parametrize("endpoint", ["programs", "published-messages"])
def test_a_list_that_is_forbidden(endpoint, vendor, cli):
    """A refusal of a list fails the plan immediately, because its ids would pass as checked."""
    vendor.arm("status", endpoint=endpoint, times=None, code=403, text="Forbidden")
    done = cli("plan", "--online")
    assert (done.code, done.out) == (1, "")
    name = endpoint.replace("-", " ").replace("programs", "SMS programs")
    assert done.err.endswith(
        f"error: cannot read the vendor's list of {name}: answered 403: Forbidden\n"
        "  hint: check that the user of the credentials is enabled for SMS\n"
    )
    assert calls(vendor)[endpoint] == 1


def test_a_vendor_that_recovers(vendor, cli):
    """The expired token is replaced, and a busy vendor is asked again."""
    vendor.arm("expire-tokens", endpoint="programs")
    vendor.arm("busy", endpoint="published-messages")
    done = cli("plan", "--online")
    assert done.code == 0, done.err
    assert calls(vendor) == {"token": 2, "programs": 2, "published-messages": 3}


def test_missing_credentials(cli, tmp_path):
    """A real target needs credentials: the error names the variables, and nothing is planned."""
    with refusing_port() as port:
        settings = f"version: 1\ntargets:\n  local: {{baseUrl: 'http://127.0.0.1:{port}'}}\n"
        project(tmp_path / "specs", TEASER, settings=settings)
        assert cli("init", "--ledger", "--target", "local").code == 0
        assert cli("plan", "--target", "local").code == 0
        done = cli("plan", "--target", "local", "--online")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "error: SENDSPEC_CLIENT_ID, SENDSPEC_CLIENT_SECRET, SENDSPEC_REFRESH_TOKEN are not set\n"
    )


def test_refused_credentials(vendor, cli, tmp_path, monkeypatch):
    """Credentials that the vendor refuses are an error, without further calls."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    settings = f"version: 1\ntargets:\n  local: {{baseUrl: '{str(vendor.base_url).rstrip('/')}'}}\n"
    (tmp_path / "specs/sendspec.yaml").write_text(settings)
    assert cli("init", "--ledger", "--target", "local").code == 0
    vendor.patch("/sandbox/behaviour", json={"clientSecret": "another"})
    done = cli("plan", "--target", "local", "--online")
    assert (done.code, done.out) == (1, "")
    assert "error: the vendor refused the credentials: invalid_client" in done.err
    assert "secret-of-tests" not in done.err
    assert calls(vendor) == {"token": 1}
    vendor.patch("/sandbox/behaviour", json={"clientSecret": CREDENTIALS["SENDSPEC_CLIENT_SECRET"]})
    assert cli("plan", "--target", "local", "--online", "--send", "spring").code == 0


# ── the client and its limits, with pauses that the test takes


@pytest.fixture
def reader():
    """Yield the control client of a sandbox, and a function that reads its lists and notes the pauses."""
    pauses: list[float] = []
    limits = Limits(read=0.2)
    with (
        SandboxServer() as server,
        SandboxClient(server.base_url) as control,
        Client(server.base_url, Credentials("id", "secret", "refresh"), limits=limits) as client,
    ):
        yield control, pauses, partial(read_catalog, client, pause=pauses.append)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "code": 503, "text": "down"}, "answered 503: down"),
        ({"kind": "html"}, "answered 502, not in the vendor's form"),
        ({"kind": "html", "code": 200}, "answered 200, not in the vendor's form"),
        ({"kind": "busy"}, "Max number of concurrent requests"),
        ({"kind": "drop-before"}, "no answer"),
        ({"kind": "drop-after", "reset": True}, "no answer"),
        ({"kind": "hold"}, "ReadTimeout"),
    ],
    ids=["5xx", "html", "html 200", "busy", "dropped", "reset", "timeout"],
)
def test_a_call_that_keeps_failing(fault, words, reader):
    """Four attempts with pauses that double, and then the last error; never an empty list."""
    control, pauses, read = reader
    control.arm(**fault, endpoint="published-messages", times=None)
    with pytest.raises(VendorUnavailable, match=words):
        read()
    assert pauses == [0.5, 1.0, 2.0]
    assert calls(control) == {"token": 1, "programs": 1, "published-messages": 4}


def test_the_eleventh_call(reader):
    """While ten other requests are in progress, the list is refused; after a pause it is read."""
    control, pauses, read = reader
    with control.behaviour(concurrency=0):
        catalog = read(pause=lambda _: control.patch("/sandbox/behaviour", json={"concurrency": 10}))
    assert len(catalog.messages) == 60
    assert (control.stats()["refusedBusy"], pauses) == (1, [])


def test_a_slow_vendor(reader):
    """No call starts after five minutes, however many pages remain."""
    control, _, read = reader
    clock = SetClock()
    control.arm("status", endpoint="programs", times=None, code=503)
    with pytest.raises(VendorUnavailable, match="answered 503"):
        read(pause=lambda _: setattr(clock, "seconds", LISTS_SECONDS_MAX - 0.9), clock=clock)
    assert calls(control)["programs"] == 2
    control.delete("/sandbox/faults")
    control.arm("status", endpoint="published-messages", code=503)
    clock.seconds = 0.0
    with pytest.raises(VendorUnavailable, match="took longer than 300 seconds"):
        read(pause=lambda _: setattr(clock, "seconds", LISTS_SECONDS_MAX), clock=clock)


def test_a_token_that_is_always_refused(reader):
    """A second refusal of a fresh token is final."""
    control, pauses, read = reader
    control.arm("expire-tokens", endpoint="programs", times=None)
    with pytest.raises(VendorError, match="answered 401") as caught:
        read()
    assert not isinstance(caught.value, VendorUnavailable)
    assert (calls(control), pauses) == ({"token": 2, "programs": 2}, [])


def test_an_answer_that_is_too_large(reader):
    """A list of more than a mebibyte is not read."""
    control, _, read = reader
    names = [{"id": number, "programName": "x" * 10_000} for number in range(1, 150)]
    with control.behaviour(programs=names), pytest.raises(VendorUnavailable, match="larger than 1,048,576"):
        read()


# ── the sandbox


def test_the_built_in_sandbox_lists_the_ids_of_the_project(cli, tmp_path):
    """It accepts nearly every id, so it lists those that the plan names, and stores nothing."""
    project(tmp_path / "specs", GATE.replace("148372", "9001"), TEASER.replace("58c", "58d"))
    before = files(tmp_path)
    done = cli("plan", "--online")
    assert done.code == 0, done.out
    assert 'channelQualifier: "9001"  ("Program 9001", code 12345, US)' in done.out
    assert files(tmp_path) == before
    assert not (tmp_path / "specs/.sendspec").exists()
    (tmp_path / "specs/campaigns/c0.yaml").write_text(GATE.replace("148372", "404"))
    done = cli("plan", "--online")
    assert (
        done.code,
        "[program]: the vendor's list of active SMS programs does not have '404'" in done.out,
    ) == (
        3,
        True,
    )


def test_the_sandbox_verb_lists_the_ids_of_its_project(cli, tmp_path):
    """The ids of all targets count; a project with problems adds none."""
    settings = (
        'version: 1\nvars: {program: "1"}\ntargets:\n  sandbox: {vars: {program: "2"}}\n  x: {pod: us-1}\n'
    )
    specs = project(tmp_path / "specs", GATE.replace("148372", "{{ program }}"), settings=settings)
    found = ids_in_project(str(specs))
    assert (set(found.programs), found.messages) == ({"1", "2"}, ())
    (specs / "campaigns/c0.yaml").write_text("campaign: [")
    assert ids_in_project(str(specs)) == NamedIds()
    assert ids_in_project(str(tmp_path / "nowhere")) == NamedIds()
