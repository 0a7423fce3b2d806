"""Parser of templates: Jinja's lexer and parser, then a check against a list of allowed nodes.

Parsing evaluates nothing. Jinja's compiler, which folds `'A'*10**9` and generates Python code, is not
used.
"""

from __future__ import annotations

import functools
import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from sendspec.redact import excerpt
from sendspec.template.errors import TemplateError, quote_name, suggest_names
from sendspec.template.filters import FILTERS
from sendspec.template.jinja_tests import TESTS
from sendspec.template.values import INTEGER_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHARACTERS_MAX: Final = 8_192
"""Length of the source; each node takes at least one character, so this limits the tree too."""

DEPTH_MAX: Final = 32
"""Levels of nested brackets, operators, ifs and loops."""

ALLOWED: Final[frozenset[type[nodes.Node]]] = frozenset({
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign,
    nodes.CondExpr, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice,
    nodes.Filter, nodes.Test, nodes.Keyword, nodes.Compare, nodes.Operand,
    nodes.Not, nodes.And, nodes.Or, nodes.Concat,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
    nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair,
})  # fmt: skip

_REFUSED: Final[dict[type[nodes.Node], tuple[str, str | None]]] = {
    nodes.Call: ("calls are not supported in templates", "use a filter, as in {{ name|upper }}"),
    nodes.Pow: ("'**' is not supported in templates", None),
    nodes.AssignBlock: ("{% set x %}…{% endset %} is not supported in templates", "use {% set x = … %}"),
    nodes.FilterBlock: ("{% filter %} is not supported in templates", "use {{ text|filter }}"),
    nodes.CallBlock: ("{% call %} is not supported in templates", None),
    nodes.FromImport: ("{% from %} is not supported in templates", None),
    nodes.Scope: ("{% autoescape %} is not supported in templates", None),
}
_LOOP: Final = "loop"
_MESSAGE_LENGTH_MAX: Final = 200
_RAW_HINT: Final = "write braces that are text as {% raw %}{{ … }}{% endraw %}"


def parse(source: str) -> nodes.Template:
    """Return the checked tree of a template; raises TemplateError with the template's line."""
    if len(source) > CHARACTERS_MAX:
        message = f"the template has {len(source):,} characters, but the limit is {CHARACTERS_MAX:,}"
        raise TemplateError(message, hint="split the text; the limit does not apply to text without braces")
    try:
        tree = _DepthLimitedParser(_environment(), source).parse()
    except TemplateSyntaxError as error:
        raise TemplateError(_sentence(error.message), hint=_RAW_HINT, line=error.lineno) from None
    except RecursionError:
        raise _too_deep(None) from None
    except ValueError:
        # Python refuses to parse integers of more than 4,300 digits.
        raise TemplateError("a number in the template is too long") from None
    _check(tree)
    return tree


class _DepthLimitedParser(Parser):
    """Jinja's parser with a limit of nested brackets, which do not appear in the tree."""

    _depth = 0

    def parse_expression(self, with_condexpr: bool = True) -> nodes.Expr:  # noqa: FBT001, FBT002 - Jinja's
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _too_deep(self.stream.current.lineno)
        expression = super().parse_expression(with_condexpr)
        self._depth -= 1
        return expression


@functools.cache
def _environment() -> Environment:
    return Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 - plain text, never HTML


def _sentence(message: str | None) -> str:
    # Jinja adds the tags that it expected, and the block that is still open.
    first, *others = (message or "unknown syntax").rstrip(".").split(". ")
    opened = [text.rpartition(" ")[2] for text in others if text.startswith("The innermost block")]
    text = f"{first}; the block {opened[0]} is open" if opened else first
    shown = excerpt(text, _MESSAGE_LENGTH_MAX)
    return f"template syntax error: {shown[:1].lower()}{shown[1:]}"


def _too_deep(line: int | None) -> TemplateError:
    return TemplateError(f"the template is nested deeper than {DEPTH_MAX} levels", line=line)


def _check(tree: nodes.Template) -> None:
    """Check every node without recursion, so that no tree exceeds Python's recursion limit."""
    pending: list[tuple[nodes.Node, int, int]] = [(tree, 0, 1)]
    while pending:
        node, depth, line_around = pending.pop()
        line = node.lineno or next((child.lineno for child in node.iter_child_nodes()), 0) or line_around
        try:
            _check_node(node, depth)
        except TemplateError as error:
            error.line = line
            raise
        pending.extend((child, depth + 1, line) for child in node.iter_child_nodes())


def _check_node(node: nodes.Node, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise _too_deep(None)
    kind = type(node)
    if kind not in ALLOWED:
        default = (f"{{% {kind.__name__.lower()} %}} is not supported in templates", None)
        message, hint = _REFUSED.get(kind, default)
        raise TemplateError(message, hint=hint)
    check = _CHECKS.get(kind)
    if check is not None:
        check(node)


def _check_name(node: nodes.Name) -> None:
    _refuse_underscore(node.name)
    if node.ctx != "load" and node.name == _LOOP:
        raise TemplateError("the name 'loop' is reserved for loops and cannot be assigned")


def _check_getattr(node: nodes.Getattr) -> None:
    _refuse_underscore(node.attr)


def _refuse_underscore(name: str) -> None:
    if name.startswith("_"):
        raise TemplateError(f"{quote_name(name)}: names that start with '_' are not allowed in templates")


def _check_const(node: nodes.Const) -> None:
    value = node.value
    if isinstance(value, float) and not math.isfinite(value):
        raise TemplateError("a number in the template is too large")
    if isinstance(value, int) and value > INTEGER_MAX:
        raise TemplateError("a number in the template is too large")


def _check_for(node: nodes.For) -> None:
    if node.recursive:
        raise TemplateError("recursive loops are not supported in templates")
    _check_target(node.target)


def _check_assign(node: nodes.Assign) -> None:
    _check_target(node.target)


def _check_target(target: nodes.Node) -> None:
    names = target.items if isinstance(target, nodes.Tuple) else [target]
    if not all(isinstance(name, nodes.Name) for name in names):
        raise TemplateError("only names can be assigned, not their parts")


def _check_filter(node: nodes.Filter) -> None:
    _check_use(node, "filter", FILTERS)


def _check_test(node: nodes.Test) -> None:
    _check_use(node, "test", TESTS)


def _check_use(node: nodes.Filter | nodes.Test, kind: str, known: Mapping[str, Callable[..., Any]]) -> None:
    if node.name not in known:
        hint = suggest_names(node.name, known, f"known {kind}s")
        raise TemplateError(f"unknown {kind} {quote_name(node.name)}", hint=hint)
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise TemplateError("'*' and '**' in arguments are not supported in templates")
    keywords = tuple(str(keyword.key) for keyword in node.kwargs)
    if not _accepts(known[node.name], len(node.args), keywords):
        raise TemplateError(f"{kind} {node.name!r} does not accept these arguments")


@functools.cache
def _accepts(function: Callable[..., Any], positional: int, keywords: tuple[str, ...]) -> bool:
    """Return whether a filter or test accepts these arguments after the value."""
    try:
        inspect.signature(function).bind(None, None, *[None] * positional, **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True


_CHECKS: Final[dict[type[nodes.Node], Callable[[Any], None]]] = {
    nodes.Name: _check_name,
    nodes.Const: _check_const,
    nodes.Getattr: _check_getattr,
    nodes.For: _check_for,
    nodes.Assign: _check_assign,
    nodes.Filter: _check_filter,
    nodes.Test: _check_test,
}
