"""`sendspec schema NAME`: a JSON Schema for editors and other tools."""

from __future__ import annotations

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.completion import complete_schema
from sendspec.cli._lib.console import Console
from sendspec.errors import Usage


@click.command("schema")
@click.argument("name", metavar="NAME", shell_complete=complete_schema)
@options.output_option
def command(name: str, output: str | None) -> int:
    """Print a JSON Schema.

    \b
    Names: campaign, project, lockfile, plan, receipt, status, findings, rules,
    watch, doctor, payload-contact-source, payload-contacts,
    payload-external-consent.
    """  # noqa: D301 - click keeps the lines after this character, which would break a name at a hyphen
    from sendspec.shipped_schemas import NAMES, schema_text
    from sendspec.suggest import did_you_mean

    if name not in NAMES:
        hint = did_you_mean(name, NAMES) or f"choose one of: {', '.join(NAMES)}"
        raise Usage(f"schema '{name}' does not exist", hint=hint)
    Console().write_data(schema_text(name), output)
    return 0
