"""Names of rules and groups on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendspec.rules import Rule

_LIST_RULES: Final = "run `sendspec rules` to list the rules"


def find_rules(names: Iterable[str], *, only_groups: bool = False) -> Sequence[Rule]:
    """Return the rules that have one of the names, or whose group has; all rules if `names` is empty.

    Raises:
        Usage: a name is neither a rule nor a group, or is not a group and `only_groups` is true.
    """
    from sendspec.rules import RULES, RuleGroup
    from sendspec.suggest import did_you_mean

    chosen = set(names)
    groups = [group.value for group in RuleGroup]
    known = groups if only_groups else [*(rule.id for rule in RULES), *groups]
    for name in sorted(chosen.difference(known)):
        otherwise = f"choose one of: {', '.join(groups)}" if only_groups else _LIST_RULES
        hint = did_you_mean(name, known) or otherwise
        raise Usage(f"{'group' if only_groups else 'rule'} '{name}' does not exist", hint=hint)
    return [rule for rule in RULES if not chosen or chosen & {rule.id, rule.group.value}]
