"""Bad plan files: other documents, and changed plans."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendspec.cli import run
from tests.bad import Bad

if TYPE_CHECKING:
    from collections.abc import Callable

PLAN = "plan.json"


def changed(**changes: Any) -> Callable[[Path], object]:
    """Save the project's plan with these changes; a change to None removes the key."""

    def change(project: Path) -> None:
        value = plan_of(project) | changes
        present = {key: part for key, part in value.items() if part is not None}
        (project / PLAN).write_text(json.dumps(present))

    return change


def plan_of(project: Path) -> dict[str, Any]:
    """Return a plan as `plan --save` writes it."""
    before = Path.cwd()
    os.chdir(project.parent)
    try:
        assert run(["plan", "--save", f"specs/{PLAN}", "--output", os.devnull]) == 0
        return json.loads((project / PLAN).read_text())
    finally:
        os.chdir(before)


def saved(message: str, change: Any, end: str = "") -> Bad:
    return Bad(f"{PLAN}:1: {message}", change, code=4, verbs=("apply",), options=(f"specs/{PLAN}",), end=end)


CASES = {
    "an empty plan": saved("this cannot be read as a plan", {PLAN: ""}),
    "a plan that is not JSON": saved("this cannot be read as a plan", {PLAN: "Target sandbox\n"}),
    "a plan of open lists": saved("this cannot be read as a plan", {PLAN: "[" * 100_000}),
    "another document": saved("this is not a saved plan", {PLAN: '{"version": 1}'}),
    "a plan of another version": saved("this is not a saved plan: 'version'", changed(version=2)),
    "a plan without a digest": saved("this is not a saved plan: 'digest'", changed(digest="")),
    "a plan that was printed": saved("this plan was printed", changed(directory=None)),
    "actions that are text": saved("this is not a saved plan: 'actions'", changed(actions="all")),
}
