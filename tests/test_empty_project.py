"""A project whose last campaign was deleted: nothing is sent, and what was sent before is shown."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, TEASER, lockfile, project

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "note: specs has no campaigns, so nothing is sent"
VERBS = (
    "validate",
    "render",
    "plan",
    "apply --auto-approve",
    "status",
    "watch",
    "doctor",
    "fmt --check",
    "init --ledger --target sandbox",
)


@pytest.fixture
def sent(tmp_path: Path, cli, monkeypatch) -> Path:
    """Return a project that has sent one campaign, and then lost its folder."""
    monkeypatch.chdir(tmp_path)
    specs = project(tmp_path / "specs", GATE)
    assert cli("apply", "--auto-approve").code == 0
    shutil.rmtree(specs / "campaigns")
    return specs


@pytest.mark.parametrize("is_folder", [False, True], ids=["no folder", "an empty folder"])
def test_every_verb_accepts_a_project_without_campaigns(is_folder, sent: Path, cli):
    """A clean-up does not make a verb fail, and the ledger keeps every send."""
    before = lockfile(sent)
    if is_folder:
        (sent / "campaigns").mkdir()
    for verb in VERBS:
        done = cli(*verb.split())
        assert (done.code, "error:" in done.err) == (0, False), done.err
        assert (NOTE in done.err) == (verb not in ("doctor", "fmt --check")), verb
        assert lockfile(sent)["sends"].keys() == before["sends"].keys()


def test_what_was_sent_is_still_queried(sent: Path, cli):
    """`status` asks for the transactions of sends that left the specs."""
    assert "gate/change" in cli("status").out
    planned = json.loads(cli("plan", "--format", "json").out)
    assert [action["reason"] for action in planned["actions"]] == ["removed"]


def test_a_job_at_the_vendor_is_still_reported(tmp_path: Path, cli, monkeypatch):
    """`plan` and `watch` show a scheduled job whose campaign was deleted, and cancel nothing."""
    monkeypatch.chdir(tmp_path)
    specs = project(tmp_path / "specs", TEASER)
    assert cli("apply", "--auto-approve").code == 0
    shutil.rmtree(specs / "campaigns")
    done = cli("watch")
    assert (done.code, "although the specs do not have the send" in " ".join(done.out.split())) == (3, True)
    assert "is with the vendor and still goes out" in " ".join(cli("plan").out.split())
    before = lockfile(specs)
    assert cli("apply", "--auto-approve").code == 0
    assert lockfile(specs) == before


def test_a_new_target_of_a_project_without_campaigns(tmp_path: Path, cli, monkeypatch):
    """The ledger can be created before the first campaign is merged."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    monkeypatch.chdir(clone)
    project(clone / "specs", settings="version: 1\ntargets: {production: {pod: us-1, ledger: git}}\n")
    git("add", "specs/sendspec.yaml", where=clone)
    assert cli("init", "--ledger", "--target", "production").code == 0
    done = cli("plan", "--target", "production")
    assert (done.code, done.out.startswith("Nothing to send")) == (0, True), done.err


def test_a_campaign_that_is_not_read_is_named(sent: Path, cli):
    """A wrong name of the last campaign or its folder is a note, not a silent clean-up."""
    names = ("campaigns/sale.yaml.bak", "campaigns/sale.json", "campaign/sale.yaml")
    for name in names:
        (sent / name).parent.mkdir(exist_ok=True)
        (sent / name).write_text(GATE)
    done = cli("plan")
    for name in names:
        assert f"specs/{name}:1:1: info [ignored-file]: sendspec does not read this file" in done.out
    assert NOTE in done.err


def test_a_directory_without_settings_stays_an_error(sent: Path, cli):
    """A mistaken directory is not a project without campaigns."""
    (sent / "sendspec.yaml").unlink()
    for verb in ("validate", "plan", "apply", "status", "watch"):
        done = cli(verb, "specs")
        assert (done.code, "sendspec.yaml:1:1" in done.out + done.err) == (1, True), verb
