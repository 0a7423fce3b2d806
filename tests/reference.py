"""Texts that are generated: the pages in docs/reference, and the schemas that editors use.

`python -m tests.reference` writes all; tests/test_rules.py, tests/test_reference_pages.py and
tests/test_editor_schemas.py check that they are current.
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendspec.rules import RULES, RuleGroup
from tests import editor_schemas, reference_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules import Rule

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "reference" / "rules.md"

_HEAD: Final = """\
<!-- `python -m tests.reference` writes this page from the pages of the rules. -->

# The rules

Each rule has one page. `sendspec explain RULE` prints it too, with the level and the options of your
project, and `sendspec rules` lists the rules. Settings of levels, groups and options, and exceptions of
single sends, are in [the spec format](../spec-format.md#rules).

Laws, and the rules of carriers, differ between countries and change. The pages name a source and a date
for each. They are not legal advice.
"""
_PART: Final = re.compile(r"^(What|Why|Source): ")
_EXAMPLE: Final = re.compile(r"^(Bad|Good)(?: \(([^)]+)\))?:\n\n(.+)", re.DOTALL)


def reference_page() -> str:
    """Return docs/reference/rules.md: a table of each group, and the pages of its rules."""
    parts = [_HEAD]
    for group in RuleGroup:
        rules = [rule for rule in RULES if rule.group is group]
        if rules:
            rows = [f"| [`{rule.id}`](#{rule.id}) | {rule.level} | {rule.summary} |" for rule in rules]
            table = "\n".join(["| rule | level | defect |", "|---|---|---|", *rows])
            parts += [f"## {group}\n\n{group.summary}\n\n{table}\n"]
            parts += ["\n\n".join(_section(rule)) + "\n" for rule in rules]
    return "\n".join(parts)


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield f"Level {rule.level}. {rule.summary}"
    body, _, examples = rule.page.partition("\n\nBad")
    for paragraph in body.split("\n\n")[1:]:
        yield _PART.sub(r"**\1.** ", paragraph)
    if rule.options:
        rows = [
            f"| `{name}` | {_shown(option.default)} | {option.summary} |"
            for name, option in rule.options.items()
        ]
        yield "\n".join(["| option | default | meaning |", "|---|---|---|", *rows])
    rows = [f"| `{code}` | {meaning} |" for code, meaning in rule.reasons.items()]
    yield "\n".join(["| reason | meaning |", "|---|---|", *rows])
    bad, _, good = f"Bad{examples}".partition("\n\nGood")
    for example in (bad, f"Good{good}"):
        yield from _example(example)


def _example(example: str) -> Iterator[str]:
    found = _EXAMPLE.fullmatch(example)
    assert found is not None, example
    kind, condition, spec = found.groups()
    yield f"{kind} ({condition}):" if condition else f"{kind}:"
    yield f"```yaml\n{textwrap.dedent(spec)}\n```"


def _shown(default: Any) -> str:
    return "not set" if default is None else f"`{_json(default)}`"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=list)


def main() -> None:
    """Write the schemas, then the pages, some of which are made from the schemas."""
    PAGE.write_text(reference_page(), encoding="utf-8")
    editor_schemas.write()
    reference_pages.write()


if __name__ == "__main__":
    main()
