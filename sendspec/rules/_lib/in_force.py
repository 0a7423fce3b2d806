"""Rules with the level and the options that a project gives them, and the locations of these settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sendspec.rules._lib.settings import effective_level, level_setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import Level, Location, Project
    from sendspec.rules._lib.rule import Rule


class OptionInForce(Struct, frozen=True):
    """The value of an option; `location` is None if the project does not set it."""

    value: Any
    location: Location | None


class RuleInForce(Struct, frozen=True):
    """A rule as a project uses it: `level` None means that it is off.

    `level_from` is the name of the setting that decides the level, the rule or its group, and
    `level_location` its location. Both are None if the project does not set the level.
    """

    rule: Rule
    level: Level | None
    level_from: str | None
    level_location: Location | None
    options: Mapping[str, OptionInForce]


def rule_in_force(rule: Rule, project: Project | None) -> RuleInForce:
    """Return a rule with the settings of a project, or with its defaults if `project` is None."""
    settings = {} if project is None else project.rules
    found = level_setting(rule, settings)
    name, setting = (None, None) if found is None else found
    own = settings.get(rule.id)
    values = {} if own is None else own.options
    return RuleInForce(
        rule=rule,
        level=None if setting is not None and setting.off else effective_level(rule, rule.level, settings),
        level_from=name,
        level_location=_location(project, name, "level") if name else None,
        options={
            option: OptionInForce(
                values.get(option, known.default),
                _location(project, rule.id, option) if option in values else None,
            )
            for option, known in rule.options.items()
        },
    )


def _location(project: Project | None, name: str, key: str) -> Location | None:
    if project is None or project.locations is None:
        return None
    return project.locations.of("rules", name, key)
