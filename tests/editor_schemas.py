"""The schemas of campaigns and of sendspec.yaml, with the parts that are generated from the rules.

`python -m tests.reference` writes them; tests/test_editor_schemas.py checks that they are current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendspec.rules import RULES, RuleGroup
from sendspec.schema import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.rules import Rule
    from sendspec.rules._lib.rule import Option

SCHEMAS: Final = Path(__file__).resolve().parents[1] / "schemas"
NAMES: Final = ("campaign", "project")
"""Schemas of the files that people write in an editor."""

_WIDTH: Final = 110
_MESSAGE: Final = "patternErrorMessage"
_LEVEL: Final = "Level of the findings; off disables the rule."
_RULE_SETTING: Final = {"$ref": "#/$defs/rule-setting"}


def path_of(name: str) -> Path:
    """Return the file of a schema."""
    return SCHEMAS / f"{name}.schema.json"


def generated_text(name: str) -> str:
    """Return the text of a schema with its generated parts, in the canonical form."""
    schema = json.loads(path_of(name).read_text(encoding="utf-8"))
    if name == "campaign":
        schema["$defs"]["rule-id"] |= _rule_ids()
    else:
        setting = schema["$defs"]["rule-setting"]
        setting["defaultSnippets"] = _level_snippets(schema["$defs"]["level"])
        schema["properties"]["rules"] |= _rules(setting["defaultSnippets"])
    return f"{_formatted(_with_messages(schema), '', 0)}\n"


def _with_messages(node: Any) -> Any:
    """Return a schema in which every pattern has the message that an editor shows instead of the pattern."""
    if isinstance(node, list):
        return [_with_messages(item) for item in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in {OVERLAY, "examples", "default", "defaultSnippets", _MESSAGE}:
            found.setdefault(key, value)
            continue
        found[key] = _with_messages(value)
        if key == "pattern" and isinstance(value, str):
            title = node.get("title")
            found[_MESSAGE] = node[_MESSAGE] if title is None else f"This must be {title}."
    return found


def _rule_ids() -> dict[str, Any]:
    enum = {"enum": [rule.id for rule in RULES], "enumDescriptions": [rule.summary for rule in RULES]}
    return {**enum, OVERLAY: _later(enum)}


def _level_snippets(level: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the levels as proposals for a setting, whose enumeration is behind a condition."""
    described = zip(level["enum"], level["enumDescriptions"], strict=True)
    return [{"label": name, "description": text, "body": name} for name, text in described]


def _rules(snippets: list[dict[str, str]]) -> dict[str, Any]:
    """Return the keywords of `rules`: the settings of each group and each rule, and nothing else."""
    return {
        "properties": {
            **{group.value: _group_setting(group) for group in RuleGroup},
            **{rule.id: _rule_setting(rule, snippets) for rule in RULES},
        },
        "additionalProperties": False,
        OVERLAY: {"additionalProperties": _RULE_SETTING},
    }


def _group_setting(group: RuleGroup) -> dict[str, Any]:
    description = f"{group.summary} The setting of a group is the level of all its rules."
    return {**_RULE_SETTING, "description": description}


def _rule_setting(rule: Rule, snippets: list[dict[str, str]]) -> dict[str, Any]:
    description = f"{rule.summary} Group {rule.group}, {rule.level} by default."
    if not rule.options:
        return {**_RULE_SETTING, "description": description}
    return {
        "title": "a level, or a mapping with level and options",
        "description": description,
        "defaultSnippets": snippets,
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"$ref": "#/$defs/level"},
        "properties": {
            "level": {
                "$ref": "#/$defs/level",
                "description": "Level of the findings; off disables the rule.",
            },
            **{name: _option(option) for name, option in rule.options.items()},
        },
        "additionalProperties": False,
        OVERLAY: {"additionalProperties": None},
    }


def _option(option: Option) -> dict[str, Any]:
    """Return the schema of an option, which sendspec checks after the schema, with a better message."""
    schema = option.values.schema
    return {
        "description": f"{option.summary[0].upper()}{option.summary[1:]}.",
        **({} if option.example is None else {"examples": [option.example]}),
        **({} if option.default is None else {"default": option.default}),
        **({_MESSAGE: f"This {option.values.requirement}."} if "pattern" in schema else {}),
        **schema,
        OVERLAY: _later(schema),
    }


def _later(keywords: Mapping[str, Any]) -> dict[str, None]:
    """Return the overlay without these keywords, because another stage reports what they refuse."""
    return dict.fromkeys(keywords)


def _formatted(node: Any, indent: str, before: int) -> str:
    """Return JSON text in which a value is in one line if it fits behind `before` other characters."""
    line = json.dumps(node, ensure_ascii=False)
    if not isinstance(node, dict | list) or not node or len(indent) + before + len(line) < _WIDTH:
        return line
    inner = f"{indent}  "
    if isinstance(node, list):
        items = [f"{inner}{_formatted(item, inner, 0)}" for item in node]
        return "\n".join(("[", ",\n".join(items), f"{indent}]"))
    names = {name: f"{json.dumps(name)}: " for name in node}
    items = [
        f"{inner}{names[name]}{_formatted(value, inner, len(names[name]))}" for name, value in node.items()
    ]
    return "\n".join(("{", ",\n".join(items), f"{indent}}}"))


def write() -> None:
    """Write the schemas."""
    for name in NAMES:
        path_of(name).write_text(generated_text(name), encoding="utf-8")
