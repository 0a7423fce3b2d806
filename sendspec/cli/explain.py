"""`sendspec explain RULE`: the page of a rule."""

from __future__ import annotations

import click

from sendspec.cli._lib.console import Console
from sendspec.errors import Usage


@click.command("explain")
@click.argument("rule_id", metavar="RULE")
def command(rule_id: str) -> int:
    """Print what a rule checks, why, and how to comply."""
    from sendspec.rules import RULES
    from sendspec.suggest import did_you_mean

    pages = {rule.id: rule.page for rule in RULES}
    if rule_id not in pages:
        hint = did_you_mean(rule_id, pages) or "run `sendspec rules` to list the rules"
        raise Usage(f"rule '{rule_id}' does not exist", hint=hint)
    Console().write_data(f"# {rule_id}\n\n{pages[rule_id].strip()}\n")
    return 0
