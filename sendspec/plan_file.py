"""A plan that was saved, reviewed and handed to apply: refused unless it is exactly what would be sent."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendspec import schema
from sendspec.errors import PlanStale, SendspecError
from sendspec.model import Location, Locations, Sign
from sendspec.plan import digest_of
from sendspec.report.json import plan_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Plan

_WAY_OUT = "make a new plan, have it reviewed, and apply that one"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan: its file, its project directory as seen from there, its target, and what it says."""

    file: Path
    directory: str
    target: str
    digest: str
    actions: Mapping[str, Mapping[str, Any]]

    def find_project(self) -> str:
        """Give the project directory as seen from where the process is.

        Raises:
            SendspecError: it is not there: the file was moved without it, or it without the file.
        """
        try:
            found = (self.file.resolve().parent / self.directory).resolve()
            if (found / "sendspec.yaml").is_file():
                return os.path.relpath(found)
        except (OSError, RuntimeError, ValueError):  # names that no system takes, links that go round
            pass
        raise SendspecError(
            f"{self.file}:1: the project directory of this plan, '{self.directory}' as seen from its file, "
            "is not there",
            hint="say where it is by now, with `--dir DIR`",
        )


def directory_seen_from(file: str, directory: str) -> str:
    """Give a project directory as the plan saved in `file` names it.

    From one machine to another, the two keep their places to each other more often than any root;
    and a file that travels has no business to tell how the disks of a machine are laid out.
    """
    return Path(os.path.relpath(Path(directory).resolve(), Path(file).resolve().parent)).as_posix()


def read_plan_file(path: Path) -> PlanFile:
    """Read a plan that `plan --out` wrote.

    Raises:
        PlanStale: it cannot be read, or is not such a plan.
    """
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise PlanStale(f"{path}:1: this cannot be read as a plan: {error}", hint=_WAY_OUT) from error
    problems = schema.check("plan", value, Locations(Location(str(path))))
    if problems:
        raise PlanStale(f"{path}:1: this is not a saved plan: {problems[0].message}", hint=_WAY_OUT)
    if not isinstance(value.get("directory"), str):
        hint = "save a plan with `sendspec plan --out FILE`"
        raise PlanStale(f"{path}:1: this plan was printed, not saved", hint=hint)
    return PlanFile(
        file=path,
        directory=value["directory"],
        target=value["target"],
        digest=value["digest"],
        actions={action["address"]: action for action in value["actions"]},
    )


def check_plan_file(saved: PlanFile, plan: Plan) -> None:
    """See that a saved plan is exactly the plan that was made now, or was applied already.

    Raises:
        PlanStale: with what differs.
    """
    if saved.digest == plan.digest or already_applied(saved, plan):
        return
    differences = list(_differences(saved, plan)) or ["the digest"]
    raise PlanStale(
        "the saved plan is not what would be sent now; it differs in " + "; ".join(differences),
        hint=_WAY_OUT,
    )


def already_applied(saved: PlanFile, plan: Plan) -> bool:
    """Whether everything that the saved plan was to send has been sent, and nothing else is to go."""
    if plan.due:
        return False
    batches = {address: tuple(action["batches"]) for address, action in saved.actions.items()}
    planned = [
        replace(send, batches=batches[send.address])
        for send in plan.sends
        if send.sign is Sign.DONE and batches.get(send.address)
    ]
    if len(planned) != sum(map(bool, batches.values())):
        return False
    return saved.digest == digest_of(plan.target, plan.account, planned)


def _differences(saved: PlanFile, plan: Plan) -> Iterator[str]:
    now = {action["address"]: action for action in plan_value(plan, recipients=True)["actions"]}
    for address in sorted({*saved.actions, *now}):
        then, here = saved.actions.get(address), now.get(address)
        going_then = bool(then and then["batches"])
        going_now = bool(here and here["batches"])
        if going_then != going_now:
            yield f"{address}: was {'to be sent' if going_then else 'not to be sent'}, now {_now(here)}"
        elif going_then and then is not None and here is not None:
            names = sorted(name for name in {*then, *here} if then.get(name) != here.get(name))
            if names:
                yield f"{address}: {', '.join(names)}"


def _now(action: Mapping[str, Any] | None) -> str:
    return "not in the specs" if action is None else str(action["text"])
