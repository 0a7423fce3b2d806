"""Project loader: YAML text → located tree → JSON Schema → model.

`yaml_parser` builds the tree and refuses YAML features that specs do not need, `yaml_values` converts
the tree to values, and `project` reads a whole project directory and reports all problems together.
"""

from __future__ import annotations

from sendspec.load.project import load_project, load_settings
from sendspec.load.project_files import (
    MISSING_HINT,
    ProjectFiles,
    is_campaign,
    read_inside,
    read_regular,
    resolve_below,
    resolve_inside,
)
from sendspec.load.yaml_parser import parse_document

__all__ = [
    "MISSING_HINT",
    "ProjectFiles",
    "is_campaign",
    "load_project",
    "load_settings",
    "parse_document",
    "read_inside",
    "read_regular",
    "resolve_below",
    "resolve_inside",
]
