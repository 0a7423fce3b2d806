"""Workflows as data, and a machine that runs one of their steps like GitHub's runner."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAMES = [path.stem for path in WORKFLOWS]
ACTION = ROOT / ".github" / "actions" / "sendspec" / "action.yml"
SELF = "$/.github/actions/sendspec"
SCRIPTS = Path(sysconfig.get_path("scripts"))

_EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")


def read_yaml(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = YAML(typ="safe").load(path.read_text())
    return value


def load(name: str) -> dict[str, Any]:
    return read_yaml(ROOT / ".github" / "workflows" / f"{name}.yml")


def jobs(name: str) -> list[dict[str, Any]]:
    return list(load(name)["jobs"].values())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


def action_steps() -> list[dict[str, Any]]:
    return list(read_yaml(ACTION)["runs"]["steps"])


def action_step(name: str) -> dict[str, Any]:
    """Return the only step of the action whose name starts with `name`."""
    (only,) = [step for step in action_steps() if step["name"].startswith(name)]
    return only


def step(name: str, mark: str) -> dict[str, Any]:
    """Return the only step of a workflow whose script contains `mark`."""
    (only,) = [step for step in steps(name) if mark in step.get("run", "")]
    return only


def script(name: str, mark: str) -> str:
    """Return the only script of a workflow that contains `mark`."""
    return str(step(name, mark)["run"])


def evaluate(text: str, context: Mapping[str, str]) -> str:
    """Return a text with its expressions replaced, such as `${{ inputs.target || 'sandbox' }}`.

    A name that `context` lacks is empty.
    """

    def value(match: re.Match[str]) -> str:
        terms = [term.strip() for term in match[1].split("||")]
        values = [term[1:-1] if term.startswith("'") else context.get(term, "") for term in terms]
        return next(filter(None, values), "")

    return _EXPRESSION.sub(value, text)


@dataclass(frozen=True)
class Runner:
    """A machine for one job: its checkout, and the values of GitHub (`github.token`, …).

    It has no home directory, no git configuration, and of this process's variables only PATH.
    """

    temp: Path
    workspace: Path
    context: Mapping[str, str] = field(default_factory=dict)
    path: str = f"{SCRIPTS}:{os.environ['PATH']}"

    @property
    def summary(self) -> Path:
        return self.temp / "summary.md"

    def environment(self, name: str, mark: str) -> dict[str, str]:
        """Return the variables of a step: those of the runner, of its job, and its own."""
        (job,) = jobs(name)
        variables = {**job["env"], **step(name, mark).get("env", {})}
        files = {"GITHUB_STEP_SUMMARY": self.summary, "GITHUB_PATH": self.temp / "path"}
        return {
            "PATH": self.path,
            "HOME": str(self.temp),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temp),
            **{key: str(path) for key, path in files.items()},
            **{key: evaluate(value, self.context) for key, value in variables.items()},
        }

    @contextmanager
    def started(self, name: str, mark: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        """Start a step with the shell of its job, and yield its process; kill it at the end.

        Standard output and standard error are one stream.
        """
        (job,) = jobs(name)
        assert job["defaults"]["run"]["shell"] == "bash"
        path = self.temp / f"{name}.sh"
        path.write_text(script(name, mark))
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", path],
            cwd=self.workspace,
            env=self.environment(name, mark) | more,
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

    def run(self, name: str, mark: str, **more: str) -> tuple[int, str]:
        """Run a step to its end; return its exit code and output."""
        with self.started(name, mark, **more) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, output
