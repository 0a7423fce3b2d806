"""Workflows that call others: their events, permissions, and what GitHub checks before it starts a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.rehearsal.copies import USES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def _read(workflow: Path) -> dict[str, Any]:
    """Return a workflow. YAML 1.1, which is not read here, has `on` as true."""
    value: dict[str, Any] = YAML(typ="safe").load(workflow.read_text())
    return value


def _jobs(workflow: Path) -> list[dict[str, Any]]:
    return list(_read(workflow)["jobs"].values())


def granted_permissions(workflow: Path, *, of_fork: bool) -> dict[str, str]:
    """Return the permissions that the jobs of a workflow have together, because `act` has one token for all.

    A fork gets only permissions to read.
    """
    granted: dict[str, str] = {}
    for job in _jobs(workflow):
        for name, level in job["permissions"].items():
            granted[name] = max(level, granted.get(name, level))  # "read" is before "write"
    return dict.fromkeys(granted, "read") if of_fork else granted


def startup_errors(workflow: Path, repositories: Mapping[str, Path]) -> list[str]:
    """Return why GitHub would not start a run of a workflow that calls others; `act` ignores these errors.

    A called job must not ask for more permissions than the calling job has, also if it would be skipped.
    Each input and secret that a job passes is one of the called workflow, and no required one is missing.
    """
    errors: list[str] = []
    for job in _jobs(workflow):
        if found := USES.search(f"uses: {job.get('uses')}"):
            called = repositories[f"{found['name']}@{found['commit']}"] / found["path"].lstrip("/")
            errors += _call_errors(job, called)
    return errors


def _call_errors(job: dict[str, Any], called: Path) -> Iterator[str]:
    for nested in _jobs(called):
        for name, level in nested["permissions"].items():
            if level > job["permissions"].get(name, "none"):
                yield f"{called.name} asks for {name}: {level}"
    interface = _read(called)["on"]["workflow_call"]
    for kind, passed in (("inputs", job.get("with", {})), ("secrets", job.get("secrets", {}))):
        known = interface.get(kind, {})
        required = {name for name, settings in known.items() if settings.get("required")}
        yield from (f"{called.name} has no {kind} {name}" for name in passed.keys() - known.keys())
        yield from (f"{called.name} requires {kind} {name}" for name in required - passed.keys())


def has_event(workflow: Path, event: str) -> bool:
    """Return whether an event starts a workflow."""
    return event in _read(workflow)["on"]
