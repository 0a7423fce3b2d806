"""`sendspec explain RULE`: the page of a rule or of a group."""

from __future__ import annotations

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.completion import complete_rule
from sendspec.cli._lib.console import Console


@click.command("explain")
@click.argument("name", metavar="RULE", shell_complete=complete_rule)
@options.optional_directory_argument
def command(name: str, directory: str | None) -> int:
    """Print what a rule checks, why, and how to comply.

    RULE is the id of a rule or a group. The page of a rule ends with the level and the options that the
    project in DIR, or the nearest one, gives to it; that of a group lists its rules.
    """
    from sendspec.cli._lib.rule_names import find_rules
    from sendspec.cli._lib.settings_in_force import read_settings
    from sendspec.report.rule_list import group_page, rule_page
    from sendspec.rules import RuleGroup, rule_in_force

    found = find_rules([name])
    project = read_settings(directory)
    rules = [rule_in_force(rule, project) for rule in found]
    if name in {group.value for group in RuleGroup}:
        file = None if project is None else (project.directory / "sendspec.yaml").as_posix()
        page = group_page(RuleGroup(name), rules, file)
    else:
        page = rule_page(rules[0])
    Console().write_data(page)
    return 0
