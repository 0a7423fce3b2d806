"""`sendspec rules`: every rule in a line."""

from __future__ import annotations

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console


@click.command("rules")
@options.form("text", "json")
@options.output
def command(form: str, output: str | None) -> int:
    """List the rules, their levels and what they look for."""
    from sendspec.rules import RULES

    if form == "json":
        import json

        rows = [
            {
                "id": rule.id,
                "level": rule.level.value,
                "summary": rule.summary,
                "reasons": dict(rule.reasons),
            }
            for rule in RULES
        ]
        text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    else:
        width = max(len(rule.id) for rule in RULES)
        text = "".join(f"{rule.id:{width}}  {rule.level.value:7}  {rule.summary}\n" for rule in RULES)
    Console().data(text, output)
    return 0
