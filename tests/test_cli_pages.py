"""`sendspec schema`, `rules` and `explain`: built-in pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sendspec.rules import RULES
from sendspec.schema import NAMES

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"


@pytest.mark.parametrize("name", NAMES)
def test_schemas(name, cli, tmp_path):
    """Each schema is printed exactly as in `schemas/`, to standard output or to a file."""
    shipped = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    done = cli("schema", name)
    assert (done.code, done.out, done.err) == (0, shipped, "")
    assert cli("schema", name, "-o", "schema.json").out == ""
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == shipped


def test_help_and_folder_name_the_same_schemas(cli):
    """Help, folder and hint list all schemas."""
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in NAMES}
    # The help may break a line at any hyphen.
    text = "".join(cli("schema", "--help").out.split())
    assert f"Names:{','.join(NAMES)}." in text
    assert f"hint: choose one of: {', '.join(NAMES)}" in cli("schema", "zzz").err


def test_rules_have_one_line_each(cli):
    """Every rule has a line with id, level and summary, in columns."""
    lines = cli("rules").out.splitlines()
    width = max(len(rule.id) for rule in RULES)
    assert [line[:width].strip() for line in lines] == [rule.id for rule in RULES]
    assert [line[width + 2 :].split()[0] for line in lines] == [rule.level.value for rule in RULES]
    assert [line[width + 11 :] for line in lines] == [rule.summary for rule in RULES]


def test_rules_for_machines(cli, tmp_path):
    """JSON has the same rules, with their reasons, on standard output and in a file."""
    printed = cli("rules", "--format", "json").out
    assert json.loads(printed) == [
        {
            "id": rule.id,
            "level": rule.level.value,
            "summary": rule.summary,
            "reasons": dict(rule.reasons),
        }
        for rule in RULES
    ]
    cli("rules", "--format", "json", "-o", "rules.json")
    assert (tmp_path / "rules.json").read_text() == printed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page(rule, cli):
    """`explain` prints the complete page of a rule under its id."""
    done = cli("explain", rule.id)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"# {rule.id}\n\n{rule.page.strip()}\n"
    assert max(len(line) for line in done.out.splitlines()) <= 120
