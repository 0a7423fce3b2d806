"""The contact store: apply sends the contacts of its plan, and leaves nothing on the disk."""

from __future__ import annotations

import json
import os
import signal
import stat
import tempfile
from pathlib import Path

import pytest

from sendspec.audience import ContactStore
from sendspec.driver import BodySource
from sendspec.errors import SendspecError
from sendspec.model import RequestKey
from tests.plans import plan_specs
from tests.processes.runs import zygote
from tests.projects import CONTACTS, GATE, number, people, project
from tests.servers import ScriptedServer, envelope, response, serving

SALE = RequestKey("sale/last-call", 1, 1)
PEOPLE = Path("specs/contacts/people.csv")
OPT_OUT = Path("specs/contacts/opt-out.csv")
EXCLUDING = CONTACTS.replace("    contacts:", "    exclude: [../contacts/opt-out.csv]\n    contacts:")
WARNING = "changed after this plan was made; sendspec sent the contacts of the plan"


def every_file(directory: Path) -> set[Path]:
    """Return every path below a directory."""
    return set(directory.rglob("*"))


@pytest.mark.parametrize("count", [3, 2001])
def test_apply_posts_the_bytes_that_render_prints(cli, tmp_path, count):
    """Each body at the vendor is byte for byte the one that `render` prints."""
    posted: list[bytes] = []

    def answer(request):
        if request.path == "/oauth/token":
            return response(200, {"access_token": "t", "token_type": "bearer", "expires_in": 14400})
        posted.append(request.body)
        return response(202, envelope({"id": f"t-{len(posted)}"}))

    with ScriptedServer((serving(answer),)) as server:
        settings = f"version: 1\ntargets:\n  sandbox: {{baseUrl: '{server.base_url}', concurrency: 1}}\n"
        project(tmp_path / "specs", CONTACTS, GATE, settings=settings, count=count)
        lines = cli("render").out.splitlines()
        assert cli("apply", "--auto-approve").code == 0
    # The order of the two sends at the vendor is not fixed; that of the requests of one send is.
    assert sorted(posted) == sorted(line.partition('"body":')[2][:-1].encode() for line in lines)


@pytest.mark.red_team(23)
@pytest.mark.parametrize("change", ["edited", "removed", "replaced by a folder"])
def test_a_list_that_changes_after_the_plan_is_sent_as_planned(cli, tmp_path, change):
    """The vendor gets the contacts of the plan, and the run names the list that changed."""
    posted: list[bytes] = []

    def change_lists():
        PEOPLE.unlink()
        if change == "edited":
            PEOPLE.write_text(people(3, name="Eve"))
        elif change != "removed":
            PEOPLE.mkdir()
        OPT_OUT.write_text(f"contactId\n{number(0)}\n")

    def answer(request):
        if request.path == "/oauth/token":
            # The token is requested for the first post, so the plan is complete by then.
            change_lists()
            return response(200, {"access_token": "t", "token_type": "bearer", "expires_in": 14400})
        posted.append(request.body)
        return response(202, envelope({"id": "t-1"}))

    with ScriptedServer((serving(answer),)) as server:
        settings = f"version: 1\ntargets:\n  sandbox: {{baseUrl: '{server.base_url}'}}\n"
        project(tmp_path / "specs", EXCLUDING, settings=settings)
        OPT_OUT.write_text("contactId\n")
        done = cli("apply", "--auto-approve", "--receipt", "receipt.json")
    [body] = [json.loads(body) for body in posted]
    names = [contact["personalization"]["NAME"] for contact in body["contacts"]]
    assert (done.code, names) == (0, ["Ada", "Ada", "Ada"])
    assert done.err.count(WARNING) == 2
    receipt = json.loads(Path("receipt.json").read_text())
    assert receipt["changedLists"] == ["specs/contacts/opt-out.csv", "specs/contacts/people.csv"]


def test_lists_that_stay_as_they_were_are_not_named(cli, tmp_path):
    """A run without changes warns about none."""
    project(tmp_path / "specs", EXCLUDING)
    OPT_OUT.write_text(f"contactId\n{number(0)}\n")
    done = cli("apply", "--auto-approve", "--receipt", "receipt.json")
    assert (done.code, WARNING in done.err) == (0, False)
    assert json.loads(Path("receipt.json").read_text())["changedLists"] == []


@pytest.mark.red_team(24)
def test_a_killed_run_leaves_no_contacts_behind(tmp_path):
    """The store has no name, is private, and is lost with its process; no folder has anything new."""
    folder, state = tmp_path / "tmp", tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    project(tmp_path / "specs", CONTACTS, count=2001)
    before = every_file(tmp_path)
    run = zygote().start("apply", where=tmp_path, TMPDIR=str(folder), XDG_STATE_HOME=str(state))
    run.begin()
    assert run.asked()
    files = Path(f"/proc/{run.pid}/fd").iterdir()
    [store] = [file.stat() for file in files if file.readlink().is_relative_to(folder)]
    assert (stat.S_IMODE(store.st_mode), store.st_nlink, store.st_size > 50_000) == (0o600, 0, True)
    assert every_file(folder) == set()
    os.kill(run.pid, signal.SIGKILL)
    assert run.end().code == -signal.SIGKILL
    left = every_file(tmp_path) - before
    assert {path for path in left if path.is_relative_to(folder)} == set()
    assert [path for path in left if path.is_file() and number(7).encode() in path.read_bytes()] == []


def test_a_plan_without_an_apply_stores_nothing(cli, tmp_path, monkeypatch):
    """`plan` and `validate` need no folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    project(tmp_path / "specs", CONTACTS)
    assert (cli("plan").code, cli("validate").code) == (0, 0)


def test_contacts_that_cannot_be_stored_are_not_sent(cli, tmp_path, monkeypatch):
    """Without a usable folder for temporary files, apply sends nothing and says which folder it is."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    project(tmp_path / "specs", CONTACTS)
    done = cli("apply", "--auto-approve")
    assert (done.code, done.out) == (1, "")
    assert f"cannot store the contacts in {tmp_path}/missing: No such file" in done.err
    assert "nothing was sent" in done.err


def test_a_send_that_waits_is_not_stored(cli, tmp_path, monkeypatch):
    """A send before its `notBefore` cannot be sent by this run, so its contacts are not written."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    project(tmp_path / "specs", CONTACTS.replace("    ttl", '    notBefore: "2099-01-01T15:00:00Z"\n    ttl'))
    assert cli("apply", "--auto-approve").code == 0


def test_sends_that_share_a_list_share_its_contacts(tmp_path, monkeypatch):
    """Both bodies have the contacts of the list, which the store has once."""
    monkeypatch.chdir(tmp_path)
    second = CONTACTS.partition("sends:\n")[2].replace("last-call", "again").replace("20%", "30%")
    project(tmp_path / "specs", CONTACTS + second)
    with ContactStore() as store:
        bodies = BodySource(plan_specs(store=store), store)
        texts = [
            json.loads(bodies.take(SALE._replace(address=f"sale/{name}"))[1])
            for name in ("last-call", "again")
        ]
    assert texts[0]["contacts"] == texts[1]["contacts"]
    assert texts[0]["content"] != texts[1]["content"]


def test_contacts_of_another_plan_are_not_posted(tmp_path, monkeypatch):
    """A body whose stored contacts differ from those of the plan is refused."""
    monkeypatch.chdir(tmp_path)
    project(tmp_path / "specs", CONTACTS)
    with ContactStore() as store:
        plan = plan_specs(store=store)
        (tmp_path / PEOPLE).write_text(people(3, name="Eve"))
        store.clear()
        plan_specs(store=store)
        with pytest.raises(SendspecError, match="the stored contacts are not those of the plan"):
            BodySource(plan, store).take(SALE)
        store.clear()
        with pytest.raises(SendspecError, match="the stored contacts are not those of the plan"):
            BodySource(plan, store).take(SALE)
