"""`sendspec explain RULE`: a rule's page."""

from __future__ import annotations

import click

from sendspec.cli._lib.console import Console
from sendspec.errors import Usage


@click.command("explain")
@click.argument("rule_id", metavar="RULE")
def command(rule_id: str) -> int:
    """Print what a rule looks for, why, and how to satisfy it."""
    from sendspec.rules import RULES
    from sendspec.suggest import did_you_mean

    pages = {rule.id: rule.page for rule in RULES}
    if rule_id not in pages:
        hint = did_you_mean(rule_id, pages) or "`sendspec rules` lists them"
        raise Usage(f"there is no rule '{rule_id}'", hint=hint)
    Console().data(f"# {rule_id}\n\n{pages[rule_id].strip()}\n")
    return 0
