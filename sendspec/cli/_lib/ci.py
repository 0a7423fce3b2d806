"""Detection of a CI service: it cannot answer a question, and it loses files that are not pushed."""

from __future__ import annotations

import json
import os
from typing import Final

_OFF: Final = ("", "0", "false", "no", "off")
CI_VARIABLES: Final = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "BUILDKITE",
    "bamboo_buildKey",
)
"""Variables that CI services set, by the documentation of each; most of them set `CI`.

`TF_BUILD` is that of Azure Pipelines.
"""


_EVENT_BYTES_MAX: Final = 32 << 20
"""More than the 25 MB of the largest event of GitHub."""


def is_public_repository() -> bool:
    """Return whether a CI service states that everyone can read the repository of this run."""
    return stated_visibility() is True


def stated_visibility() -> bool | None:
    """Return whether everyone can read the repository of this run, None if the CI service does not say.

    Sources, as of 2026-11: GitHub, "Webhook events and payloads": `repository` of an event, with `private`
    and `visibility`; GitLab, "Predefined CI/CD variables reference": CI_PROJECT_VISIBILITY.
    """
    if not in_ci():
        return None
    if visibility := os.environ.get("CI_PROJECT_VISIBILITY"):
        return visibility == "public"
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        return None
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - pathlib is imported only where it is needed
            event = json.loads(stream.read(_EVENT_BYTES_MAX))
        repository = event["repository"]
        private, visibility = repository["private"], repository.get("visibility", "public")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return private is False and visibility == "public" if isinstance(private, bool) else None


def in_ci() -> bool:
    """Return whether a CI service runs this process: one of `CI_VARIABLES` is set."""
    return any(os.environ.get(name, "").lower() not in _OFF for name in CI_VARIABLES)
