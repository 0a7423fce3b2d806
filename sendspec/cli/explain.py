"""`sendspec explain RULE`: a rule's page."""

from __future__ import annotations

from difflib import get_close_matches

import click

from sendspec.cli.console import Console
from sendspec.errors import Usage


@click.command("explain")
@click.argument("rule_id", metavar="RULE")
def command(rule_id: str) -> int:
    """Print what a rule looks for, why, and how to satisfy it."""
    from sendspec.rules import RULES  # noqa: PLC0415 - heavy, and not needed for help

    pages = {rule.id: rule.page for rule in RULES}
    if rule_id not in pages:
        near = get_close_matches(rule_id, pages, n=1)
        raise Usage(
            f"there is no rule '{rule_id}'",
            hint=f"did you mean '{near[0]}'?" if near else "`sendspec rules` lists them",
        )
    Console().data(f"# {rule_id}\n\n{pages[rule_id].strip()}\n")
    return 0
