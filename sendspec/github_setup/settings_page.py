"""The page of settings to make on GitHub, with the place of each and a command where the API has one."""

from __future__ import annotations

import json
import shlex
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from sendspec.github_setup.checksums import with_checksum
from sendspec.ledger.git_plumbing import BRANCH
from sendspec.model import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.github_setup.called_workflows import Call, Pin

SETTINGS_PATH: Final = ".github/SENDSPEC.md"

_FIRST_ENVIRONMENT: Final = 4
"""The number of the heading after those that all targets share."""

_GROWS_ONLY: Final = ({"type": "deletion"}, {"type": "non_fast_forward"})


def settings_page(pin: Pin, branch: str, calls: Sequence[Call]) -> str:
    """Return the page for these calls, with one section for the environment of each real target."""
    folder = files(__package__) / "templates"
    page = (folder / "SENDSPEC.md").read_text("utf-8")
    environment = (folder / "environment.md").read_text("utf-8")
    real = list({call.target: call for call in calls if call.target != SANDBOX}.values())
    parts = [
        _filled(environment, branch, call, number) for number, call in enumerate(real, _FIRST_ENVIRONMENT)
    ]
    shared = {
        "RULES_OF_MAIN": _json(_ruleset("default branch", "~DEFAULT_BRANCH", _review_rules(calls))),
        "RULES_OF_LEDGER": _json(_ruleset("sendspec ledger", BRANCH, _GROWS_ONLY)),
        "SOURCE": pin.repository,
        "MAIN": branch,
        "DOCTOR": _doctor((real or calls)[0]),
    }
    return with_checksum("".join([_replaced(page, shared), *parts]))


def _doctor(call: Call) -> str:
    directory = () if call.directory == "specs" else (call.directory,)
    return shlex.join(("sendspec", "doctor", *directory, "--target", call.target))


def _filled(template: str, branch: str, call: Call, number: int) -> str:
    branches = {
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    environment = {
        "prevent_self_review": True,
        "reviewers": [{"type": "Team", "id": "$team"}],
        **branches,
    }
    # The shell fills in the number of the team, which is not a string in JSON.
    values = {
        "ENVIRONMENT": _json(environment).replace('"$team"', "$team"),
        "STATUS_SETTINGS": _json(branches),
        "NUMBER": str(number),
        "TARGET": call.target,
        "MAIN": branch,
        "DIRECTORY": shlex.quote(call.directory),
    }
    return _replaced(template, values)


def _review_rules(calls: Sequence[Call]) -> list[dict[str, Any]]:
    review = {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_review_thread_resolution": False,
    }
    checks = {
        "strict_required_status_checks_policy": True,
        "required_status_checks": [{"context": f"{call.job} / plan {call.target}"} for call in calls],
    }
    return [
        *_GROWS_ONLY,
        {"type": "pull_request", "parameters": review},
        {"type": "required_status_checks", "parameters": checks},
    ]


def _ruleset(name: str, ref: str, rules: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [ref], "exclude": []}},
        "rules": list(rules),
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


def _replaced(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
