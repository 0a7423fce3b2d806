"""The settings of `sendspec.yaml` that differ from those of a base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import short_digest
from sendspec.model import FieldChange, RuleSetting
from sendspec.rules import RULES, level_of

if TYPE_CHECKING:
    from sendspec.model import Project, Target

_NONE: Final = RuleSetting()


def setting_changes(base: Project, project: Project, target: str) -> tuple[FieldChange, ...]:
    """Return the settings of a target and of the project that differ, by their keys in the file."""
    before, now = _settings(base, target), _settings(project, target)
    return tuple(
        FieldChange(name, before.get(name), now.get(name))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    )


def rule_changes(base: Project, project: Project) -> dict[str, str]:
    """Return how the setting of each rule differs, such as `error → off`, by the id of the rule."""
    found: dict[str, str] = {}
    for rule in RULES:
        before, now = level_of(rule, base), level_of(rule, project)
        if before != now:
            found[rule.id] = f"{before} → {now}"
        elif base.rules.get(rule.id, _NONE).options != project.rules.get(rule.id, _NONE).options:
            found[rule.id] = "other options"
    return found


def _settings(project: Project, target: str) -> dict[str, Any]:
    pricing = project.pricing
    settings = {
        **{f"vars.{name}": value for name, value in project.vars.items()},
        **{f"rules.{rule}": _rule(setting) for rule, setting in project.rules.items()},
        **_target(project.targets.get(target)),
        "brand": list(project.brand),
        "exclude": [
            entry.file if entry.sha256 is None else {"file": entry.file, "sha256": short_digest(entry.sha256)}
            for entry in project.exclude
        ],
        "pricing": pricing
        and {
            "currency": pricing.currency,
            "perSegment": {country: str(price) for country, price in pricing.per_segment.items()},
            "default": None if pricing.default is None else str(pricing.default),
        },
    }
    return {name: value for name, value in settings.items() if value not in (None, [], {})}


def _rule(setting: RuleSetting) -> dict[str, Any]:
    level = "off" if setting.off else setting.level and setting.level.value
    return {**({"level": level} if level else {}), **setting.options}


def _target(target: Target | None) -> dict[str, Any]:
    if target is None:
        return {}
    start = f"targets.{target.name}"
    return {
        f"{start}.baseUrl": target.base_url,
        f"{start}.sandbox": target.sandbox or None,
        f"{start}.ledger": target.ledger,
        f"{start}.concurrency": target.concurrency,
        **{f"{start}.vars.{name}": value for name, value in target.vars.items()},
    }
