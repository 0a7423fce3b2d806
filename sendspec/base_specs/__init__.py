"""The specs of a base: the project directory of a commit, read from git's objects, or of a directory."""

from __future__ import annotations

from sendspec.base_specs.open_base import open_base

__all__ = ["open_base"]
