"""The rules: what can be known to go wrong before anything is sent.

One rule, one file, one id; its docstring is its page. `inspect` runs them all.
"""

from __future__ import annotations

from sendspec.rules._lib.base import Context, Option, Rule
from sendspec.rules._lib.engine import Inspection, inspect
from sendspec.rules._lib.registry import RULES

__all__ = ["RULES", "Context", "Inspection", "Option", "Rule", "inspect"]
