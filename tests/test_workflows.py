"""Workflows and the examples that call them: pinned actions, few rights, no text of a spec as code."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.expressions import evaluate
from tests.workflows import (
    ACTION,
    NAMES,
    ROOT,
    SCRIPTS,
    SELF,
    WORKFLOWS,
    action_step,
    action_steps,
    jobs,
    load,
    read_yaml,
    script,
    steps,
)

if TYPE_CHECKING:
    from pathlib import Path

PINNED = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/attest": ("1e69f48acb82d1966a394da916b4c1698aa569d6", "v4.2.2"),
    "actions/github-script": ("ed597411d8f924073f98dfc5c65a23a2325f34cd", "v8.0.0"),
    "astral-sh/setup-uv": ("20cfd1bf945f4377ade1205e4dbc17946fc9a30d", "v10.0.1"),
    "pypa/gh-action-pypi-publish": ("dc37677b2e1c63e2034f94d8a5b11f265b73ba33", "v1.14.2"),
}
USES = re.compile(r"^\s*-?\s*uses:\s*(?P<action>[^@\s]+)@(?P<commit>\S+)\s+#\s(?P<version>\S+)$")


def test_the_workflows_are_those_that_are_documented():
    """These tests read every workflow."""
    assert NAMES == ["apply", "ci", "plan", "release", "status", "watch"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=[*NAMES, "action"])
def test_every_action_is_pinned_to_a_known_commit(path):
    """Each action has a full commit hash and its version, because a tag can be moved to other code."""
    # The action of this repository is that of the workflow's own commit.
    lines = [line for line in path.read_text().splitlines() if "uses:" in line and SELF not in line]
    assert lines
    for line in lines:
        match = USES.match(line)
        assert match, line
        assert (match["commit"], match["version"]) == PINNED[match["action"]]


@pytest.mark.red_team(31)
@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=[*NAMES, "action"])
def test_nothing_is_restored_from_a_cache(path):
    """Any job of the default branch can write an entry, whose paths can be those of the action's code."""
    assert not re.search(r"uses: \S+cache|^ +[\w-]*cache[\w-]*:", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_no_workflow_runs_foreign_code_with_rights(name):
    """A pull request from a fork gets neither a secret nor a token that can write."""
    assert "pull_request_target" not in load(name)["on"]
    assert "workflow_run" not in load(name)["on"]


RIGHTS = {
    ("plan", "comment"): {"pull-requests": "write"},
    ("apply", "apply"): {"contents": "write"},
    ("apply", "comment"): {"contents": "read", "pull-requests": "write"},
}
"""The rights of the jobs that have others than to read the repository."""


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_given_job_by_job(name):
    """The workflow itself has no rights; each job has its own rights and a timeout."""
    assert load(name)["permissions"] == {}
    for key, job in load(name)["jobs"].items():
        expected = RIGHTS.get((name, key), {"contents": "read"})
        # Their own tests have the rights of these.
        assert job["permissions"] == expected or name in ("release", "status", "watch")
        assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", NAMES)
def test_checkout_leaves_no_token_on_disk(name):
    """Checkout does not store the token, because code that is installed later could read it."""
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_expression_is_pasted_into_a_script():
    """Scripts get inputs as variables, because text of `${{ }}` would become code."""
    for step in [*action_steps(), *(step for name in NAMES for step in steps(name))]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", ["apply", "plan"])
def test_inputs_and_the_direct_trigger_agree_on_the_defaults(name):
    """Each fallback equals the default of its input, because a run of an event does not have inputs."""
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()
    inputs = load(name)["on"]["workflow_call"]["inputs"]
    assert sorted(inputs) == ["comment", "directory", "extras", "python-version", "target"]
    assert inputs.pop("comment")["default"] is False
    for key, settings in inputs.items():
        uses = re.findall(rf"inputs\.{key}\b(?: \|\| '([^']*)')?", text)
        assert uses
        assert set(uses) == {settings["default"]}


@pytest.mark.parametrize("name", ["apply", "plan"])
def test_a_call_passes_each_input_to_the_action(name):
    """Steps of one job use the same Python and extras, so that sendspec is installed once."""
    installs = [step["with"] for step in steps(name) if step.get("uses") == SELF]
    assert installs
    assert {call["python-version"] for call in installs} == {"${{ inputs.python-version || '3.13' }}"}
    for job in load(name)["jobs"].values():
        extras = [step["with"].get("extras") for step in job["steps"] if step.get("uses") == SELF]
        assert len(set(extras)) <= 1


def test_plan_reads_no_secret():
    """The plan workflow uses neither secrets nor an environment."""
    assert not re.search(r"\$\{\{[^}]*secrets", (ROOT / ".github/workflows/plan.yml").read_text())
    assert not any("environment" in job for job in jobs("plan"))


@pytest.mark.red_team(31)
def test_only_the_job_with_the_environment_gets_secrets():
    """The saved plan is made without secrets; only the step that applies it gets them, after pip."""
    plan, apply = (load("apply")["jobs"][key] for key in ("plan", "apply"))
    assert "secrets" not in str(plan)
    assert "environment" not in plan
    assert "inputs.target" in apply["environment"]
    [user] = [step for step in apply["steps"] if "secrets" in str(step)]
    install, *_ = [step for step in apply["steps"] if step.get("uses") == SELF]
    assert user["with"]["verb"] == "apply"
    assert "verb" not in install["with"]


def test_apply_of_one_target_runs_alone_and_is_never_cancelled():
    """A newer run of the same target waits for the current one, and plans only then."""
    assert load("apply")["concurrency"]["cancel-in-progress"] is False
    assert not any("concurrency" in job for job in jobs("apply"))


@pytest.mark.parametrize("name", ["plan", "apply", "status", "watch"])
def test_each_target_of_each_directory_has_its_own_group(name):
    """Runs of one group wait for each other and evict each other. A target and a ref have no colon."""
    group = load(name)["concurrency"]["group"]
    pairs = [
        ("specs", "eu-production"),
        ("specs-eu", "production"),
        ("specs", "eu"),
        ("specs:eu", "production"),
    ]
    groups = {
        evaluate(
            group,
            {"inputs.directory": directory, "inputs.target": target, "github.ref": f"refs/heads/{branch}"},
        ).lower()
        for directory, target in pairs
        for branch in ("main", "main-specs")
    }
    assert len(groups) == 2 * len(pairs)


def test_apply_uses_the_newest_commit_of_the_branch():
    """A re-run of an old commit must not send what a later commit removed."""
    checkouts = [step for step in steps("apply") if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["ref"] for step in checkouts] == ["${{ github.ref }}"] * len(checkouts)


def test_apply_sends_the_saved_plan_only():
    """The file is that of the first job, and so is the digest, because an artifact can be replaced."""
    [apply] = [step for step in steps("apply") if step.get("with", {}).get("verb") == "apply"]
    arguments = apply["with"]["arguments"].splitlines()
    assert apply["with"]["directory"] == ""
    assert arguments[-1] == "${{ runner.temp }}/plan/saved-plan.json"
    assert "--expect=${{ needs.plan.outputs.digest }}" in arguments


def test_apply_always_uploads_the_ledger():
    """The job uploads lockfile, journal, receipt and spool also after a failure or cancellation."""
    receipt, ledger = [
        step
        for step in load("apply")["jobs"]["apply"]["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact@")
    ]
    assert receipt["if"] == ledger["if"] == "always()"
    # The checkout cannot have a link there.
    assert receipt["with"]["path"] == "${{ runner.temp }}/result/*"
    assert ledger["with"]["include-hidden-files"] is True
    # The folder of the state also has the key that signs the log, which must not be uploaded.
    assert ledger["with"]["path"].splitlines() == [
        "${{ runner.temp }}/ledger/**/*",
        "${{ runner.temp }}/state/**/*.spool",
    ]
    for name in ("plan", "apply", "status", "watch"):
        for step in steps(name):
            if step.get("uses", "").startswith("actions/upload-artifact@"):
                paths = step["with"]["path"].splitlines()
                assert all(path.startswith("${{ runner.temp }}/") for path in paths)
    assert 'export XDG_STATE_HOME="$RUNNER_TEMP/state"\n' in action_step("Run")["run"]


def test_ci_runs_the_command_of_a_contributor():
    """CI runs the same file as a contributor."""
    assert script("ci", ".ci/run") == "exec .ci/run"


@pytest.mark.parametrize("name", ["apply", "plan"])
def test_a_caller_can_pass_each_secret_that_a_step_uses(name):
    """Each used secret is declared, because a caller can pass only declared secrets by name."""
    declared = load(name)["on"]["workflow_call"].get("secrets", {})
    used = re.findall(r"\$\{\{ secrets\.(\w+) \}\}", str(jobs(name)))
    assert sorted(declared) == sorted(used)
    assert not any(settings["required"] for settings in declared.values())
    assert len(used) == (4 if name == "apply" else 0)


def zizmor(*paths: Path) -> str:
    """Return the findings of a static analyser of workflows, offline and in its strictest mode."""
    command = [SCRIPTS / "zizmor", "--offline", "--quiet", "--persona", "pedantic", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def test_zizmor_accepts_the_workflows():
    """The analyser has no findings."""
    assert zizmor(ROOT / ".github" / "workflows", ACTION) == ""


# Users copy these workflows from the page into their repository of specs.

PAGE = (ROOT / "docs" / "github-actions.md").read_text()
EXAMPLES = {
    match["name"]: match["body"].replace("COMMIT", "0" * 40)
    for match in re.finditer(
        r"^```yaml\n# \.github/workflows/(?P<name>\S+)\n(?P<body>.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
}


def example(name: str) -> dict[str, Any]:
    value: dict[str, Any] = YAML(typ="safe").load(EXAMPLES[name])
    return value


JOBS = {f"{name}: {key}": job for name in EXAMPLES for key, job in example(name)["jobs"].items()}
CALLS = {name: job for name, job in JOBS.items() if "uses" in job}
OWN = {name: job for name, job in JOBS.items() if "uses" not in job}


def test_the_page_has_a_caller_of_each_workflow_and_a_workflow_of_its_own():
    """Pull requests and queues plan; pushes to one branch, the schedule and people apply."""
    assert sorted(EXAMPLES) == [
        "sendspec-apply.yml",
        "sendspec-plan.yml",
        "sendspec-queries.yml",
        "sendspec-status.yml",
        "sendspec-watch.yml",
    ]
    assert list(example("sendspec-plan.yml")["on"]) == ["pull_request", "merge_group"]
    apply = example("sendspec-apply.yml")["on"]
    assert list(apply) == ["push", "schedule", "workflow_dispatch"]
    assert apply["push"] == {"branches": ["main"]}
    for name in ("sendspec-status.yml", "sendspec-watch.yml"):
        assert list(example(name)["on"]) == ["schedule", "workflow_dispatch"]
    called = [name for name in EXAMPLES if name != "sendspec-queries.yml"]
    assert sorted(CALLS) == sorted(f"{name}: production" for name in called)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_example_calls_a_workflow_correctly(call):
    """It passes the rights that the jobs need, existing inputs, and each secret by its name."""
    workflow = re.fullmatch(r"OWNER/sendspec/\.github/workflows/(\w+)\.yml@0{40}", call["uses"])
    assert workflow
    offered = load(workflow[1])["on"]["workflow_call"]
    assert call["with"].keys() <= offered["inputs"].keys()
    # GitHub compares them before it looks at a condition, so jobs that do not run count.
    assert call["permissions"] == all_rights(workflow[1])
    names = offered.get("secrets", {})
    assert call.get("secrets", {}) == {name: f"${{{{ secrets.{name} }}}}" for name in names}


def all_rights(name: str) -> dict[str, str]:
    """Return the rights that the jobs of a workflow have together."""
    rights: dict[str, str] = {}
    for job in jobs(name):
        rights |= {key: level for key, level in job["permissions"].items() if rights.get(key) != "write"}
    return rights


@pytest.mark.parametrize("job", OWN.values(), ids=OWN)
def test_an_example_uses_the_action_correctly(job):
    """It passes existing inputs, installs before a step has secrets, and stores no token."""
    checkout, *uses = [(step["uses"].partition("@")[0], step) for step in job["steps"]]
    assert checkout[0] == "actions/checkout"
    assert checkout[1]["with"]["persist-credentials"] is False
    inputs = read_yaml(ACTION)["inputs"].keys()
    for name, step in uses:
        assert name == "OWNER/sendspec/.github/actions/sendspec"
        assert step["with"].keys() <= inputs
    [install, run] = [step for _, step in uses]
    assert "secrets" not in str(install)
    assert "verb" not in install["with"]
    assert run["with"]["extras"] == install["with"]["extras"]


def test_zizmor_accepts_the_examples(tmp_path):
    """The analyser has no findings in the workflows that users copy from the page."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, body in EXAMPLES.items():
        (folder / name).write_text(body)
    assert zizmor(tmp_path) == ""
