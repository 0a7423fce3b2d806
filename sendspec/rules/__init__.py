"""The rules: what can be known to go wrong before anything is sent.

One rule, one file, one id; its docstring is its page. `inspect` runs them all.
"""

from __future__ import annotations

from sendspec.rules.engine import Inspection, inspect
from sendspec.rules.registry import RULES
from sendspec.rules.rule import Context, Option, Rule

__all__ = ["RULES", "Context", "Inspection", "Option", "Rule", "inspect"]
