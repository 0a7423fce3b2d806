"""Shell of the workflow steps: hostile text, exit codes and the requirement.

`sendspec` is a script here, which prints text that a hostile spec could contain. `test_workflow_runs.py`
runs the steps with the real one.
"""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.workflows import SCRIPTS, Runner, evaluate, step

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "\n::error::no\n  ::set-output name=a::b\n##[command]\n```\n</details>\rlone\n"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
STEPS = [("plan", "sendspec plan"), ("apply", "sendspec apply")]


@pytest.fixture
def runner(tmp_path) -> Runner:
    """Return a runner whose `sendspec` prints hostile text, and exits 3 for the verbs in $FAILS."""
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
    path = f"{tmp_path}/bin:{SCRIPTS}:{os.environ['PATH']}"
    return Runner(tmp_path, tmp_path, path=path)


@pytest.mark.parametrize(("name", "mark"), STEPS)
def test_commands_to_the_runner_are_off_before_anything_is_printed(name, mark, runner):
    """The first line turns workflow commands off with a random token."""
    outputs = [runner.run(name, mark)[1] for _ in range(2)]
    first = [output.split("\n", 1)[0] for output in outputs]
    assert all(re.fullmatch(r"::stop-commands::[0-9a-f]{32}", line) for line in first)
    assert first[0] != first[1]
    assert all("::error::no" in output for output in outputs)


@pytest.mark.parametrize(("fails", "code"), [("plan", 3), ("nothing", 0)])
def test_plan_ends_as_sendspec_did_after_writing_the_summary(fails, code, runner):
    """The step exits with 3 for findings, after it wrote the summary."""
    ended, output = runner.run("plan", "sendspec plan", FAILS=fails)
    assert ended == code
    assert "verb plan" in output
    assert "verb plan" in runner.summary.read_text()


def test_no_text_of_a_spec_leaves_its_code_block_in_the_summary(runner):
    """Every line after the heading is indented, also after a lone carriage return."""
    runner.run("plan", "sendspec plan")
    summary = runner.summary.read_bytes().decode()
    heading, blank, *lines = re.split(r"\r\n|\r|\n", summary.removesuffix("\n"))
    assert (heading, blank) == ("## Plan for sandbox", "")
    assert [line for line in lines if not line.startswith("    ")] == []
    assert "    ```" in lines


def test_a_plan_larger_than_a_summary_is_cut(runner):
    """A summary has less than 1 MiB, because GitHub drops a larger one."""
    (runner.temp / "hostile.txt").write_text("é" * 79 + "\n" + "x\n" * 2_000_000)
    runner.run("plan", "sendspec plan")
    assert 100_000 < runner.summary.stat().st_size < 2**20


def test_apply_is_the_process_that_a_cancellation_signals(runner):
    """The shell of the step is replaced by sendspec, because the runner signals only the first process."""
    with runner.started("apply", "sendspec apply", FAILS="apply") as process:
        output, _ = process.communicate()
    assert f"pid {process.pid} verb apply" in output
    assert process.returncode == 3


def test_plan_and_apply_install_alike():
    """Both workflows install sendspec with the same commands, so that they agree about the plan."""
    assert step("plan", "pip") == step("apply", "pip")


def test_later_steps_run_the_installed_requirement(tmp_path):
    """The requirement of the caller is installed, and its `sendspec` comes first on the path."""
    wheel = tmp_path / "sendspec-7-py3-none-any.whl"
    _write_wheel(wheel, 'def main(): print("the one that was required")\n')
    runner = Runner(tmp_path, tmp_path, {"inputs.requirement": str(wheel)})
    assert runner.run("apply", "pip", **OFFLINE) == (0, "")
    added = (tmp_path / "path").read_text().strip()
    later = replace(runner, path=f"{added}:{runner.path}")
    for name, mark in STEPS:
        code, output = later.run(name, mark)
        assert (code, "the one that was required" in output) == (0, True)


def _write_wheel(path: Path, module: str) -> None:
    about = f"{path.name.rpartition('-py3')[0]}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("required.py", module)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: sendspec\nVersion: 7\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/entry_points.txt", "[console_scripts]\nsendspec = required:main\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_a_requirement_is_never_an_option_of_pip(tmp_path):
    """The installer refuses a requirement that looks like an option, such as `--index-url`."""
    runner = Runner(tmp_path, tmp_path, {"inputs.requirement": "--version"})
    code, output = runner.run("apply", "pip", **OFFLINE)
    assert code != 0
    assert "--version" in output
    assert not (tmp_path / "path").exists()


@pytest.mark.parametrize(("name", "mark"), STEPS)
def test_git_gets_the_token_for_this_server_only(name, mark, tmp_path):
    """The credential helper of a step answers for GitHub only."""
    assert "${{ github.token }}" in step(name, mark)["env"].values()
    context = {"github.server_url": "https://github.com", "github.token": "sesame"}
    variables = {key: evaluate(value, context) for key, value in step(name, mark)["env"].items()} | {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }

    def fill(host: str) -> str:
        request = f"protocol=https\nhost={host}\n\n"
        command = ["git", "credential", "fill"]
        return subprocess.run(
            command, input=request, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        ).stdout

    assert {"username=x-access-token", "password=sesame"} <= set(fill("github.com").splitlines())
    assert "sesame" not in fill("example.com")
