"""Templates: every string of a send is one, and none of them can do anything but make a text.

The language is Jinja's, read by Jinja's own lexer and parser; what is read is then walked by
sendspec itself, with a budget of work, and is never compiled to Python code. There are:

- `{{ expression }}`, `{% if %}`/`{% elif %}`/`{% else %}`, `{% for x in list %}`/`{% else %}` with
  `loop.index`, `loop.first` and the like, `{% set x = expression %}`, `{# comment #}`, `{% raw %}`,
  and `-` inside a tag's edge to take white space off;
- names, `a.b`, `a['b']`, `a[0]`, `a[1:3]`, texts, numbers, lists, maps, `a if b else c`,
  `and or not`, `== != < <= > >= in`, `+ - * / // %` on numbers, `+` on texts, `~`;
- the filters of `sendspec.template.filters`, the tests of `sendspec.template.predicates`; no calls.

What differs from Jinja: `true` prints `true`; null, lists and maps print nothing but an error; a
decimal number prints only where its spelling is certain (`{{ 0.1 + 0.2 }}` is refused, with
`|fixed(2)` as the way out); maps are walked in the order of their keys.

A text without `{{`, `{%` or `{#` is no template and passes through untouched, `%%TAG%%` always does.
To send the braces themselves, write `{% raw %}{{{% endraw %}` or `{{ '{{' }}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.template.evaluate import evaluate
from sendspec.template.parser import parse
from sendspec.template.values import STEPS, Budget, TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import nodes

__all__ = ["TemplateError", "Templates", "is_template"]

_OPENINGS: Final = ("{{", "{%", "{#")


def is_template(source: str) -> bool:
    """Tell whether a text has anything to render."""
    return "{" in source and any(opening in source for opening in _OPENINGS)


class Templates:
    """Renders texts, reading each distinct one once as long as this object lives.

    `steps` is the work of all renderings so far: the caller's means to bound them together.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._trees: dict[str, nodes.Template] = {}

    def render(self, source: str, context: Mapping[str, Any]) -> str:
        """Give the text of `source` in `context`; raises TemplateError, never anything else.

        `context` maps names to JSON's values. The same source and context always give the same text.
        """
        self.steps += 1
        if not is_template(source):
            return source
        tree = self._trees.get(source)
        if tree is None:
            tree = self._trees[source] = parse(source)
        budget = Budget(STEPS)
        try:
            return evaluate(tree, context, budget)
        finally:
            self.steps += STEPS - budget.left
