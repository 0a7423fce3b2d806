"""A machine that runs the jobs of workflows, and the action that they use, like GitHub's runner."""

from __future__ import annotations

import glob
import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.expressions import evaluate, value_of
from tests.ledgers import git
from tests.oracles.runner import read_outputs
from tests.workflows import ACTION, SCRIPTS, SELF, load, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def applies(data: Mapping[str, Any], context: Mapping[str, Any], *, failed: bool, cancelled: bool) -> bool:
    """Return whether the condition of a step or a job is true; one without a function has `success()`."""
    functions = {
        "always()": True,
        "success()": not failed and not cancelled,
        "failure()": failed and not cancelled,
        "cancelled()": cancelled,
    }
    condition = str(data.get("if", "success()"))
    implied = not re.search(r"\b(always|success|failure|cancelled)\(\)", condition)
    return bool(value_of(condition, {**context, **functions})) and (functions["success()"] or not implied)


@dataclass
class Step:
    """One step of a job, or of the action that a step of it uses, with the names of its expressions."""

    data: Mapping[str, Any]
    context: dict[str, Any]
    name: str


@dataclass
class Job:
    """One run of a job on a machine: its log, its exit code, and the outputs of its steps.

    `env` are variables of the machine, for all steps.
    """

    machine: Machine
    data: Mapping[str, Any]
    context: dict[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)
    code: int = 0
    is_cancelled: bool = False
    log: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        return "".join(self.log)

    @property
    def outputs(self) -> dict[str, str]:
        return {key: evaluate(text, self.context) for key, text in self.data.get("outputs", {}).items()}

    def run(self) -> Job:
        """Run all steps; after a failure only those with `always()`."""
        for step in self._steps():
            with self._started(step) as process:
                output, _ = process.communicate(timeout=300)
            self._end(process.returncode, output, step)
        return self

    @contextmanager
    def started(self, name: str) -> Iterator[subprocess.Popen[str]]:
        """Run the job up to the step of this name, and yield its process; then run the rest.

        Standard output and standard error are one stream. A process that still runs is killed, as if the
        machine were lost, and then no further step runs.
        """
        remaining = self._steps()
        for step in remaining:
            with self._started(step) as process:
                if step.name == name:
                    yield process
                    if process.poll() is None:
                        return
                output, _ = process.communicate(timeout=300)
            self._end(process.returncode, output, step)

    def _steps(self) -> Iterator[Step]:
        """Yield the steps that run a script; carry out the others."""
        for data in self.data["steps"]:
            outcome = f"steps.{data.get('id')}.outcome"
            self.context[outcome] = "skipped"
            if not self._applies(data, self.context):
                continue
            failed_before, self.context[outcome] = self.code, "success"
            uses = data.get("uses", "").partition("@")[0]
            values = {
                key: evaluate(text if isinstance(text, str) else str(text).lower(), self.context)
                for key, text in data.get("with", {}).items()
            }
            self.ran.append(data.get("name", uses))
            if uses == SELF:
                yield from self._action_steps(data, values)
            elif uses == "actions/checkout":
                self.machine.checkout(values.get("ref") or self.context.get("github.sha", ""), values)
            elif uses == "actions/upload-artifact":
                self.machine.upload(values["name"], values["path"])
            elif uses == "actions/download-artifact":
                self.machine.download(values["name"], values["path"])
            elif not uses:
                yield Step(data, self.context, data["name"])
            if self.code != failed_before:
                self.context[outcome] = "failure"

    def _action_steps(self, user: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[Step]:
        """Yield the steps of the action with its own names, in which tests stand in for the installation."""
        settings = read_yaml(ACTION)
        defaults = {key: value["default"] for key, value in settings["inputs"].items()}
        inputs = {f"inputs.{key}": value for key, value in (defaults | values).items()}
        own_variables = {key: evaluate(str(text), self.context) for key, text in user.get("env", {}).items()}
        outside = {name: value for name, value in self.context.items() if not name.startswith("steps.")}
        context = outside | inputs | {f"env.{key}": value for key, value in own_variables.items()}
        for data in settings["runs"]["steps"]:
            if not self._applies(data, context):
                continue
            name = evaluate(data["name"], context)
            self.ran.append(name)
            if data["name"] == "Install sendspec":
                command = Path(context["steps.look.outputs.folder"]) / "command" / "sendspec"
                command.parent.mkdir(parents=True, exist_ok=True)
                command.symlink_to(self.machine.command)
                continue
            if "run" in data:
                merged = {**data, "env": {**own_variables, **data.get("env", {})}}
                yield Step(merged, context, name)
        if "id" in user:
            for key, output in settings["outputs"].items():
                self.context[f"steps.{user['id']}.outputs.{key}"] = evaluate(output["value"], context)

    def _applies(self, data: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        return applies(data, context, failed=self.code != 0, cancelled=self.is_cancelled)

    @contextmanager
    def _started(self, step: Step) -> Iterator[subprocess.Popen[str]]:
        shell = step.data.get("shell") or self.data["defaults"]["run"]["shell"]
        assert shell == "bash"
        script = self.machine.temp / "step.sh"
        script.write_text(step.data["run"])
        (self.machine.temp / "output").write_text("")
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.machine.workspace,
            env=self._environment(step),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def _environment(self, step: Step) -> dict[str, str]:
        """Return the variables of a step: those of the runner, of its job, and its own."""
        variables = {**self.data.get("env", {}), **step.data.get("env", {})}
        return {
            **self.machine.variables,
            **self.env,
            **{key: evaluate(str(value), step.context) for key, value in variables.items()},
        }

    def _end(self, code: int, output: str, step: Step) -> None:
        self.log.append(output)
        self.code = self.code or code
        if "id" in step.data:
            for key, value in read_outputs((self.machine.temp / "output").read_text()).items():
                step.context[f"steps.{step.data['id']}.outputs.{key}"] = value


@dataclass(frozen=True)
class Machine:
    """A machine for one job: its checkout of `remote`, the artifacts of its run, and the values of GitHub.

    It has no home directory, no git configuration, and of this process's variables only PATH. `command` is
    sendspec as the action would install it.
    """

    temp: Path
    workspace: Path
    context: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Path | None = None
    remote: Path | None = None
    command: Path = SCRIPTS / "sendspec"

    @property
    def summary(self) -> Path:
        return self.temp / "summary.md"

    @property
    def variables(self) -> dict[str, str]:
        """The variables that the runner sets for each step."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION.parent),
            "GITHUB_REPOSITORY": "acme/specs",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_PATH": str(self.temp / "path"),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_ARCH": "X64",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
        }

    def job(self, name: str, key: str, env: Mapping[str, str] | None = None, **context: Any) -> Job:
        """Return a job of a workflow, which has not started; `context` are further names of expressions."""
        data = load(name)["jobs"][key]
        inputs = load(name)["on"]["workflow_call"]["inputs"]
        names = {f"inputs.{one}": settings["default"] for one, settings in inputs.items()}
        names |= {"runner.temp": str(self.temp), "github.workspace": str(self.workspace)}
        names |= {**self.context, **context}
        variables = {key: evaluate(str(value), names) for key, value in data.get("env", {}).items()}
        names |= {f"env.{key}": value for key, value in variables.items()}
        return Job(self, data, names, env or {})

    def checkout(self, ref: str, values: Mapping[str, str]) -> None:
        """Check out a commit or a ref of the remote, if there is one, with `fetch-depth` commits."""
        assert values["persist-credentials"] == "false"
        if self.remote is None:
            return
        depth = values.get("fetch-depth", "1")
        git("init", "--quiet", where=self.workspace)
        git("remote", "add", "origin", self.remote.as_uri(), where=self.workspace)
        limit = [] if depth == "0" else [f"--depth={depth}"]
        git("fetch", "--quiet", *limit, "origin", ref, where=self.workspace)
        git("checkout", "--quiet", "--detach", "FETCH_HEAD", where=self.workspace)

    def upload(self, name: str, patterns: str) -> None:
        """Keep the files that match, with paths below their common folder, as `upload-artifact` does."""
        if self.artifacts is None:
            return
        found = [
            Path(file)
            for pattern in patterns.split()
            for file in glob.glob(pattern, recursive=True, root_dir=self.workspace, include_hidden=True)  # noqa: PTH207 - relative patterns too
        ]
        files = [file for path in found if (file := self.workspace / path).is_file()]
        common = Path(os.path.commonpath([file.parent for file in files])) if files else self.workspace
        for file in files:
            copy = self.artifacts / name / file.relative_to(common)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)

    def download(self, name: str, place: str) -> None:
        """Copy an artifact of this run to the machine."""
        assert self.artifacts is not None
        shutil.copytree(self.artifacts / name, self.workspace / place, dirs_exist_ok=True)
