"""The level of a rule in a project, as a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Level
from sendspec.rules._lib.settings import effective_level, is_off

if TYPE_CHECKING:
    from sendspec.model import Project
    from sendspec.rules._lib.rule import Rule


def level_of(rule: Rule, project: Project) -> str:
    """Return `off`, or the level of a rule with the settings of a project."""
    if is_off(rule, project.rules):
        return "off"
    return effective_level(rule, rule.level, project.rules).value


def is_error(rule: Rule, project: Project) -> bool:
    """Return whether a finding of a rule is an error in a project, if the rule does not set its level."""
    return level_of(rule, project) == Level.ERROR.value
