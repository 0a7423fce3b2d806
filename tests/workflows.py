"""Workflows and the action as data."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAMES = [path.stem for path in WORKFLOWS]
ACTION = ROOT / ".github" / "actions" / "sendspec" / "action.yml"
SELF = "$/.github/actions/sendspec"
SCRIPTS = Path(sysconfig.get_path("scripts"))


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
