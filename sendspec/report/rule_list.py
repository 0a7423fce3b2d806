"""Rules and groups as text and JSON, with the level and the options that a project gives them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sendspec.report.escape.json_text import json_document
from sendspec.report.escape.plain import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.rules import RuleGroup, RuleInForce

_OFF: Final = "off"
_INDENT: Final = 4


def rules_json(rules: Sequence[RuleInForce], settings_file: str | None) -> str:
    """Return rules as a JSON document in the format of `schemas/rules.schema.json`."""
    values = [_rule_value(in_force, has_project=settings_file is not None) for in_force in rules]
    return json_document({"version": 1, "project": settings_file, "rules": values})


def _rule_value(in_force: RuleInForce, *, has_project: bool) -> dict[str, Any]:
    rule = in_force.rule
    return {
        "id": rule.id,
        "group": rule.group.value,
        "level": rule.level.value,
        "projectLevel": (in_force.level or _OFF) if has_project else None,
        "summary": rule.summary,
        "reasons": dict(rule.reasons),
        "options": {
            name: {
                "default": option.default,
                "value": in_force.options[name].value,
                "summary": option.summary,
            }
            for name, option in rule.options.items()
        },
    }


def rules_text(rules: Sequence[RuleInForce], settings_file: str | None) -> str:
    """Return rules as a table with the groups as headings; `*` marks a level that is not the default."""
    groups = dict.fromkeys(in_force.rule.group for in_force in rules)
    blocks = ["\n".join([f"{group}: {group.summary}", *_rows(group, rules)]) for group in groups]
    return "\n\n".join([*blocks, *_note(rules, settings_file)]) + "\n"


def _rows(group: RuleGroup, rules: Sequence[RuleInForce]) -> Iterator[str]:
    width = max((len(in_force.rule.id) for in_force in rules), default=0)
    for in_force in rules:
        if in_force.rule.group is group:
            level = f"{in_force.level or _OFF}{'*' if _differs(in_force) else ''}"
            yield f"  {in_force.rule.id:{width}}  {level:8}  {in_force.rule.summary}"


def _differs(in_force: RuleInForce) -> bool:
    return in_force.level is not in_force.rule.level


def _note(rules: Sequence[RuleInForce], settings_file: str | None) -> Iterator[str]:
    if any(map(_differs, rules)):
        yield f"* not the default level, by {escape_text(str(settings_file))}"


def rule_page(in_force: RuleInForce) -> str:
    """Return the page of a rule, then its group, and its level and options with their locations."""
    rule = in_force.rule
    rows = [("group", rule.group.value, rule.group.summary)]
    rows.append(("level", in_force.level or _OFF, _level_origin(in_force)))
    rows += [
        (
            name,
            _shown(option.value),
            f"{option.location.file}:{option.location.line}" if option.location else "default",
        )
        for name, option in in_force.options.items()
    ]
    return f"# {rule.id}\n\n{rule.page}\n\nSettings:\n\n" + _aligned(rows)


def _level_origin(in_force: RuleInForce) -> str:
    if in_force.level_location is None:
        return "default"
    place = f"{in_force.level_location.file}:{in_force.level_location.line}"
    by_group = in_force.level_from != in_force.rule.id
    return f"{place}, group {in_force.level_from}" if by_group else place


def group_page(group: RuleGroup, rules: Sequence[RuleInForce], settings_file: str | None) -> str:
    """Return what the rules of a group have in common, the rules, and how to set their level."""
    usage = (
        f"`rules: {{{group}: warning}}` in sendspec.yaml sets the level of all these rules.\n"
        "The level of a rule itself comes before that of its group."
    )
    blocks = [
        f"# {group}",
        group.summary,
        "\n".join(_rows(group, rules)),
        *_note(rules, settings_file),
        usage,
    ]
    return "\n\n".join(blocks) + "\n"


def _shown(value: Any) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> str:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = (f"{name:{first}}  {value:{second}}  {origin}" for name, value, origin in rows)
    return "".join(f"{' ' * _INDENT}{escape_text(line)}\n" for line in lines)
