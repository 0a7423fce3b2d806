"""The request log of an apply, from which `resolve --from-log` recovers a lost machine's outcomes."""

from __future__ import annotations

import json

import pytest

from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, TEASER, project
from tests.servers import ScriptedServer, envelope, response, serving

SETTINGS = "version: 1\ntargets:\n  production: {{baseUrl: '{url}', ledger: git}}\n"
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
