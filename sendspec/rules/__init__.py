"""Rules: checks of rendered sends before anything is sent.

Each module here is one rule, each rule has one id, and its module's docstring is its page.
`run_rules` runs all of them; `_lib` has the parts that they share.
"""

from __future__ import annotations

from sendspec.rules._lib.engine import CheckResult, run_rules, sorted_findings
from sendspec.rules._lib.in_force import RuleInForce, rule_in_force
from sendspec.rules._lib.level_of import is_error, level_of
from sendspec.rules._lib.list_scans import ListObserver
from sendspec.rules._lib.people_rule import PeopleRule
from sendspec.rules._lib.readable_text import SendText, used_texts
from sendspec.rules._lib.registry import RULES
from sendspec.rules._lib.rule import Option, Rule, RuleContext, RuleGroup
from sendspec.rules._lib.settings import is_off
from sendspec.rules._lib.text_location import TextSource, text_location, text_sources
from sendspec.rules.list_absent import ListAbsent, absent_list_errors

__all__ = [
    "RULES",
    "CheckResult",
    "ListAbsent",
    "ListObserver",
    "Option",
    "PeopleRule",
    "Rule",
    "RuleContext",
    "RuleGroup",
    "RuleInForce",
    "SendText",
    "TextSource",
    "absent_list_errors",
    "is_error",
    "is_off",
    "level_of",
    "rule_in_force",
    "run_rules",
    "sorted_findings",
    "text_location",
    "text_sources",
    "used_texts",
]
