"""`sendspec rules`: a list of the rules."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.outputs import choose_outputs, write_outputs

if TYPE_CHECKING:
    from sendspec.cli._lib.outputs import Output


@click.command("rules")
@options.optional_directory_argument
@click.option(
    "--group", "groups", metavar="GROUP", multiple=True, help="Only the rules of this group; repeatable."
)
@options.format_option("text", "json")
@options.output_option
def command(
    directory: str | None, groups: tuple[str, ...], outputs: tuple[Output, ...], output: str | None
) -> int:
    """List the rules with their groups, levels and summaries.

    Levels are those of the project in DIR, or of the nearest one; without a project, the defaults.
    """
    from sendspec.cli._lib.rule_names import find_rules
    from sendspec.cli._lib.settings_in_force import read_settings
    from sendspec.report.rule_list import rules_json, rules_text
    from sendspec.rules import rule_in_force

    outputs = choose_outputs(outputs, output)
    selected = find_rules(groups, only_groups=True)
    project = read_settings(directory)
    file = None if project is None else (project.directory / "sendspec.yaml").as_posix()
    rules = [rule_in_force(rule, project) for rule in selected]
    texts = {"text": partial(rules_text, rules, file), "json": partial(rules_json, rules, file)}
    write_outputs(Console(), outputs, texts)
    return 0
