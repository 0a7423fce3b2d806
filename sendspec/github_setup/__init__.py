"""Files of a repository that runs sendspec in GitHub Actions, as `init --github` writes them.

It decides what to write from the texts of existing files, and changes no file itself.
"""

from sendspec.github_setup.called_workflows import Call, Pin, UsedWorkflow, parse_uses
from sendspec.github_setup.callers import CALLERS, caller_path, parse_workflow, status_environment
from sendspec.github_setup.repository_files import (
    Change,
    ChangeKind,
    Missing,
    known_calls,
    repository_changes,
)
from sendspec.github_setup.settings_page import SETTINGS_PATH
from sendspec.github_setup.shared_files import DEPENDABOT_PATHS, OWNER_PLACEHOLDER, OWNERS_PATHS

__all__ = [
    "CALLERS",
    "DEPENDABOT_PATHS",
    "OWNERS_PATHS",
    "OWNER_PLACEHOLDER",
    "SETTINGS_PATH",
    "Call",
    "Change",
    "ChangeKind",
    "Missing",
    "Pin",
    "UsedWorkflow",
    "caller_path",
    "known_calls",
    "parse_uses",
    "parse_workflow",
    "repository_changes",
    "status_environment",
]
