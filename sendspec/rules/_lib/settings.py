"""What a project makes of the rules: levels, options and exceptions, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any

from sendspec.model import Level, Location, Problem
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sendspec.model import Project, RuleSetting, Send
    from sendspec.rules._lib.base import Rule, Violation

_WEIGHT = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


def setting_problems(project: Project, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Give what is wrong with `rules:` of sendspec.yaml: unknown ids and options, impossible values."""
    for name, setting in project.rules.items():
        location = setting.location or Location(str(project.directory / "sendspec.yaml"))
        rule = rules.get(name)
        if rule is None:
            yield Problem(location, f"unknown rule '{name}'", did_you_mean(name, rules) or _LIST)
        else:
            yield from _option_problems(rule, setting.options, location)


def _option_problems(rule: Rule, options: Mapping[str, Any], location: Location) -> Iterator[Problem]:
    for name, value in options.items():
        option = rule.options.get(name)
        if option is None:
            known = f"its options: {', '.join(rule.options)}" if rule.options else "it has no options"
            yield Problem(
                location,
                f"unknown option '{name}' of rule {rule.id}",
                did_you_mean(name, rule.options) or known,
            )
        elif (complaint := option.complaint(value)) is not None:
            yield Problem(location, f"option '{name}' of rule {rule.id} {complaint}")


def allow_problems(sends: Iterable[Send], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Give the `allow` entries that name no rule; the sends of a matrix share theirs."""
    seen: set[Location] = set()
    for send in sends:
        for allowance in send.allow:
            if allowance.rule not in rules and allowance.location not in seen:
                seen.add(allowance.location)
                hint = did_you_mean(allowance.rule, rules) or _LIST
                yield Problem(allowance.location, f"allow names the unknown rule '{allowance.rule}'", hint)


_LIST = "`sendspec rules` lists them"


def effective_level(rule: Rule, report: Violation, setting: RuleSetting | None) -> Level:
    """Give the level of a finding: the rule's own or the one that was set, never above the set one."""
    level = report.level or rule.level
    if setting is None or setting.level is None:
        return level
    if report.level is None or report.level is rule.level:
        return setting.level
    return min(level, setting.level, key=_WEIGHT.__getitem__)


def active_exception(send: Send, rule: Rule, now: datetime) -> tuple[str | None, str | None]:
    """Give the reason of an `allow` in force, and else a sentence about one that has expired."""
    entries = [allowance for allowance in send.allow if allowance.rule == rule.id]
    for entry in entries:
        if entry.until is None or now <= entry.until:
            return entry.reason, None
    if not entries:
        return None, None
    latest = max(entry.until for entry in entries if entry.until is not None)
    day = latest.timetz() == time.max.replace(tzinfo=UTC)  # `until` named a day
    ended = f"with {latest:%Y-%m-%d} (UTC)" if day else f"at {latest.isoformat()}"
    return None, f"the `allow` of this rule ended {ended}"
