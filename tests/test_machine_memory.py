"""What a machine remembers of a file ledger whose files git, a person or a copy took away."""

from __future__ import annotations

import json
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sendspec.sandbox import SandboxServer
from sendspec.state_directory import state_directory
from tests.ledgers import git
from tests.processes.campaigns import BATCHES, notices
from tests.processes.runs import CREDENTIALS, clean_environment
from tests.projects import SENDSPEC, lockfile, project
from tests.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TARGET = ("--target", "vendor")
SETTINGS = "version: 1\ntargets: {{vendor: {{baseUrl: '{url}', sandbox: true, concurrency: 1}}}}\n"
OLD_GITIGNORE = ".sendspec/\n*.journal\n*.sandbox.lock\n"
"""The file that earlier versions of `sendspec init` wrote."""


class Machine(NamedTuple):
    """A machine on which a run was killed: its work tree and its memory, and copies of both."""

    tree: Path
    state: Path
    backup: Path
    vendor: SandboxClient

    @property
    def specs(self) -> Path:
        return self.tree / "specs"

    def restore(self) -> None:
        for path in (self.tree, self.state):
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(self.backup / path.name, path, symlinks=True)

    def accepted(self) -> dict[str, int]:
        """Return how often the vendor accepted each text."""
        texts = [post["body"]["content"] for post in self.vendor.received() if post["accepted"]]
        return {text: texts.count(text) for text in texts}


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Iterator[Machine]:
    """Kill an apply after two requests were accepted and recorded, while the third is in flight."""
    root = tmp_path_factory.mktemp("machine")
    with SandboxServer() as server, SandboxClient(server.base_url) as vendor:
        machine = Machine(root / "tree", root / "state", root / "backup", vendor)
        project(machine.specs, notices(2), BATCHES, settings=SETTINGS.format(url=server.base_url))
        (machine.specs / ".gitignore").write_text(OLD_GITIGNORE)
        git("init", "--quiet", "--initial-branch=main", where=machine.tree)
        git("add", ".", where=machine.tree)
        git("commit", "--quiet", "--message=specs", where=machine.tree)
        vendor.arm("hold", endpoint="contacts")
        process = subprocess.Popen(
            [SENDSPEC, "apply", "specs", *TARGET, "--auto-approve"],
            cwd=machine.tree,
            env=clean_environment(**CREDENTIALS, XDG_STATE_HOME=str(machine.state)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        vendor.wait_held(1)
        [copy] = machine.state.rglob("known.journal")
        while copy.read_bytes().count(b'"state":"sent"') < 2:  # The third post does not wait for these lines.
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        vendor.release()
        for path in (machine.tree, machine.state):
            shutil.copytree(path, machine.backup / path.name, symlinks=True)
        yield machine


@pytest.fixture
def machine(killed: Machine, cli, monkeypatch) -> Machine:
    killed.restore()
    monkeypatch.setenv("XDG_STATE_HOME", str(killed.state))
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(killed.tree)
    return killed


def clean_ignored(machine: Machine) -> Path:
    git("clean", "-fdXq", where=machine.tree)
    return machine.specs


def clean_all(machine: Machine) -> Path:
    git("clean", "-fdxq", where=machine.tree)
    return machine.specs


def stash(machine: Machine) -> Path:
    git("stash", "--quiet", "--all", where=machine.tree)
    return machine.specs


def check_out_and_clean(machine: Machine) -> Path:
    git("add", "--force", "specs", where=machine.tree)
    git("commit", "--quiet", "--message=journal", where=machine.tree)
    git("checkout", "--quiet", "HEAD~1", where=machine.tree)
    return clean_all(machine)


def work_tree(machine: Machine) -> Path:
    git("worktree", "add", "--quiet", "../linked", where=machine.tree)
    return machine.tree.parent / "linked" / "specs"


def copy_of_specs(machine: Machine) -> Path:
    copy = machine.tree.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(machine.specs, copy, ignore=shutil.ignore_patterns(".sendspec", "*.lock", "*.journal"))
    return copy


@pytest.mark.red_team(4)
@pytest.mark.parametrize(
    "take_away", [clean_ignored, clean_all, stash, check_out_and_clean, work_tree, copy_of_specs]
)
def test_a_lost_journal_sends_nothing_again(
    take_away: Callable[[Machine], Path], machine: Machine, cli
) -> None:
    """After a kill, whatever takes the journal away, the sent stays sent and the open becomes unknown."""
    before = machine.accepted()
    specs = take_away(machine)
    planned = cli("plan", specs, *TARGET, "--full")
    assert "lacks 3 requests that this machine started: gate/change[B0]#1, " in planned.err
    assert "= gate/change[B0]" in planned.out
    assert "? sale/last-call" in planned.out
    applied = cli("apply", specs, *TARGET, "--auto-approve")
    assert applied.code == 7, applied
    assert "apply records these requests and sends none of them again" in applied.err
    assert machine.accepted() == before
    assert set(before.values()) == {1}
    states = {
        address: record["requests"][0]["state"]
        for address, record in lockfile(specs, "vendor")["sends"].items()
    }
    assert states == {"gate/change[B0]": "sent", "gate/change[B1]": "sent", "sale/last-call": "unknown"}
    again = cli("plan", specs, *TARGET)
    assert "lacks" not in again.err
    reason = ("--reason", "in the vendor's reports", "--dir", specs)
    assert cli("resolve", "sale/last-call#1", *TARGET, "--sent", "1a2b-3c", *reason).code == 0
    assert cli("apply", specs, *TARGET, "--auto-approve").code == 0
    assert machine.accepted() == before


@pytest.mark.red_team(4)
def test_two_directories_of_one_target_do_not_send_at_the_same_time(machine: Machine, cli) -> None:
    """While a run of one directory holds the account and target, a run of a copy is refused."""
    machine.vendor.arm("hold", endpoint="contacts")
    other = BATCHES.replace("sale", "other").replace("20%", "30%")
    (machine.specs / "campaigns" / "more.yaml").write_text(other)
    copy = copy_of_specs(machine)
    process = subprocess.Popen(
        [SENDSPEC, "apply", machine.specs, *TARGET, "--auto-approve"],
        env=clean_environment(**CREDENTIALS, XDG_STATE_HOME=str(machine.state)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    machine.vendor.wait_held(1)
    assert cli("apply", copy, *TARGET, "--auto-approve").code == 5
    assert "? other/last-call" in cli("plan", copy, *TARGET).out
    machine.vendor.release()
    assert process.wait() == 7
    assert "= other/last-call" in cli("plan", copy, *TARGET, "--full").out


@pytest.mark.red_team(4)
def test_another_history_of_one_serial_is_noticed(machine: Machine, cli) -> None:
    """A lockfile of another clone with the same serial lacks what this machine sent, and is reported."""
    path = machine.specs / "sendspec.vendor.lock"
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    other = lockfile(machine.specs, "vendor")
    del other["digest"]  # Lockfiles of the first versions have none.
    del other["sends"]["gate/change[B1]"]

    path.write_text(json.dumps(other, indent=2))
    before = machine.accepted()
    done = cli("apply", "specs", *TARGET, "--auto-approve")
    assert "lacks 1 request that this machine started: gate/change[B1]#1; " in done.err
    assert "it has another history than this machine has seen" in done.err
    assert machine.accepted() == before
    assert lockfile(machine.specs, "vendor")["sends"]["gate/change[B1]"]["requests"][0]["state"] == "sent"


@pytest.mark.red_team(4)
def test_an_earlier_refusal_does_not_settle_a_later_attempt(machine: Machine, cli) -> None:
    """A lockfile that says not sent, from before the attempt of a killed run, does not let it go again."""
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    value = lockfile(machine.specs, "vendor")
    del value["digest"]  # Lockfiles of the first versions have none.
    [request] = value["sends"]["sale/last-call"]["requests"]
    request |= {"state": "not-sent", "at": "2020-01-01T00:00:00Z", "attempts": 0, "reason": "expired"}
    request.pop("run", None)

    (machine.specs / "sendspec.vendor.lock").write_text(json.dumps(value))
    before = machine.accepted()
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    assert machine.accepted() == before


def test_a_later_outcome_of_another_machine_settles_a_request(machine: Machine, cli) -> None:
    """A lockfile in which a colleague settled a request later is believed."""
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    value = lockfile(machine.specs, "vendor")
    del value["digest"]  # Lockfiles of the first versions have none.
    [request] = value["sends"]["sale/last-call"]["requests"]
    request |= {"state": "not-sent", "at": "2090-01-01T00:00:00Z", "settledBy": "person"}
    request.pop("run", None)

    (machine.specs / "sendspec.vendor.lock").write_text(json.dumps(value | {"serial": value["serial"] + 1}))
    planned = cli("plan", "specs", *TARGET)
    assert ("+ sale/last-call" in planned.out, "lacks" in planned.err) == (True, False)


def test_requests_of_another_project_stay_out_of_the_ledger(machine: Machine, cli) -> None:
    """A project of the same account and target without these campaigns neither shows nor stores them."""
    other = machine.tree.parent / "other"
    shutil.rmtree(other, ignore_errors=True)
    settings = (machine.specs / "sendspec.yaml").read_text()
    project(other, BATCHES.replace("sale", "mine"), settings=settings)
    done = cli("apply", other, *TARGET, "--auto-approve")
    assert (done.code, "lacks" in done.err) == (0, False)
    assert list(lockfile(other, "vendor")["sends"]) == ["mine/last-call"]
    assert "lacks 3 requests" in cli("plan", clean_all(machine), *TARGET).err


def test_a_new_ledger_has_what_the_machine_remembers(machine: Machine, cli) -> None:
    """`init --ledger` after a loss creates a ledger with every remembered request, and says so."""
    clean_all(machine)
    done = cli("init", "--ledger", *TARGET, "specs")
    assert done.code == 0
    assert "lacks 3 requests that this machine started" in done.err
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    assert len(lockfile(machine.specs, "vendor")["sends"]) == 3


@pytest.mark.red_team(4)
def test_a_folder_that_cannot_be_written_stops_a_file_ledger(machine: Machine, cli, monkeypatch) -> None:
    """Without a memory a file ledger sends nothing, and the hint names the variable."""
    (machine.tree / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(machine.tree / "file"))
    before = machine.accepted()
    done = cli("apply", "specs", *TARGET, "--auto-approve")
    assert done.code == 1
    assert "hint: set XDG_STATE_HOME to a folder that you may write to" in done.err
    assert machine.accepted() == before


def test_the_memory_is_private_and_has_no_personal_data(machine: Machine, cli) -> None:
    """Folders are for the owner only, files too, and no file contains a phone number or a secret."""
    cli("apply", "specs", *TARGET, "--auto-approve")
    paths = [machine.state, *machine.state.rglob("*")]
    files = [path for path in paths if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    contents = b"".join(path.read_bytes() for path in files)
    assert contents
    assert b"5550" not in contents
    assert all(secret.encode() not in contents for secret in CREDENTIALS.values())


def test_the_sandbox_is_not_remembered(cli, tmp_path) -> None:
    """The built-in sandbox keeps everything in the project directory, so deleting it resets both."""
    project(tmp_path / "specs", notices(1))
    assert cli("apply", "--auto-approve").code == 0
    (tmp_path / "specs" / "sendspec.sandbox.lock").unlink()
    shutil.rmtree(tmp_path / "specs" / ".sendspec")
    again = cli("apply", "--auto-approve")
    assert (again.code, "1 request sent" in again.err) == (0, True)


def test_the_serial_of_an_earlier_version_still_counts(machine: Machine, cli) -> None:
    """The file `.seen` of versions without a memory refuses an older lockfile, and is moved."""
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    shutil.rmtree(machine.state)
    seen = machine.specs / ".sendspec" / "vendor.seen"
    seen.write_text("9\n")
    done = cli("apply", "specs", *TARGET, "--auto-approve")
    assert (done.code, "this machine has seen serial 9" in done.err) == (1, True)
    seen.write_text("2\n")
    assert cli("apply", "specs", *TARGET, "--auto-approve").code == 7
    assert not seen.exists()


def test_a_relative_state_home_is_ignored(cli, tmp_path, monkeypatch) -> None:
    """A path that is not absolute counts as not set, as the XDG specification demands."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_directory({"XDG_STATE_HOME": "state"}) == tmp_path / ".local" / "state" / "sendspec"
    assert state_directory({"XDG_STATE_HOME": "/state"}) == Path("/state/sendspec")
