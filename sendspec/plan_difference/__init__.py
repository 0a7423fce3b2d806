"""The difference between a plan and that of a base: what a branch changes in what is sent."""

from __future__ import annotations

from sendspec.plan_difference.base_specs import BaseFiles, BaseSpecs, read_base
from sendspec.plan_difference.comparison import BaseComparison

__all__ = ["BaseComparison", "BaseFiles", "BaseSpecs", "read_base"]
