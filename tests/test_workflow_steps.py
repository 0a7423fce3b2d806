"""Shell of the workflow steps that are not the action's: names of files, and the summary of an apply."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.ledgers import git
from tests.oracles.runner import read_outputs
from tests.runner import Job, Machine
from tests.workflows import load

if TYPE_CHECKING:
    from pathlib import Path

RECEIPT = "<!-- sendspec:production:specs -->\n\n## ⛔ Failed\n"


@pytest.fixture
def machine(tmp_path) -> Machine:
    """Return a machine without a checkout."""
    (tmp_path / "result").mkdir()
    return Machine(tmp_path, tmp_path)


def run(machine: Machine, name: str, key: str, step: str, **context: Any) -> Job:
    """Run one step of a job that has not failed."""
    job = load(name)["jobs"][key]
    [data] = [data for data in job["steps"] if data.get("name") == step]
    names = {"runner.temp": str(machine.temp), "inputs.target": "production", **context}
    env = {key: value.partition("|| ")[2] or value for key, value in job["env"].items()}
    assert sorted(env) == ["DIRECTORY", "TARGET"]
    variables = {"DIRECTORY": names.get("directory", "specs"), "TARGET": "production"}
    only = {"steps": [data], "defaults": job["defaults"]}
    return Job(machine, only, names, variables).run()


def test_the_summary_is_the_receipt(machine):
    """It is there after a failure, too."""
    (machine.temp / "result" / "receipt.md").write_text(RECEIPT)
    assert run(machine, "apply", "apply", "Summarize").code == 0
    assert machine.summary.read_text() == RECEIPT


def test_the_summary_without_a_receipt(machine):
    """A killed sendspec leaves none, so the summary says what may have happened."""
    (machine.temp / "sendspec-started").touch()
    job = run(machine, "apply", "apply", "Summarize")
    assert (job.code, job.output) == (0, "")
    assert machine.summary.read_text().startswith("## ❓ sendspec ended without a receipt\n")


def test_the_summary_if_sendspec_did_not_start(machine):
    """A job whose installation failed is not one that lost its receipt: nothing was sent."""
    assert run(machine, "apply", "apply", "Summarize").code == 0
    assert machine.summary.read_text().startswith("## ⛔ sendspec did not start\n\nNothing was sent.")


@pytest.mark.red_team(31)
def test_the_artifact_has_no_file_behind_a_link(machine, tmp_path: Path):
    """A pull request could add a link to a file of the machine, with the name of a ledger or a spool."""
    secret, specs = tmp_path / "secret", tmp_path / "specs"
    secret.mkdir()
    (secret / "x.spool").write_text("secret")
    specs.mkdir()
    (specs / "sendspec.production.lock").write_text("lock")
    (specs / "sendspec.production.journal").symlink_to(secret / "x.spool")
    (specs / ".sendspec").symlink_to(secret)
    assert run(machine, "apply", "apply", "Collect the ledger").code == 0
    assert [path.name for path in (tmp_path / "ledger").rglob("*")] == ["sendspec.production.lock"]


def test_the_artifact_has_the_spools_of_the_project(machine, tmp_path: Path):
    """Spools are in a hidden folder, and a directory outside of the checkout has nothing of the run."""
    outside = tmp_path / "outside"
    (outside / ".sendspec").mkdir(parents=True)
    (outside / ".sendspec" / "a b.spool").touch()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "linked").symlink_to(outside)
    shutil.copytree(outside, workspace / "specs")
    for directory, names in (("linked", []), ("specs", [".sendspec", "a b.spool"])):
        temp = tmp_path / f"temp of {directory}"
        temp.mkdir()
        one = Machine(temp, workspace)
        assert run(one, "apply", "apply", "Collect the ledger", directory=directory).code == 0
        assert sorted(path.name for path in (temp / "ledger").rglob("*")) == names


@pytest.mark.parametrize(
    ("name", "key", "output", "artifact"),
    [
        ("plan", "plan", "artifact", "sendspec-plan"),
        ("apply", "plan", "artifact", "sendspec-saved-plan"),
        ("apply", "apply", "receipt", "sendspec-receipt"),
        ("apply", "apply", "ledger", "sendspec-ledger"),
    ],
)
def test_the_name_of_an_artifact(name, key, output, artifact, machine):
    """It has target, directory, a hash of both and the attempt, and no character that GitHub refuses."""
    (machine.temp / "result").rmdir()
    context = {"github.run_attempt": "2", "directory": "a/b:c_d.e", "github.event_name": "pull_request"}
    assert run(machine, name, key, "Name the files", **context).code == 0
    outputs = read_outputs((machine.temp / "output").read_text())
    digest = hashlib.sha256(b"production:a/b:c_d.e").hexdigest()[:8]
    assert outputs[output] == f"{artifact}-production-a-b-c_d.e-{digest}-2"


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"github.event_name": "pull_request"}, "--against=HEAD^1"),
        ({"github.event_name": "merge_group", "github.event.merge_group.base_sha": "a1"}, "--against=a1"),
        ({"github.event_name": "workflow_dispatch"}, ""),
    ],
)
def test_the_base_of_a_plan(context, expected, machine, tmp_path):
    """Other events do not have a base."""
    assert run(machine, "plan", "plan", "Name the files", **context).code == 0
    assert read_outputs((tmp_path / "output").read_text())["against"] == expected


def test_the_summary_names_the_planned_commit(machine, tmp_path: Path):
    """It may be newer than the commit of the run."""
    git("init", "--quiet", where=tmp_path)
    git("commit", "--quiet", "--allow-empty", "--message=specs", where=tmp_path)
    commit = git("rev-parse", "HEAD", where=tmp_path)
    assert run(machine, "apply", "plan", "Show the commit").code == 0
    url = f"https://github.com/acme/specs/commit/{commit}"
    assert machine.summary.read_text() == f"\nPlanned from commit [{commit[:7]}]({url}).\n"
