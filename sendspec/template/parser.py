"""Reading a template: Jinja's own lexer and parser, then only what is on the list passes.

Parsing evaluates nothing; Jinja's compiler, which would fold `'A'*10**9` while compiling and which
turns templates into Python code, is never reached.
"""

from __future__ import annotations

import functools
import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from sendspec.template.filters import FILTERS
from sendspec.template.predicates import TESTS
from sendspec.template.values import LARGEST, TemplateError, short, which

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_CHARACTERS: Final = 8_192
"""Of a template's source: no part of the tree takes less than one, so this bounds the tree too."""

DEEPEST: Final = 32
"""How deep brackets, operators, ifs and loops may stand in one another."""

ALLOWED: Final[frozenset[type[nodes.Node]]] = frozenset({
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign,
    nodes.CondExpr, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice,
    nodes.Filter, nodes.Test, nodes.Keyword, nodes.Compare, nodes.Operand,
    nodes.Not, nodes.And, nodes.Or, nodes.Concat,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
    nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair,
})  # fmt: skip

_REFUSED: Final[dict[type[nodes.Node], tuple[str, str | None]]] = {
    nodes.Call: ("calls are not part of templates here", "use a filter, as in {{ name|upper }}"),
    nodes.Pow: ("'**' is not part of templates here", None),
    nodes.AssignBlock: ("{% set x %}…{% endset %} is not part of templates here", "use {% set x = … %}"),
    nodes.FilterBlock: ("{% filter %} is not part of templates here", "use {{ text|filter }}"),
    nodes.CallBlock: ("{% call %} is not part of templates here", None),
    nodes.FromImport: ("{% from %} is not part of templates here", None),
    nodes.Scope: ("{% autoescape %} is not part of templates here", None),
}
_LOOP: Final = "loop"
_MESSAGE_LENGTH: Final = 200
_BRACES: Final = "braces that are meant as text are written {% raw %}{{ … }}{% endraw %}"


def parse(source: str) -> nodes.Template:
    """Give the checked tree of a template; raises TemplateError with the template's line."""
    if len(source) > MOST_CHARACTERS:
        message = f"the template has {len(source):,} characters, over the limit of {MOST_CHARACTERS:,}"
        raise TemplateError(message, hint="texts without braces have no such limit")
    try:
        tree = _ShallowParser(_environment(), source).parse()
    except TemplateSyntaxError as error:
        raise TemplateError(_sentence(error.message), hint=_BRACES, line=error.lineno) from None
    except RecursionError:
        raise _too_deep(None) from None
    except ValueError:
        # Python itself refuses to read whole numbers of more than 4,300 digits.
        raise TemplateError("the template holds a number that is too long") from None
    _check(tree)
    return tree


class _ShallowParser(Parser):
    """Jinja's parser, counting how deep brackets stand in one another: they leave no node behind."""

    _depth = 0

    def parse_expression(self, with_condexpr: bool = True) -> nodes.Expr:  # noqa: FBT001, FBT002 - Jinja's
        self._depth += 1
        if self._depth > DEEPEST:
            raise _too_deep(self.stream.current.lineno)
        found = super().parse_expression(with_condexpr)
        self._depth -= 1
        return found


@functools.cache
def _environment() -> Environment:
    return Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 - plain text, never HTML


def _sentence(message: str | None) -> str:
    words = (message or "cannot be read").rstrip(".")
    cut = words if len(words) <= _MESSAGE_LENGTH else words[:_MESSAGE_LENGTH] + "…"
    return f"the template cannot be read: {cut[:1].lower()}{cut[1:]}"


def _too_deep(line: int | None) -> TemplateError:
    return TemplateError(f"the template is more than {DEEPEST} levels deep", line=line)


def _check(tree: nodes.Template) -> None:
    """Walk without recursion, so that depth is an error of ours and never of the interpreter."""
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
    if depth > DEEPEST:
        raise _too_deep(None)
    kind = type(node)
    if kind not in ALLOWED:
        known = (f"{{% {kind.__name__.lower()} %}} is not part of templates here", None)
        message, hint = _REFUSED.get(kind, known)
        raise TemplateError(message, hint=hint)
    check = _CHECKS.get(kind)
    if check is not None:
        check(node)


def _check_name(node: nodes.Name) -> None:
    _refuse_underscore(node.name)
    if node.ctx != "load" and node.name == _LOOP:
        raise TemplateError("'loop' is the loop's own name and cannot be assigned")


def _check_getattr(node: nodes.Getattr) -> None:
    _refuse_underscore(node.attr)


def _refuse_underscore(name: str) -> None:
    if name.startswith("_"):
        raise TemplateError(f"{short(name)}: names that start with '_' are not available to templates")


def _check_const(node: nodes.Const) -> None:
    value = node.value
    if isinstance(value, float) and not math.isfinite(value):
        raise TemplateError("the template holds a number that is too large")
    if isinstance(value, int) and value > LARGEST:
        raise TemplateError("the template holds a number that is too large")


def _check_for(node: nodes.For) -> None:
    if node.recursive:
        raise TemplateError("recursive loops are not part of templates here")
    _check_target(node.target)


def _check_assign(node: nodes.Assign) -> None:
    _check_target(node.target)


def _check_target(target: nodes.Node) -> None:
    names = target.items if isinstance(target, nodes.Tuple) else [target]
    if not all(isinstance(name, nodes.Name) for name in names):
        raise TemplateError("only names can be set, not parts of what they name")


def _check_filter(node: nodes.Filter) -> None:
    _check_use(node, "filter", FILTERS)


def _check_test(node: nodes.Test) -> None:
    _check_use(node, "test", TESTS)


def _check_use(node: nodes.Filter | nodes.Test, what: str, known: Mapping[str, Callable[..., Any]]) -> None:
    if node.name not in known:
        hint = which(node.name, known, f"the {what}s are")
        raise TemplateError(f"unknown {what} {short(node.name)}", hint=hint)
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise TemplateError("'*' and '**' in arguments are not part of templates here")
    keywords = tuple(str(keyword.key) for keyword in node.kwargs)
    if not _takes(known[node.name], len(node.args), keywords):
        raise TemplateError(f"{what} {node.name!r} does not take these arguments")


@functools.cache
def _takes(function: Callable[..., Any], positional: int, keywords: tuple[str, ...]) -> bool:
    """Tell whether a filter or test takes so many arguments after the value, and those keywords."""
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
