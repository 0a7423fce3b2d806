"""Rule settings of a project: levels, options and exceptions, and their problems."""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Level, Location, Locations, Problem
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sendspec.model import Project, RuleSetting, Send
    from sendspec.rules._lib.rule import Option, Rule

_LIST_RULES: Final = "run `sendspec rules` to list the rules"
_GROUPS: Final = frozenset(RuleGroup)
_WEIGHT: Final = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


def setting_problems(project: Project, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Yield the problems of `rules:` in sendspec.yaml: unknown names and options, invalid values."""
    for name, setting in project.rules.items():
        root = setting.location or Location(str(project.directory / "sendspec.yaml"))
        locations = project.locations or Locations(root)
        if name in _GROUPS:
            for option in setting.options:
                location = locations.key("rules", name, option)
                hint = f"set it at a rule of the group; `sendspec explain {name}` lists them"
                yield Problem(location, f"the group {name} has a level, but not the option '{option}'", hint)
        elif name in rules:
            yield from _option_problems(rules[name], setting.options, locations)
        else:
            hint = did_you_mean(name, [*rules, *map(str, RuleGroup)]) or _LIST_RULES
            yield Problem(root, f"unknown rule '{name}'", hint)


def _option_problems(rule: Rule, options: Mapping[str, Any], locations: Locations) -> Iterator[Problem]:
    for name, value in options.items():
        option = rule.options.get(name)
        if option is None:
            location = locations.key("rules", rule.id, name)
            hint = did_you_mean(name, rule.options) or _list_options(rule)
            yield Problem(location, f"unknown option '{name}' of rule {rule.id}", hint)
        elif (requirement := option.problem(value)) is not None:
            location = locations.of("rules", rule.id, name, *_invalid_item(option, value))
            yield Problem(location, f"option '{name}' of rule {rule.id} {requirement}")
            return
    if (contradiction := rule.option_problem(options)) is not None:
        yield Problem(locations.of("rules", rule.id, *list(options)[:1]), *contradiction)


def _invalid_item(option: Option, value: Any) -> tuple[int, ...]:
    """Return the index of the first item of a list that is not valid by itself, nothing if there is none."""
    items = enumerate(value) if isinstance(value, list) else ()
    return next(((index,) for index, item in items if option.problem([item]) is not None), ())


def _list_options(rule: Rule) -> str:
    return (
        f"use one of its options: {', '.join(rule.options)}"
        if rule.options
        else "remove it; the rule has no options"
    )


def allow_problems(sends: Iterable[Send], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Yield the `allow` entries of unknown rules, once for all sends of a matrix, which share them."""
    seen: set[Location] = set()
    for send in sends:
        for allowance in send.allow:
            if allowance.rule not in rules and allowance.location not in seen:
                seen.add(allowance.location)
                message = f"allow names the unknown rule '{allowance.rule}'"
                hint = did_you_mean(allowance.rule, rules) or _LIST_RULES
                if allowance.rule in _GROUPS:
                    message = f"allow names the group {allowance.rule}; it needs the id of a rule"
                    hint = f"write one entry for each rule; `sendspec explain {allowance.rule}` lists them"
                yield Problem(allowance.location, message, hint)


def level_setting(rule: Rule, settings: Mapping[str, RuleSetting]) -> tuple[str, RuleSetting] | None:
    """Return the setting that decides the level of a rule, with its name; None if none does.

    The setting of the rule itself comes before that of its group.
    """
    for name in (rule.id, rule.group):
        setting = settings.get(name)
        if setting is not None and (setting.off or setting.level is not None):
            return name, setting
    return None


def is_off(rule: Rule, settings: Mapping[str, RuleSetting]) -> bool:
    """Return whether the settings disable a rule."""
    found = level_setting(rule, settings)
    return found is not None and found[1].off


def effective_level(rule: Rule, level: Level, settings: Mapping[str, RuleSetting]) -> Level:
    """Return the level of a finding whose rule gave it `level`.

    A level in the settings replaces the rule's own, and a finding with another level never exceeds it.
    The level of a group does not raise the notes of a rule whose own level is info, because a note is
    not a defect: with `people: error`, an exclude list that works would block every send.
    """
    found = level_setting(rule, settings)
    if found is None or (highest := found[1].level) is None:
        return level
    name, _ = found
    if level is rule.level and (name == rule.id or level is not Level.INFO):
        return highest
    return min(level, highest, key=_WEIGHT.__getitem__)


def active_exception(send: Send, rule: Rule, now: datetime) -> tuple[str | None, str | None]:
    """Return the reason of a valid `allow` entry, and else a sentence about an expired one."""
    entries = [allowance for allowance in send.allow if allowance.rule == rule.id]
    for entry in entries:
        if entry.until is None or now <= entry.until:
            return entry.reason, None
    if not entries:
        return None, None
    latest = max(entry.until for entry in entries if entry.until is not None)
    is_day = latest.timetz() == time.max.replace(tzinfo=UTC)
    end = f"at the end of {latest:%Y-%m-%d} (UTC)" if is_day else f"at {latest.isoformat()}"
    return None, f"the `allow` entry for this rule expired {end}"
