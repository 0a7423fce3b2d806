"""The plan file: a saved plan, which apply refuses unless it is exactly the plan of now."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec import schema
from sendspec.errors import PlanStale, SendspecError
from sendspec.model import Location, Locations, Sign
from sendspec.plan_digest import plan_digest
from sendspec.report.escape.json_text import json_document
from sendspec.report.plan_json import plan_value
from sendspec.selection import Selection
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Plan

_NOT_TO_BE_SENT: Final = "not to be sent"
_NOT_SENT: Final = frozenset(("program", "publishedMessage", "alsoGet", "legalFrom", "legalUntil"))
"""Properties that are not part of what is sent: names of the vendor, other sends, and instants that follow
from the legal hours and the time of the plan."""
_PLAN_AGAIN: Final = (
    "save and review a new plan with `plan --save FILE`; in GitHub Actions, choose Re-run all jobs"
)


class PlanFile(Struct, frozen=True):
    """A saved plan; `directory` is the project directory relative to the file."""

    path: Path
    directory: str
    target: str
    digest: str
    selection: Selection
    actions: Mapping[str, Mapping[str, Any]]

    def find_project(self) -> str:
        """Return the project directory relative to the working directory.

        Raises:
            SendspecError: if it is not there, because one of the two was moved without the other.
        """
        try:
            directory = (self.path.resolve().parent / self.directory).resolve()
            if (directory / "sendspec.yaml").is_file():
                return os.path.relpath(directory)
        except (OSError, RuntimeError, ValueError):  # a name that the system refuses, or a loop of links
            pass
        raise SendspecError(
            f"{self.path}:1: the project directory '{self.directory}', relative to the plan file, "
            "does not exist",
            hint="name the project directory with `--dir DIR`",
        )


def plan_file_json(plan: Plan, directory: str) -> str:
    """Return a plan file: the plan with its project directory and the digests of the recipients."""
    return json_document({**plan_value(plan, recipients=True), "directory": directory})


def relative_directory(plan_file: str, directory: str) -> str:
    """Return a project directory relative to the directory of a plan file, as the plan file stores it.

    A relative path stays valid when both move to another machine, and reveals nothing of this one.
    """
    return Path(os.path.relpath(Path(directory).resolve(), Path(plan_file).resolve().parent)).as_posix()


def read_plan_file(path: Path) -> PlanFile:
    """Read a plan that `plan --save` wrote.

    Raises:
        PlanStale: if it cannot be read, or is not such a plan.
    """
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise PlanStale(f"{path}:1: this cannot be read as a plan: {reason}", hint=_PLAN_AGAIN) from error
    problems = schema.check("plan", value, Locations(Location(str(path))))
    if problems:
        raise PlanStale(f"{path}:1: this is not a saved plan: {problems[0].message}", hint=_PLAN_AGAIN)
    if not isinstance(value.get("directory"), str):
        hint = "save a plan with `sendspec plan --save FILE`"
        raise PlanStale(f"{path}:1: this plan was printed, not saved", hint=hint)
    return PlanFile(
        path=path,
        directory=value["directory"],
        target=value["target"],
        digest=value["digest"],
        selection=Selection(tuple(value.get("selection") or ())),
        actions={action["address"]: action for action in value["actions"]},
    )


def check_plan_file(saved: PlanFile, plan: Plan) -> None:
    """Check that a saved plan is exactly the current plan, or was applied already.

    Raises:
        PlanStale: if it is neither; names the differences.
    """
    if saved.digest == plan.digest or _is_applied(saved, plan):
        return
    differences = list(_differences(saved, plan)) or ["the digest"]
    raise PlanStale(
        f"the saved plan is not the current plan; differences: {'; '.join(differences)}",
        hint=_PLAN_AGAIN,
    )


def check_digest(expected: str, saved: PlanFile | None, plan: Plan) -> None:
    """Check that `expected` is the digest of the saved plan, or without one of the current plan.

    A saved plan that was applied already has another digest than the current plan, so `check_plan_file`
    compares these two.

    Raises:
        PlanStale: if it is another digest; names both.
    """
    found, subject = (plan.digest, "this plan") if saved is None else (saved.digest, "the saved plan")
    if found != expected:
        raise PlanStale(
            f"{subject} has the digest {found}, but --expect has {expected}",
            hint="check the plan above, then use its digest with --expect",
        )


def _is_applied(saved: PlanFile, plan: Plan) -> bool:
    """Return whether every request of the saved plan was sent, and the current plan sends nothing."""
    if plan.to_send:
        return False
    batches = {address: tuple(action["batches"]) for address, action in saved.actions.items()}
    hours = {address: action.get("legalHoursDigest") for address, action in saved.actions.items()}
    # The plan of a sent list has no legal hours any more, so they are those of the saved plan.
    applied = [
        replace(send, batches=batches[send.address], limits_digest=hours[send.address])
        for send in plan.sends
        if send.sign is Sign.DONE and batches.get(send.address)
    ]
    if len(applied) != sum(map(bool, batches.values())):
        return False
    ordered = sorted((*applied, *plan.waiting), key=lambda send: send.address)
    return saved.digest == plan_digest(plan.target, plan.account, ordered, saved.selection)


def _intended(action: Mapping[str, Any] | None) -> str:
    """Return whether an action would be sent, and when."""
    if action is None:
        return _NOT_TO_BE_SENT
    if action["sign"] == Sign.WAITING:
        return "to be sent later"
    return "to be sent" if action["batches"] else _NOT_TO_BE_SENT


def _differences(saved: PlanFile, plan: Plan) -> Iterator[str]:
    current = {action["address"]: action for action in plan_value(plan, recipients=True)["actions"]}
    for address in sorted({*saved.actions, *current}):
        before, after = saved.actions.get(address), current.get(address)
        was, is_now = _intended(before), _intended(after)
        if was != is_now:
            text = "not in the specs" if after is None else after["text"]
            yield f"{address}: was {was}, now {text}"
        elif was != _NOT_TO_BE_SENT and before is not None and after is not None:
            compared = {*before, *after} - _NOT_SENT
            names = sorted(name for name in compared if before.get(name) != after.get(name))
            if names:
                yield f"{address}: {', '.join(names)}"
