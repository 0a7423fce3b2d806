"""Detection of a CI service: it cannot answer a question, and it loses files that are not pushed."""

from __future__ import annotations

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


def in_ci() -> bool:
    """Return whether a CI service runs this process: one of `CI_VARIABLES` is set."""
    return any(os.environ.get(name, "").lower() not in _OFF for name in CI_VARIABLES)
