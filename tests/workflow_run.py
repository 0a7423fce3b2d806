"""A run of a workflow: its jobs on machines of their own, which share the artifacts of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.runner import applies
from tests.workflows import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.runner import Job, Machine


@dataclass
class WorkflowRun:
    """One run, in which each attempt of a job has a new machine; `jobs` has the last one of each job."""

    name: str
    new_machine: Callable[..., Machine]
    artifacts: Path
    context: dict[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    jobs: dict[str, Job] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)

    def run(self, *keys: str) -> WorkflowRun:
        """Run the jobs of these keys, or all, as far as their conditions are true."""
        for key in keys or load(self.name)["jobs"]:
            if self.should_run(key):
                self.end(key, self.start(key).run())
            else:
                self.results[key] = "skipped"
        return self

    def again(self, *keys: str) -> WorkflowRun:
        """Run these jobs again, or all, as a new attempt of the same run."""
        self.attempt += 1
        return self.run(*keys)

    def should_run(self, key: str) -> bool:
        """Return whether the condition of a job is true after the jobs that it needs."""
        failed = any(self.results[need] != "success" for need in self._needs(key))
        return applies(load(self.name)["jobs"][key], self._names(key), failed=failed, cancelled=False)

    def start(self, key: str) -> Job:
        """Return a job on a new machine, before its first step."""
        context = {**self.context, "github.run_attempt": str(self.attempt)}
        self.jobs[key] = self.new_machine(self.artifacts, context).job(
            self.name, key, self.env, **self._names(key)
        )
        return self.jobs[key]

    def end(self, key: str, job: Job) -> None:
        self.results[key] = "failure" if job.code else "success"

    def _names(self, key: str) -> dict[str, Any]:
        names = dict(self.context)
        for need in self._needs(key):
            outputs = self.jobs[need].outputs if need in self.jobs else {}
            names |= {f"needs.{need}.outputs.{name}": value for name, value in outputs.items()}
            names[f"needs.{need}.result"] = self.results[need]
        return names

    def _needs(self, key: str) -> list[str]:
        needs = load(self.name)["jobs"][key].get("needs", [])
        return [needs] if isinstance(needs, str) else list(needs)

    @property
    def codes(self) -> dict[str, int]:
        return {key: job.code for key, job in self.jobs.items()}
