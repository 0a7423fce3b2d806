"""The workflows: pinned, least privilege, no text of a spec as code, and their shell as it really runs."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAMES = [path.stem for path in WORKFLOWS]
SCRIPTS = Path(sysconfig.get_path("scripts"))

PINNED = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/github-script": ("ed597411d8f924073f98dfc5c65a23a2325f34cd", "v8.0.0"),
    "astral-sh/setup-uv": ("20cfd1bf945f4377ade1205e4dbc17946fc9a30d", "v10.0.1"),
}
USES = re.compile(r"^\s*-?\s*uses:\s*(?P<action>[^@\s]+)@(?P<commit>\S+)\s+#\s(?P<version>\S+)$")


def load(name: str) -> dict[str, Any]:
    path = ROOT / ".github" / "workflows" / f"{name}.yml"
    value: dict[str, Any] = YAML(typ="safe").load(path.read_text())
    return value


def jobs(name: str) -> list[dict[str, Any]]:
    return list(load(name)["jobs"].values())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


def script(name: str, mark: str) -> str:
    """Give the one script of a workflow that holds `mark`."""
    (found,) = [step["run"] for step in steps(name) if mark in step.get("run", "")]
    return str(found)


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


def test_zizmor_finds_nothing_to_say():
    """A static analyser of workflows, offline and at its strictest, agrees."""
    command = [
        SCRIPTS / "zizmor",
        "--offline",
        "--quiet",
        "--persona",
        "pedantic",
        ROOT / ".github" / "workflows",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# The shell of the steps, run by the bash that the runner uses; `sendspec` is a script that prints
# what a hostile spec could make it print.

HOSTILE = "\n::error::no\n  ::set-output name=a::b\n##[command]\n```\n</details>\rlone\n"


@pytest.fixture
def runner(tmp_path):
    """Give the variables of a step on a runner whose `sendspec` prints hostile text and exits 3."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "hostile.txt").write_text(HOSTILE, newline="")
    sendspec = tmp_path / "bin" / "sendspec"
    sendspec.write_text(
        "#!/bin/sh\n"
        'echo "pid $$ verb $1"\n'
        f"cat {tmp_path}/hostile.txt\n"
        'case "$FAILS" in *"$1"*) exit 3;; esac\n'
    )
    sendspec.chmod(0o755)
    (tmp_path / "step.sh").touch()
    return {
        "PATH": f"{tmp_path}/bin:{SCRIPTS}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "DIRECTORY": "specs",
        "TARGET": "sandbox",
        "FAILS": "plan apply",
    }


def start(text: str, runner: dict[str, str]) -> subprocess.Popen[str]:
    path = Path(runner["RUNNER_TEMP"], "step.sh")
    path.write_text(text)
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", path]
    return subprocess.Popen(command, env=runner, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(("name", "mark"), [("plan", "sendspec plan"), ("apply", "sendspec apply")])
def test_commands_to_the_runner_are_off_before_anything_is_printed(name, mark, runner):
    """The first line turns workflow commands off with a token that nobody can guess."""
    outputs = [start(script(name, mark), runner).communicate()[0] for _ in range(2)]
    first = [output.split("\n", 1)[0] for output in outputs]
    assert all(re.fullmatch(r"::stop-commands::[0-9a-f]{32}", line) for line in first)
    assert first[0] != first[1]
    assert all("::error::no" in output for output in outputs)


@pytest.mark.parametrize(("fails", "code"), [("plan", 3), ("validate", 3), ("neither", 0)])
def test_plan_ends_as_sendspec_did_after_writing_the_summary(fails, code, runner):
    """Exit 3, findings, reaches the pull request, and the summary is there to say why."""
    process = start(script("plan", "sendspec plan"), runner | {"FAILS": fails})
    output, _ = process.communicate()
    assert process.returncode == code
    assert "verb plan" in output
    assert "verb plan" in Path(runner["GITHUB_STEP_SUMMARY"]).read_text()


def test_no_text_of_a_spec_leaves_its_code_block_in_the_summary(runner):
    """Every line below the heading is indented, also after a lone carriage return."""
    start(script("plan", "sendspec plan"), runner).communicate()
    summary = Path(runner["GITHUB_STEP_SUMMARY"]).read_bytes().decode()
    heading, blank, *lines = re.split(r"\r\n|\r|\n", summary.removesuffix("\n"))
    assert (heading, blank) == ("## Plan for sandbox", "")
    assert [line for line in lines if not line.startswith("    ")] == []
    assert "    ```" in lines


def test_a_plan_larger_than_a_summary_is_cut(runner):
    """GitHub drops a summary of more than 1 MiB whole."""
    Path(runner["RUNNER_TEMP"], "hostile.txt").write_text("é" * 79 + "\n" + "x\n" * 2_000_000)
    start(script("plan", "sendspec plan"), runner).communicate()
    assert 100_000 < Path(runner["GITHUB_STEP_SUMMARY"]).stat().st_size < 2**20


def test_apply_is_the_process_that_a_cancellation_signals(runner):
    """The runner signals only the first process of a step: sendspec has become that process."""
    process = start(script("apply", "sendspec apply"), runner)
    output, _ = process.communicate()
    assert f"pid {process.pid} verb apply" in output
    assert process.returncode == 3


@pytest.mark.parametrize(("name", "mark"), [("plan", "sendspec plan"), ("apply", "sendspec apply")])
def test_git_gets_the_token_for_this_server_only(name, mark, tmp_path):
    """The credential helper that a step configures answers for GitHub, and is silent else."""
    (step,) = [step for step in steps(name) if mark in step.get("run", "")]
    assert "${{ github.token }}" in step["env"].values()
    variables = {
        key: value.replace("${{ github.server_url }}", "https://github.com")
        for key, value in step["env"].items()
        if key.startswith("GIT_CONFIG_")
    }
    variables |= {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_TERMINAL_PROMPT": "0",
        "GITHUB_TOKEN": "sesame",
        "GIT_CONFIG_NOSYSTEM": "1",
    }

    def fill(host: str) -> subprocess.CompletedProcess[str]:
        asked = f"protocol=https\nhost={host}\n\n"
        command = ["git", "credential", "fill"]
        return subprocess.run(
            command, input=asked, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert {"username=x-access-token", "password=sesame"} <= set(fill("github.com").stdout.splitlines())
    assert "sesame" not in fill("example.com").stdout
