"""Shell of the workflow steps that are not the action's: names of files, and the summary of an apply."""

from __future__ import annotations

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
    job = run(machine, "apply", "apply", "Summarize")
    assert (job.code, job.output) == (0, "")
    assert machine.summary.read_text().startswith("## ❓ sendspec ended without a receipt\n")


def test_nothing_is_summarized_if_apply_did_not_start(machine):
    """A run that ended before it is not one that lost its receipt."""
    job = run(machine, "apply", "apply", "Summarize", **{"steps.apply.outcome": "skipped"})
    assert (job.ran, machine.summary.exists()) == ([], False)


@pytest.mark.parametrize(
    ("name", "key", "output", "artifact"),
    [
        ("plan", "plan", "artifact", "sendspec-plan-production-a-b-c_d.e-2"),
        ("apply", "plan", "artifact", "sendspec-saved-plan-production-a-b-c_d.e-2"),
        ("apply", "apply", "receipt", "sendspec-receipt-production-a-b-c_d.e-2"),
        ("apply", "apply", "ledger", "sendspec-ledger-production-a-b-c_d.e-2"),
    ],
)
def test_the_name_of_an_artifact(name, key, output, artifact, machine):
    """It has target, directory and attempt, and no character that GitHub refuses in it."""
    (machine.temp / "result").rmdir()
    context = {"github.run_attempt": "2", "directory": "a/b:c_d.e", "github.event_name": "pull_request"}
    assert run(machine, name, key, "Name the files", **context).code == 0
    outputs = read_outputs((machine.temp / "output").read_text())
    assert outputs[output] == artifact


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
