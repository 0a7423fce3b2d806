"""Files that verbs write: never through a link of the checkout, never over a file of the project."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from sendspec.ledger.filesystem import RealFilesystem
from sendspec.report.formats import FINDINGS_FORMAT_NAMES, PLAN_FORMAT_NAMES
from tests.processes.runs import zygote
from tests.projects import GATE, lockfile, people, project
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {
    "receipt": ("apply", "--auto-approve", "--receipt"),
    "saved plan": ("plan", "--save"),
    "output": ("plan", "--format", "json", "--output"),
    "format": ("plan", "--format"),
}
EXIT_CODES = {"receipt": 1, "saved plan": 1, "output": 64, "format": 64}
"""The exit code if the file cannot be written."""


@pytest.mark.red_team(17)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("through", ["a file", "a folder", "a dangling link"])
def test_no_option_writes_through_a_committed_link(through, option, cli, tmp_path: Path) -> None:
    """A link, or a folder that is one, is refused; what it leads to is unchanged, and nothing is sent."""
    specs = project(tmp_path / "specs", GATE)
    victim = tmp_path / "elsewhere" / "victim.json"
    victim.parent.mkdir()
    victim.write_text("{}")
    if through == "a folder":
        (tmp_path / "out").symlink_to(victim.parent)
    else:
        (tmp_path / "out").mkdir()
        name = "victim.json" if through == "a file" else "missing.json"
        (tmp_path / "out" / "victim.json").symlink_to(victim.parent / name)
    done = cli(*OPTIONS[option], f"{'json=' if option == 'format' else ''}out/victim.json")
    assert (done.code, "symbolic link" in done.err) == (EXIT_CODES[option], True)
    assert [path.name for path in victim.parent.iterdir()] == ["victim.json"]
    assert victim.read_text() == "{}"
    assert not (specs / "sendspec.sandbox.lock").exists()


@pytest.mark.red_team(17)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", ["sendspec.sandbox.lock", "sendspec.sandbox.journal", "sendspec.yaml"])
def test_no_option_replaces_a_file_of_the_project(name, option, cli, tmp_path: Path) -> None:
    """Lockfile, journal and settings are refused as output."""
    specs = project(tmp_path / "specs", GATE)
    assert cli("apply", "--auto-approve").code == 0
    before = {path.name: path.read_bytes() for path in specs.iterdir() if path.is_file()}
    done = cli(*OPTIONS[option], f"{'json=' if option == 'format' else ''}specs/{name}")
    assert (done.code, "it is a file of sendspec" in done.err) == (EXIT_CODES[option], True)
    assert {path.name: path.read_bytes() for path in specs.iterdir() if path.is_file()} == before


@pytest.mark.red_team(17)
@pytest.mark.parametrize("option", [*OPTIONS, "failed contacts"])
def test_no_option_replaces_a_spec_or_a_list(option, cli, tmp_path: Path) -> None:
    """A campaign, and a list with any name and format, stay as they are."""
    specs = tmp_path / "specs"
    lists = {
        "contacts/en.csv": b"\xef\xbb\xbfcontactId\r\n12125550123\r\n",
        "contacts/opt-out.txt": b"phoneNumber\n12125550123\n",
        "contacts/one.jsonl": b'{"contactId": "12125550123", "version": 1}\n',
        "contacts/one.json": b'{"version": 1, "contactId": "12125550123"}\n',
        "contacts/deep/vip.parquet": b"PAR1\x00\x15\x04PAR1",
        "contacts/vip.csv.gz": b"\x1f\x8b\x08\x00",
        "prices.csv": b"country,price\nUS,0.01\n",
        "drafts/new.yml": b"description: error in 1:1\ncampaign: new\n",
        "drafts/json.yaml": b'{\n  "campaign": "new", "version": 1\n}\n',
    }
    words = OPTIONS.get(option, ("status", "--interval", "0", "--timeout", "5", "--failed-csv"))
    with sandboxed(specs, GATE):
        assert option != "failed contacts" or cli("apply", "--auto-approve").code == 0
        for name, content in lists.items():
            (specs / name).parent.mkdir(exist_ok=True)
            (specs / name).write_bytes(content)
        lists["campaigns/c0.yaml"] = GATE.encode()
        for index, (name, content) in enumerate(lists.items()):
            shown = f"specs/{name}" if index % 2 else f"{specs}/contacts/../{name}"
            done = cli(*words, f"{'json=' if option == 'format' else ''}{shown}")
            assert (done.code, f"cannot write {shown}: " in done.err) == (EXIT_CODES.get(option, 1), True)
            assert (specs / name).read_bytes() == content
    assert list(tmp_path.rglob("*.tmp")) == []


def test_outputs_in_a_project_are_replaced(cli, tmp_path: Path) -> None:
    """Each format of each verb can be written to the same file again, whatever its name and its result."""
    specs = project(tmp_path / "specs", GATE)
    assert cli("apply", "--auto-approve").code == 0
    texts = {
        "plan": PLAN_FORMAT_NAMES,
        "validate": FINDINGS_FORMAT_NAMES,
        "status": ("text", "json", "markdown"),
        "rules": ("text", "json"),
        "watch": ("text", "json", "markdown"),
        "doctor": ("text", "json"),
    }
    runs = [
        (verb, "--format", f"{form}=specs/{verb}.{form}") for verb, forms in texts.items() for form in forms
    ]
    runs += [
        ("render", "-o", "specs/render"),
        ("schema", "campaign", "-o", "specs/campaign.json"),
        ("plan", "--save", "specs/saved"),
        ("status", "--failed-csv", "specs/failed.csv", "--interval", "0"),
        ("apply", "--auto-approve", "--receipt", "specs/receipt"),
    ]
    campaign = specs / "campaigns" / "c0.yaml"
    for content in (GATE.replace("now leaves", "leaves"), GATE + "x: 1\n", GATE):
        campaign.write_text(content)
        errors = [done.err for words in runs if "cannot write" in (done := cli(*words)).err]
        assert errors == []


@pytest.mark.red_team(17)
def test_a_receipt_replaces_only_a_receipt(cli, tmp_path: Path) -> None:
    """A campaign, a list, notes and a pipe under the name of the receipt are refused before any send."""
    specs = project(tmp_path / "specs", GATE)
    (tmp_path / "notes.txt").write_text("Acme\n")
    (specs / "contacts" / "people.csv").write_text(people(3))
    os.mkfifo(tmp_path / "pipe")
    for name in ("specs/campaigns/c0.yaml", "specs/contacts/people.csv", "notes.txt", "pipe"):
        done = cli("apply", "--auto-approve", "--receipt", name)
        assert (done.code, done.err.startswith(f"error: cannot write {name}: ")) == (1, True)
    assert (specs / "campaigns" / "c0.yaml").read_text() == GATE
    assert not (specs / "sendspec.sandbox.lock").exists()
    for _ in range(2):
        assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 0
    assert json.loads((tmp_path / "receipt.json").read_text())["exitCode"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "pipe", "receipt.json", "specs"]
    assert list(tmp_path.rglob("*.tmp")) == []


@pytest.mark.red_team(17)
def test_failed_contacts_are_not_written_through_a_link(cli, tmp_path: Path) -> None:
    """The list of `status --failed-csv` neither follows a link nor replaces the lockfile."""
    with sandboxed(tmp_path / "specs", GATE):
        assert cli("apply", "--auto-approve").code == 0
        before = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
        (tmp_path / "failed.csv").symlink_to(tmp_path / "specs" / "sendspec.sandbox.lock")
        for name in ("failed.csv", "specs/sendspec.sandbox.lock"):
            done = cli("status", "--interval", "0", "--timeout", "5", "--failed-csv", name)
            assert (done.code, f"cannot write {name}: " in done.err) == (1, True)
        text = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
    assert b"12125550123" not in text
    assert text[:40] == before[:40]


@pytest.mark.red_team(14)
@pytest.mark.parametrize("broken", [".sendspec", "sendspec.sandbox.lock.tmp", "sendspec.sandbox.journal"])
def test_a_ledger_that_breaks_while_sending_hides_no_result(broken, tmp_path: Path) -> None:
    """The receipt has the request that was sent, and the exit code is 7 if the ledger lacks its outcome."""
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE) as client:
        client.arm("hold", after=True)
        words = ("apply", "--auto-approve", "--receipt", "receipt.json")
        run = zygote().start(*words, where=tmp_path)
        run.begin()
        client.wait_held(1)
        if (specs / broken).exists():
            (specs / broken).rename(tmp_path / "moved")
        # A file in place of a folder, and a folder in place of a file, fail in different calls.
        (specs / broken).touch() if broken == ".sendspec" else (specs / broken / "x").mkdir(parents=True)
        client.release()
        done = run.end()
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert [request["state"] for request in receipt["requests"]] == ["sent"]
    assert done.code == receipt["exitCode"] == (1 if broken.endswith(".tmp") else 7)
    assert "nothing was sent" not in done.err


@pytest.mark.red_team(14)
def test_a_defect_at_the_end_of_a_session_hides_no_result(cli, monkeypatch, tmp_path: Path) -> None:
    """The receipt has what was sent, whatever error escapes after it."""

    def fail(self: RealFilesystem, path: Path) -> None:
        raise RuntimeError("a defect")

    project(tmp_path / "specs", GATE)
    monkeypatch.setattr(RealFilesystem, "remove", fail)
    done = cli("apply", "--auto-approve", "--receipt", "receipt.json")
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert [request["state"] for request in receipt["requests"]] == ["sent"]
    assert (done.code, receipt["exitCode"]) == (1, 1)
    assert "internal error: RuntimeError: a defect; the receipt has the results so far" in done.err


@pytest.mark.red_team(14)
def test_a_lock_below_a_file_is_lost(tmp_path: Path) -> None:
    """A file that replaced the folder of the lock means that the lock is not held, not an error."""
    filesystem = RealFilesystem()
    handle = filesystem.lock(tmp_path / "folder" / "lock", b"me")
    assert filesystem.is_named(handle, tmp_path / "folder" / "lock")
    (tmp_path / "folder").rename(tmp_path / "moved")
    (tmp_path / "folder").touch()
    assert not filesystem.is_named(handle, tmp_path / "folder" / "lock")
    filesystem.close(handle)


@pytest.mark.red_team(22)
@pytest.mark.parametrize("seconds", ["inf", "nan", "-1", "-inf", "1e999"])
@pytest.mark.parametrize("option", ["--timeout", "--interval"])
def test_a_wait_is_a_finite_number_of_seconds(option, seconds, cli, tmp_path: Path) -> None:
    """A wait without an end, or that is not a number, is a usage error."""
    project(tmp_path / "specs", GATE)
    assert cli("status", f"{option}={seconds}").code == 64


@pytest.mark.red_team(22)
@pytest.mark.parametrize(
    "command", ["##vso[task.setvariable variable=x]y", "##[add-mask]x", "::set-output::x"]
)
def test_no_text_is_a_command_of_a_ci_service(command, cli, monkeypatch, tmp_path: Path) -> None:
    """Neither plan nor render prints a line that Azure or GitHub executes."""
    project(tmp_path / "specs", GATE.replace("your flight", f"your flight {command}"))
    monkeypatch.setenv("TF_BUILD", "True")
    for verb in ("plan", "render", "validate"):
        done = cli(verb)
        printed = done.out + done.err
        assert "##vso[" not in printed
        assert "##[" not in printed
        assert not any(line.lstrip().startswith("::") for line in printed.splitlines())


@pytest.mark.red_team(22)
@pytest.mark.parametrize("name", ["sendspec.yaml", ".gitignore", "campaigns/spring-sale.yaml"])
def test_init_does_not_write_through_a_dangling_link(name, cli, tmp_path: Path) -> None:
    """A link to a missing file is refused, and the file stays missing."""
    path = tmp_path / "specs" / name
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "missing")
    assert cli("init").code == 1
    assert not (tmp_path / "missing").exists()


def test_the_lockfile_of_a_finished_run_is_unchanged(cli, tmp_path: Path) -> None:
    """A second run without work writes a receipt beside it and leaves the lockfile as it is."""
    specs = project(tmp_path / "specs", GATE)
    cli("apply", "--auto-approve", "--receipt", "receipt.json")
    before = lockfile(specs)
    assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 0
    assert lockfile(specs) == before
