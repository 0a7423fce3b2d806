"""YAML text → located tree → JSON Schema → model.

`parse` makes the tree and refuses what no spec needs, `convert` makes values of it beside the schema,
`project` reads a whole project directory and tells every problem of every file at once.
"""

from __future__ import annotations

from sendspec.load.files import read_inside, resolve_inside
from sendspec.load.project import load_project
from sendspec.load.yaml_parser import parse_document

__all__ = ["load_project", "parse_document", "read_inside", "resolve_inside"]
