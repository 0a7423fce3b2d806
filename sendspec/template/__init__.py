"""Templates: a contained subset of Jinja whose only effect is text.

Jinja's own lexer and parser read a template. sendspec then evaluates the tree itself with a budget of
work; templates are never compiled to Python code. The language consists of:

- `{{ expression }}`, `{% if %}`/`{% elif %}`/`{% else %}`, `{% for x in list %}`/`{% else %}` with
  `loop.index`, `loop.first` and the like, `{% set x = expression %}`, `{# comment #}`, `{% raw %}`,
  and `-` at the edge of a tag to remove white space;
- names, `a.b`, `a['b']`, `a[0]`, `a[1:3]`, text, numbers, lists, mappings, `a if b else c`,
  `and or not`, `== != < <= > >= in`, `+ - * / // %` on numbers, `+` on text, `~`;
- the filters of `sendspec.template.filters`, the tests of `sendspec.template.jinja_tests`; no calls.

Differences from Jinja: `true` prints `true`; printing null, lists and mappings is an error; a decimal
number is printed only if it is exact (`{{ 0.1 + 0.2 }}` is refused, `{{ (0.1 + 0.2)|fixed(2) }}` is
not); loops over mappings follow the order of the sorted keys.

Text without `{{`, `{%` or `{#` is not a template and stays unchanged, and so does `%%TAG%%`. To send
braces, write `{% raw %}{{{% endraw %}` or `{{ '{{' }}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.template.budget import STEPS_MAX, Budget
from sendspec.template.errors import TemplateError
from sendspec.template.names_only import print_names, split_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import nodes

    from sendspec.template.names_only import Part

__all__ = ["TemplateError", "Templates", "is_template"]


def is_template(source: str) -> bool:
    """Return whether a text contains a template."""
    return "{" in source and ("{{" in source or "{%" in source or "{#" in source)


class Templates:
    """Renders templates, and parses each distinct one once.

    `steps` is the work of all renderings so far, so that a caller can limit their sum.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._trees: dict[str, nodes.Template] = {}
        self._parts: dict[str, tuple[Part, ...] | None] = {}

    def render(
        self, source: str, context: Mapping[str, Any], check: Callable[[str], None] | None = None
    ) -> str:
        """Return the text of `source` in `context`; raises TemplateError, never anything else.

        `context` maps names to JSON values. The result depends only on source and context. `check`
        receives the text of each printed expression, and may raise TemplateError.
        """
        self.steps += 1
        if not is_template(source):
            return source
        if source not in self._parts:
            self._parts[source] = split_names(source)
        parts = self._parts[source]
        budget = Budget(STEPS_MAX)
        try:
            text = None if parts is None or check is not None else print_names(parts, context, budget)
            return self._evaluate(source, context, budget, check) if text is None else text
        finally:
            self.steps += STEPS_MAX - budget.left

    def _evaluate(
        self, source: str, context: Mapping[str, Any], budget: Budget, check: Callable[[str], None] | None
    ) -> str:
        from sendspec.template.evaluate import evaluate  # noqa: PLC0415 - Jinja, which few projects need
        from sendspec.template.parser import parse  # noqa: PLC0415

        tree = self._trees.get(source)
        if tree is None:
            tree = self._trees[source] = parse(source)
        return evaluate(tree, context, budget, check)
