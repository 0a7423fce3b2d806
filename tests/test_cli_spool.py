"""The outcome log of an apply, from which `resolve --from-log` recovers a lost machine's outcomes."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from sendspec.ledger.codec import FileNames, lockfile_state
from sendspec.log_signature import Proof, prove
from sendspec.model import LedgerState, OutcomeReason, RequestKey, RequestState
from sendspec.outcome_log import format_log_line, format_send_line
from sendspec.protocol import Result
from sendspec.signing_keys import read_keys
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, TEASER, project
from tests.servers import ScriptedServer, envelope, response, serving

SETTINGS = "version: 1\ntargets:\n  production: {{baseUrl: '{url}', sandbox: true, ledger: git}}\n"
ID = 201512345678
"""An id with as many digits as a phone number, which must not be masked."""


def answer(request):
    """Answer as a vendor whose ids look like phone numbers."""
    if request.path == "/oauth/token":
        return response(200, {"access_token": "secret-token", "token_type": "bearer", "expires_in": 100})
    if request.path.endswith("/sendjobs"):
        return response(201, envelope({"location": "http://nowhere", "id": ID}))
    return response(202, envelope({"location": "http://nowhere", "id": str(ID)}))


@pytest.fixture
def lost(cli, tmp_path, monkeypatch):
    """Send everything from a clone; yield the clone and the log of that run."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"SENDSPEC_{name}", f"secret-{name}")
    _, [here] = remote_with_clones(tmp_path, 1)
    monkeypatch.chdir(here)
    with ScriptedServer((serving(answer),)) as server:
        project(here / "specs", GATE, TEASER, settings=SETTINGS.format(url=server.base_url))
        assert cli("init", "--ledger", "--target", "production").code == 0
        done = cli("apply", "--target", "production", "--auto-approve")
        assert done.code == 0, done.err
        yield here, done.err


def state_at(commit: str, here) -> str:
    """Return the ledger's files in one commit of its branch."""
    names = git("ls-tree", "-r", "--name-only", commit, where=here).splitlines()
    return "".join(git("show", f"{commit}:{name}", where=here) for name in names)


def test_the_log_holds_every_outcome(lost):
    """Each request has one line with its exact id, even if it looks like a phone number, and no secret."""
    _, log = lost
    lines = [line for line in log.splitlines() if line.startswith("sendspec-request ")]
    values = [json.loads(line.removeprefix("sendspec-request ")) for line in lines]
    assert {prove(value, read_keys().trusted) for value in values} == {Proof.SIGNED}
    assert {
        (value["address"], value["state"], value["jobId"], value["transactionId"]) for value in values
    } == {
        ("gate/change", "sent", None, str(ID)),
        ("spring/teaser", "sent", ID, None),
    }
    assert f"sent      gate/change#1  transaction {ID}" in log
    assert f"sent      spring/teaser#1  job {ID}" in log
    assert "secret" not in log


def test_the_log_settles_the_requests_of_a_lost_machine(lost, cli):
    """`resolve --from-log` records the outcomes and their ids in a ledger that has only the intents."""
    here, log = lost
    git("fetch", "--quiet", "origin", "sendspec-state", where=here)
    commits = git("rev-list", "--reverse", "FETCH_HEAD", where=here).splitlines()
    intents = next(commit for commit in commits if '"intent"' in state_at(commit, here))
    assert str(ID) not in state_at(intents, here)
    git("push", "--quiet", "--force", "origin", f"{intents}:refs/heads/sendspec-state", where=here)
    git("update-ref", "-d", "refs/sendspec/seen", where=here)
    (here / "run.log").write_text(log)
    done = cli("resolve", "--from-log", "run.log", "--target", "production")
    assert done.code == 0, done.err
    assert "settled 2 from run.log, 0 were known before" in done.err
    planned = cli("plan", "--target", "production", "--format", "json")
    assert [action["sign"] for action in json.loads(planned.out)["actions"]] == ["=", "="]
    git("fetch", "--quiet", "origin", "sendspec-state", where=here)
    assert state_at("FETCH_HEAD", here).count(str(ID)) >= 2


def rewind(here, log: str) -> None:
    """Move the ledger branch back to its creation, and make this clone one that never read more."""
    git("fetch", "--quiet", "origin", "sendspec-state", where=here)
    created = git("rev-list", "--max-parents=0", "FETCH_HEAD", where=here)
    git("push", "--quiet", "--force", "origin", f"{created}:refs/heads/sendspec-state", where=here)
    git("update-ref", "-d", "refs/sendspec/seen", where=here)
    (here / "run.log").write_text(log)


@pytest.mark.red_team(2)
def test_the_log_restores_requests_that_the_ledger_lost(lost, cli):
    """A ledger without the sends gets both back from the log, with their payload, and sends nothing again."""
    here, log = lost
    rewind(here, log)
    done = cli("resolve", "--from-log", "run.log", "--target", "production")
    assert done.code == 0, done.err
    assert "gate/change#1 was not in the ledger and is now sent" in done.err
    assert "settled 0 from run.log, restored 2, 0 were known before" in done.err
    again = cli("apply", "--target", "production", "--auto-approve")
    assert (again.code, "Nothing to send: everything was already sent" in again.err) == (0, True)
    repeated = cli("resolve", "--from-log", "run.log", "--target", "production")
    assert (repeated.code, "settled 0 from run.log, 2 were known before" in repeated.err) == (0, True)


@pytest.mark.red_team(2)
@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda line: line.replace("148372", "***"),
        lambda line: line.replace("sha256:", "sha255:"),
        lambda line: line.replace('"revision": 1', '"revision": 2'),
    ],
    ids=["missing", "masked by the runner", "not a digest", "of another revision"],
)
def test_an_outcome_without_its_send_is_an_error(lost, cli, damage):
    """Outcomes whose send is missing or damaged in the log are an error that names them."""
    here, log = lost
    lines = [damage(line) if line.startswith("sendspec-send ") else line for line in log.splitlines()]
    rewind(here, "\n".join(lines))
    done = cli("resolve", "--from-log", "run.log", "--target", "production")
    assert done.code == 1
    assert "gate/change#1" in done.err
    assert "the ledger still lacks these requests" in done.err


@pytest.mark.red_team(2)
def test_apply_does_not_repeat_a_request_that_only_the_spool_has(cli, tmp_path):
    """A spool of a request that the ledger lost stops apply, until `resolve` restores the request."""
    specs = project(tmp_path / "specs", GATE)
    assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 0
    lockfile = specs / "sendspec.sandbox.lock"
    empty = LedgerState("sandbox", "sandbox")
    record = lockfile_state(lockfile.read_bytes(), FileNames("lock", ""), empty).sends["gate/change"]
    [row] = json.loads((tmp_path / "receipt.json").read_text())["requests"]
    key, accepted = RequestKey("gate/change", 1, 1), OutcomeReason.ACCEPTED
    sent = Result(key, record.endpoint, RequestState.SENT, accepted, 1, transaction_id=row["transactionId"])
    header = format_send_line("sandbox", "sandbox", "gate/change", record)
    outcome = format_log_line("sandbox", "sandbox", "lost", sent, record.requests[0].at)
    (specs / ".sendspec" / "sandbox.spool").write_text(f"{header}\n{outcome}\n")
    lockfile.unlink()
    received = specs / ".sendspec" / "sandbox" / "received.jsonl"
    before = received.read_bytes()
    refused = cli("apply", "--auto-approve")
    assert refused.code == 1
    assert "has 1 request that the ledger does not have\n" in refused.err
    assert received.read_bytes() == before
    command = re.search(r"add what the ledger lost with `sendspec (.*)`", refused.err)
    assert command is not None
    assert cli(*shlex.split(command.group(1))).code == 0
    again = cli("apply", "--auto-approve")
    assert (again.code, "everything was already sent" in again.err) == (0, True)
    assert received.read_bytes() == before
