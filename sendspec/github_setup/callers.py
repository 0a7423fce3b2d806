"""Texts of the workflows that call sendspec's reusable workflows, one file a workflow and one job a call."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sendspec.github_setup.called_workflows import Call, parse_uses
from sendspec.github_setup.checksums import with_checksum
from sendspec.model import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.github_setup.called_workflows import Pin, UsedWorkflow

CALLERS: Final = ("plan", "apply", "status", "watch")
"""The reusable workflows that a repository calls, in the order in which a text message meets them."""

_OF_SANDBOX: Final = ("plan", "apply")
"""The built-in sandbox ends with its job, so that nothing is left to query or to watch."""

_SECRETS: Final = re.compile(r"    secrets:\n(?:      .*\n)+")


def status_environment(target: str) -> str:
    """Return the name of the environment that the status of a target uses, which has no reviewers."""
    return f"{target}-status"


def caller_path(name: str) -> str:
    """Return the path of the caller of a reusable workflow."""
    return f".github/workflows/sendspec-{name}.yml"


def is_called_for(name: str, target: str) -> bool:
    """Return whether a target has a call of this workflow."""
    return target != SANDBOX or name in _OF_SANDBOX


def caller_text(name: str, pin: Pin, branch: str, calls: Sequence[Call]) -> str:
    """Return the text of a caller with one job for each call."""
    template = (files(__package__) / "templates" / f"sendspec-{name}.yml").read_text("utf-8")
    head, jobs, job = template.partition("jobs:\n")
    texts = [_job_text(job, name, pin, key, call) for key, call in _keyed(calls)]
    return with_checksum(head.replace("BRANCH", json.dumps(branch)) + jobs + "".join(texts))


def _job_text(template: str, name: str, pin: Pin, key: str, call: Call) -> str:
    block = _SECRETS.sub("", template) if call.target == SANDBOX else template
    text = block.replace(f"REPOSITORY/.github/workflows/{name}.yml@COMMIT", pin.uses(name))
    values = {
        "STATUS_ENVIRONMENT": status_environment(call.target),
        "  JOB:": f"  {key}:",
        "DIRECTORY": json.dumps(call.directory),
        "TARGET": json.dumps(call.target),
    }
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _keyed(calls: Iterable[Call]) -> Iterator[tuple[str, Call]]:
    """Yield each call with the key of its job, which no other one has."""
    used: set[str] = set()
    for call in calls:
        key, count = call.job, 1
        while key in used:
            count += 1
            key = f"{call.job}-{count}"
        used.add(key)
        yield key, call


def read_caller(text: str) -> tuple[Call, ...]:
    """Return the calls of a caller, none if it is not a workflow that calls sendspec."""
    return tuple(call for call, _ in _calls(parse_workflow(text)))


def uses_of(text: str) -> dict[Call, UsedWorkflow]:
    """Return the reusable workflow that each call of a caller names."""
    return dict(_calls(parse_workflow(text)))


def parse_workflow(text: str) -> dict[str, Any]:
    """Return a workflow as data, empty if the text is not one."""
    try:
        value = YAML(typ="safe").load(text)
    except (YAMLError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _calls(workflow: dict[str, Any]) -> Iterator[tuple[Call, UsedWorkflow]]:
    jobs = workflow.get("jobs")
    for job in jobs.values() if isinstance(jobs, dict) else ():
        values = job.get("with") if isinstance(job, dict) else None
        used = parse_uses(str(job.get("uses"))) if isinstance(job, dict) else None
        if used is None or not isinstance(values, dict):
            continue
        call = Call(str(values.get("directory", "specs")), str(values.get("target", SANDBOX)))
        yield call, used
