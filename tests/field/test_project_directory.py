"""The project directory of a command line that names none."""

from __future__ import annotations

import json
import os

import pytest

from tests.projects import GATE, lockfile, project

NAMED = "using the project directory"


@pytest.fixture
def specs(tmp_path):
    """A project in `specs`, with a campaign in a subfolder."""
    specs = project(tmp_path / "specs")
    (specs / "campaigns" / "2026").mkdir()
    (specs / "campaigns" / "2026" / "gate.yaml").write_text(GATE)
    return specs


FOUND = {"specs": ".", "specs/campaigns": "..", "specs/contacts": "..", "specs/campaigns/2026": "../.."}


@pytest.mark.field_case(25)
@pytest.mark.parametrize("folder", FOUND)
def test_the_nearest_project_above_is_used(folder, specs, cli, monkeypatch):
    """Every verb in a folder of a project uses that project, and names it on standard error."""
    monkeypatch.chdir(specs.parent / folder)
    found = FOUND[folder]
    planned = cli("plan", "--format", "json")
    assert (planned.code, planned.err) == (0, f"{NAMED} {found} ({specs})\n")
    assert [action["address"] for action in json.loads(planned.out)["actions"]] == ["gate/change"]
    assert json.loads(cli("render").out)["address"] == "gate/change#1"
    applied = cli("apply", "--auto-approve")
    assert (applied.code, applied.err.splitlines()[0]) == (0, f"{NAMED} {found} ({specs})")
    assert list(lockfile(specs)["sends"]) == ["gate/change"]
    for verb in ("status", "validate", ("resolve", "gate/change#1", "--not-sent", "--reason", "asked")):
        assert f"{NAMED} {found} ({specs})\n" in cli(*((verb,) if isinstance(verb, str) else verb)).err


@pytest.mark.field_case(25)
@pytest.mark.parametrize("folder", ["specs", "specs/campaigns", "specs/campaigns/2026"])
def test_init_creates_no_project_within_a_project(folder, specs, cli, monkeypatch):
    """Without DIR, `init` in a folder of a project is a usage error and writes nothing."""
    monkeypatch.chdir(specs.parent / folder)
    before = sorted(specs.rglob("*"))
    done = cli("init")
    assert (done.code, done.out) == (64, "")
    assert done.err == (
        f"error: the current directory is part of the project {specs}\n"
        "  hint: name the directory of the new project, or run `sendspec plan` for this one\n"
    )
    assert sorted(specs.rglob("*")) == before


@pytest.mark.field_case(25)
def test_a_saved_plan_from_within_a_project(specs, cli, monkeypatch, tmp_path):
    """A plan that was saved in a folder of the project is applied from anywhere."""
    monkeypatch.chdir(specs / "campaigns")
    assert cli("plan", "--save", "../../gate.plan").code == 0
    monkeypatch.chdir(tmp_path)
    assert cli("apply", "gate.plan", "--auto-approve").code == 0
    assert list(lockfile(specs)["sends"]) == ["gate/change"]


@pytest.mark.parametrize("folder", [".", "inner"])
def test_two_possible_projects_are_an_error(folder, cli, monkeypatch, tmp_path):
    """If a project is above and another in `specs`, no verb chooses one of them."""
    project(tmp_path, GATE)
    project(tmp_path / folder / "specs", GATE.replace("campaign: gate", "campaign: other"))
    monkeypatch.chdir(tmp_path / folder)
    above = os.path.relpath(tmp_path, tmp_path / folder)
    for words in (("plan",), ("apply", "--auto-approve"), ("status",)):
        done = cli(*words)
        assert (done.code, done.out) == (64, "")
        assert f"error: two project directories are possible: {above} and specs\n" in done.err
    assert cli("apply", "specs", "--auto-approve").code == 0
    assert list(lockfile(tmp_path / folder / "specs")["sends"]) == ["other/change"]
    assert not (tmp_path / "sendspec.sandbox.lock").exists()


def test_the_search_ends_at_the_root_of_a_work_tree(cli, monkeypatch, tmp_path):
    """A sendspec.yaml above the clone of a repository is not part of it, so it is not used."""
    project(tmp_path, GATE)
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "clone")
    done = cli("plan")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: specs: directory not found")
