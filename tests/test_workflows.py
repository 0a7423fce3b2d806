"""The workflows and the examples that call them: pinned, least privilege, no text of a spec as code."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.workflows import NAMES, ROOT, SCRIPTS, WORKFLOWS, jobs, load, script, steps

if TYPE_CHECKING:
    from pathlib import Path

PINNED = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/github-script": ("ed597411d8f924073f98dfc5c65a23a2325f34cd", "v8.0.0"),
    "astral-sh/setup-uv": ("20cfd1bf945f4377ade1205e4dbc17946fc9a30d", "v10.0.1"),
}
USES = re.compile(r"^\s*-?\s*uses:\s*(?P<action>[^@\s]+)@(?P<commit>\S+)\s+#\s(?P<version>\S+)$")


def test_the_workflows_are_those_that_are_documented():
    """Nothing runs on GitHub that these tests do not read."""
    assert NAMES == ["apply", "ci", "plan"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_every_action_is_pinned_to_a_known_commit_and_says_its_version(path):
    """A tag can be moved to other code, a full commit hash cannot."""
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        found = USES.match(line)
        assert found, line
        assert (found["commit"], found["version"]) == PINNED[found["action"]]


@pytest.mark.parametrize("name", NAMES)
def test_no_workflow_runs_foreign_code_with_rights(name):
    """A pull request from a fork never meets a secret or a token that can write."""
    assert "pull_request_target" not in load(name)["on"]
    assert "workflow_run" not in load(name)["on"]


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_given_job_by_job(name):
    """The workflow itself has no right at all; each job names what it needs, and when it must end."""
    assert load(name)["permissions"] == {}
    expected = {"contents": "write"} if name == "apply" else {"contents": "read"}
    for job in jobs(name):
        assert job["permissions"] == expected
        assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", NAMES)
def test_checkout_leaves_no_token_on_disk(name):
    """What is installed and run later could read it from there."""
    found = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert found
    assert all(step["with"]["persist-credentials"] is False for step in found)


@pytest.mark.parametrize("name", NAMES)
def test_no_expression_is_pasted_into_a_script(name):
    """`${{ }}` in a script is text that becomes code; inputs reach scripts as variables."""
    for step in steps(name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", ["apply", "plan"])
def test_inputs_and_the_direct_trigger_agree_on_the_defaults(name):
    """Started by an event a workflow has no inputs: each fallback is the default of its input."""
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()
    inputs = load(name)["on"]["workflow_call"]["inputs"]
    assert sorted(inputs) == ["directory", "python-version", "requirement", "target"]
    for key, settings in inputs.items():
        uses = re.findall(rf"inputs\.{key}\b(?: \|\| '([^']*)')?", text)
        assert uses
        assert set(uses) == {settings["default"]}


def test_plan_reads_no_secret():
    """A plan of a pull request has nothing to steal but a token that can only read."""
    assert not re.search(r"\$\{\{[^}]*secrets", (ROOT / ".github/workflows/plan.yml").read_text())
    assert "environment" not in jobs("plan")[0]


def test_apply_of_one_target_runs_alone_and_is_never_cancelled():
    """Cancelling a send halfway is what the ledger must survive, not what a push should cause."""
    (job,) = jobs("apply")
    assert job["concurrency"]["cancel-in-progress"] is False
    assert "inputs.target" in job["concurrency"]["group"]
    assert "inputs.target" in job["environment"]


def test_apply_keeps_the_ledger_whatever_happened():
    """A run that failed or was cancelled is the one whose lockfile, journal and spool are needed."""
    (step,) = [step for step in steps("apply") if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert step["if"] == "always()"
    assert step["with"]["include-hidden-files"] is True
    for kept in ("sendspec.*.lock", "sendspec.*.journal", "sendspec.*.receipt.json", ".sendspec/*.spool"):
        assert "${{ env.DIRECTORY }}/" + kept in step["with"]["path"].splitlines()


def test_ci_runs_what_a_contributor_runs():
    """One definition of what passes: the same file here and there."""
    assert script("ci", ".ci/run") == "exec .ci/run"


@pytest.mark.parametrize("name", ["apply", "plan"])
def test_secrets_that_a_step_uses_are_those_that_a_caller_can_pass(name):
    """A secret that is not declared cannot be passed by name, and one that is not passed is empty."""
    declared = load(name)["on"]["workflow_call"].get("secrets", {})
    used = re.findall(r"\$\{\{ secrets\.(\w+) \}\}", str(jobs(name)))
    assert sorted(declared) == sorted(used)
    assert not any(settings["required"] for settings in declared.values())
    assert len(used) == (3 if name == "apply" else 0)


def zizmor(*paths: Path) -> str:
    """Give what a static analyser of workflows says, offline and at its strictest; nothing is best."""
    command = [SCRIPTS / "zizmor", "--offline", "--quiet", "--persona", "pedantic", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def test_zizmor_finds_nothing_to_say():
    """The analyser agrees."""
    assert zizmor(ROOT / ".github" / "workflows") == ""


# The workflows of a repository of specs, as the page gives them to be copied.

PAGE = (ROOT / "docs" / "github-actions.md").read_text()
EXAMPLES = {
    found["name"]: found["body"].replace("COMMIT", "0" * 40)
    for found in re.finditer(
        r"^```yaml\n# \.github/workflows/(?P<name>\S+)\n(?P<body>.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
}


def example(name: str) -> dict[str, Any]:
    value: dict[str, Any] = YAML(typ="safe").load(EXAMPLES[name])
    return value


CALLS = {f"{name}: {key}": job for name in EXAMPLES for key, job in example(name)["jobs"].items()}


def test_the_page_shows_a_workflow_for_changes_and_one_for_the_clock():
    """Pull requests plan, pushes to one branch and the clock apply, and nothing else calls."""
    changes, clock = example("sms.yml"), example("sms-due.yml")
    assert sorted(EXAMPLES) == ["sms-due.yml", "sms.yml"]
    assert list(changes["on"]) == ["pull_request", "push"]
    assert changes["on"]["push"] == {"branches": ["main"]}
    assert list(clock["on"]) == ["schedule", "workflow_dispatch"]
    conditions = {key: job.get("if") for key, job in CALLS.items()}
    assert conditions == {
        "sms.yml: plan": "github.event_name == 'pull_request'",
        "sms.yml: apply": "github.event_name == 'push'",
        "sms-due.yml: apply": None,
    }


def test_the_clock_never_cancels_what_is_sent():
    """Its group waits, and is not that of the job it calls, which GitHub would cancel as a deadlock."""
    group = example("sms-due.yml")["concurrency"]
    assert group["cancel-in-progress"] is False
    assert not group["group"].startswith(jobs("apply")[0]["concurrency"]["group"].partition("$")[0])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_example_calls_a_workflow_as_it_wants_to_be_called(call):
    """It gives the rights that the job needs, inputs that there are, and each secret by its name."""
    found = re.fullmatch(r"OWNER/sendspec/\.github/workflows/(\w+)\.yml@0{40}", call["uses"])
    assert found
    offered = load(found[1])["on"]["workflow_call"]
    assert call["with"].keys() <= offered["inputs"].keys()
    assert call["with"]["requirement"].endswith(f"OWNER/sendspec@{'0' * 40}")
    assert call["permissions"] == jobs(found[1])[0]["permissions"]
    names = offered.get("secrets", {})
    assert call.get("secrets", {}) == {name: f"${{{{ secrets.{name} }}}}" for name in names}


def test_zizmor_has_nothing_to_say_of_the_examples(tmp_path):
    """What is copied from the page is as strict as what runs here."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, body in EXAMPLES.items():
        (folder / name).write_text(body)
    assert zizmor(tmp_path) == ""
