"""Rule settings of a project: levels, options and exceptions, and their problems."""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Level, Location, Problem
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sendspec.model import Project, RuleSetting, Send
    from sendspec.rules._lib.rule import Rule, Violation

_LIST_RULES: Final = "run `sendspec rules` to list the rules"
_WEIGHT: Final = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


def setting_problems(project: Project, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Yield the problems of `rules:` in sendspec.yaml: unknown ids and options, invalid values."""
    for name, setting in project.rules.items():
        location = setting.location or Location(str(project.directory / "sendspec.yaml"))
        rule = rules.get(name)
        if rule is None:
            yield Problem(location, f"unknown rule '{name}'", did_you_mean(name, rules) or _LIST_RULES)
        else:
            yield from _option_problems(rule, setting.options, location)


def _option_problems(rule: Rule, options: Mapping[str, Any], location: Location) -> Iterator[Problem]:
    for name, value in options.items():
        option = rule.options.get(name)
        if option is None:
            hint = did_you_mean(name, rule.options) or _list_options(rule)
            yield Problem(location, f"unknown option '{name}' of rule {rule.id}", hint)
        elif (requirement := option.validate(value)) is not None:
            yield Problem(location, f"option '{name}' of rule {rule.id} {requirement}")


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
                hint = did_you_mean(allowance.rule, rules) or _LIST_RULES
                yield Problem(allowance.location, f"allow names the unknown rule '{allowance.rule}'", hint)


def effective_level(rule: Rule, violation: Violation, setting: RuleSetting | None) -> Level:
    """Return the level of a finding: its own, or the level in the settings, and never above that."""
    level = violation.level or rule.level
    if setting is None or setting.level is None:
        return level
    if level is rule.level:
        return setting.level
    return min(level, setting.level, key=_WEIGHT.__getitem__)


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
