"""Evaluator of checked trees: one method for each type of Jinja node, listed in two tables.

No Python code is generated and no attribute of a value is read. Every method charges the budget
before it works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jinja2 import nodes
from msgspec import Struct, field

from sendspec.template.errors import TemplateError, quote_name
from sendspec.template.filters import FILTERS
from sendspec.template.jinja_tests import TESTS
from sendspec.template.operators import calculate, compare
from sendspec.template.scope import Loop, Scope, assign, loop_field
from sendspec.template.values import (
    Undefined,
    describe_type,
    lookup,
    require_integer,
    require_items,
    require_number,
    to_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendspec.template.budget import Budget

_LENIENT: Final = frozenset({"d", "default", "defined", "undefined"})
"""Filters and tests that accept Undefined; for all others it is an error."""


def evaluate(
    tree: nodes.Template,
    context: Mapping[str, Any],
    budget: Budget,
    check: Callable[[str], None] | None = None,
) -> str:
    """Return the text of a tree from `parse`; raises TemplateError with its line.

    `check` receives the text of each printed expression, and may raise TemplateError.
    """
    evaluator = _Evaluator(budget, check)
    evaluator.run(tree.body, Scope({}, Scope(dict(context))))
    return "".join(evaluator.pieces)


class _Evaluator(Struct, frozen=True):
    """State of one rendering: the budget, and the pieces of text so far."""

    budget: Budget
    check: Callable[[str], None] | None = None
    pieces: list[str] = field(default_factory=list)

    # ── statements

    def run(self, body: Sequence[nodes.Node], scope: Scope) -> None:
        for statement in body:
            try:
                _STATEMENTS[type(statement)](self, statement, scope)
            except TemplateError as error:
                error.line = error.line or statement.lineno
                raise

    def output(self, node: nodes.Output, scope: Scope) -> None:
        for child in node.nodes:
            piece = child.data if isinstance(child, nodes.TemplateData) else self.text(child, scope)
            self.budget.charge(len(piece))
            self.pieces.append(piece)

    def if_(self, node: nodes.If, scope: Scope) -> None:
        for branch in (node, *node.elif_):
            if self.value(branch.test, scope):
                return self.run(branch.body, scope)
        return self.run(node.else_, scope)

    def for_(self, node: nodes.For, scope: Scope) -> None:
        items = require_items(self.value(node.iter, scope), "the value of a loop")
        self.budget.charge(2 * len(items))  # one step for the item, one for the iteration
        if node.test is not None:
            items = [item for item in items if self.passes(node, item, scope)]
        for position, item in enumerate(items):
            iteration = Scope({"loop": Loop(position, items)}, scope)
            assign(node.target, item, iteration)
            self.run(node.body, iteration)
        if not items:
            self.run(node.else_, Scope({}, scope))

    def passes(self, node: nodes.For, item: Any, scope: Scope) -> bool:
        iteration = Scope({}, scope)
        assign(node.target, item, iteration)
        return node.test is None or bool(self.value(node.test, iteration))

    def set_(self, node: nodes.Assign, scope: Scope) -> None:
        assign(node.target, self.value(node.node, scope), scope)

    # ── expressions

    def value(self, node: nodes.Node, scope: Scope) -> Any:
        """Return the value of an expression; raise TemplateError if it is undefined."""
        result = self.value_or_undefined(node, scope)
        if isinstance(result, Undefined):
            error = result.error()
            error.line = node.lineno
            raise error
        return result

    def value_or_undefined(self, node: nodes.Node, scope: Scope) -> Any:
        """Return the value of an expression, or Undefined."""
        self.budget.charge(1)
        try:
            return _EXPRESSIONS[type(node)](self, node, scope)
        except TemplateError as error:
            error.line = error.line or node.lineno
            raise

    def text(self, node: nodes.Node, scope: Scope) -> str:
        value = self.value(node, scope)
        try:
            text = to_text(value, _describe(node))
            if self.check is not None:
                self.check(text)
        except TemplateError as error:
            error.line = error.line or node.lineno
            raise
        return text

    def values(self, expressions: Sequence[nodes.Node], scope: Scope) -> list[Any]:
        return [self.value(node, scope) for node in expressions]

    def const(self, node: nodes.Const, _scope: Scope) -> Any:
        return node.value

    def name(self, node: nodes.Name, scope: Scope) -> Any:
        return scope.find(node.name)

    def getattr(self, node: nodes.Getattr, scope: Scope) -> Any:
        owner = self.value(node.node, scope)
        if isinstance(owner, Loop):
            return loop_field(owner, node.attr)
        return lookup(owner, node.attr)

    def getitem(self, node: nodes.Getitem, scope: Scope) -> Any:
        owner = self.value(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            return self.slice(owner, node.arg, scope)
        key = self.value(node.arg, scope)
        return loop_field(owner, key) if isinstance(owner, Loop) else lookup(owner, key)

    def slice(self, owner: Any, node: nodes.Slice, scope: Scope) -> Any:
        if not isinstance(owner, (str, list, tuple)):
            raise TemplateError(f"a slice requires text or a list, not {describe_type(owner)}")
        start, stop, step = (self.bound(bound, scope) for bound in (node.start, node.stop, node.step))
        if step == 0:
            raise TemplateError("the step of a slice must not be 0")
        bounds = slice(start, stop, step)
        self.budget.charge(len(range(*bounds.indices(len(owner)))))
        return owner[bounds]

    def bound(self, node: nodes.Node | None, scope: Scope) -> int | None:
        return None if node is None else require_integer(self.value(node, scope), "the bound of a slice")

    def list_(self, node: nodes.List | nodes.Tuple, scope: Scope) -> list[Any]:
        return self.values(node.items, scope)

    def dict_(self, node: nodes.Dict, scope: Scope) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in node.items:
            key = self.value(pair.key, scope)
            if not isinstance(key, str):
                raise TemplateError(f"a key must be text, not {describe_type(key)}")
            result[key] = self.value(pair.value, scope)
        return result

    def cond(self, node: nodes.CondExpr, scope: Scope) -> Any:
        if self.value(node.test, scope):
            return self.value_or_undefined(node.expr1, scope)
        if node.expr2 is None:
            return Undefined("the condition is false and has no 'else'")
        return self.value_or_undefined(node.expr2, scope)

    def filter(self, node: nodes.Filter, scope: Scope) -> Any:
        return self.apply(FILTERS[node.name], node, scope)

    def test(self, node: nodes.Test, scope: Scope) -> Any:
        return self.apply(TESTS[node.name], node, scope)

    def apply(self, function: Callable[..., Any], node: nodes.Filter | nodes.Test, scope: Scope) -> Any:
        evaluate_input = self.value_or_undefined if node.name in _LENIENT else self.value
        # Only a {% filter %} block has a filter without a value, and the parser refuses these.
        value = evaluate_input(cast("nodes.Node", node.node), scope)
        positional = self.values(node.args, scope)
        keywords = {str(pair.key): self.value(pair.value, scope) for pair in node.kwargs}
        return function(self.budget, value, *positional, **keywords)

    def compare(self, node: nodes.Compare, scope: Scope) -> bool:
        left = self.value(node.expr, scope)
        for operand in node.ops:
            right = self.value(operand.expr, scope)
            if not compare(self.budget, operand.op, left, right):
                return False
            left = right
        return True

    def calculate(self, node: nodes.BinExpr, scope: Scope) -> Any:
        left, right = self.values([node.left, node.right], scope)
        return calculate(self.budget, str(node.operator), left, right)

    def and_(self, node: nodes.And, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        return self.value(node.right, scope) if left else left

    def or_(self, node: nodes.Or, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        return left or self.value(node.right, scope)

    def not_(self, node: nodes.Not, scope: Scope) -> bool:
        return not self.value(node.node, scope)

    def neg(self, node: nodes.Neg, scope: Scope) -> Any:
        return -require_number(self.value(node.node, scope), "the operand of '-'")

    def pos(self, node: nodes.Pos, scope: Scope) -> Any:
        return require_number(self.value(node.node, scope), "the operand of '+'")

    def concat(self, node: nodes.Concat, scope: Scope) -> str:
        pieces = [self.text(child, scope) for child in node.nodes]
        self.budget.charge(sum(map(len, pieces)))
        return "".join(pieces)


def _describe(node: nodes.Node) -> str:
    path: list[str] = []
    while isinstance(node, nodes.Getattr):
        path.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return "this expression"
    return quote_name(".".join([node.name, *reversed(path)]))


_STATEMENTS: Final[dict[type[nodes.Node], Callable[[_Evaluator, Any, Scope], None]]] = {
    nodes.Output: _Evaluator.output,
    nodes.If: _Evaluator.if_,
    nodes.For: _Evaluator.for_,
    nodes.Assign: _Evaluator.set_,
}
_EXPRESSIONS: Final[dict[type[nodes.Node], Callable[[_Evaluator, Any, Scope], Any]]] = {
    nodes.Const: _Evaluator.const,
    nodes.Name: _Evaluator.name,
    nodes.Getattr: _Evaluator.getattr,
    nodes.Getitem: _Evaluator.getitem,
    nodes.List: _Evaluator.list_,
    nodes.Tuple: _Evaluator.list_,
    nodes.Dict: _Evaluator.dict_,
    nodes.CondExpr: _Evaluator.cond,
    nodes.Filter: _Evaluator.filter,
    nodes.Test: _Evaluator.test,
    nodes.Compare: _Evaluator.compare,
    nodes.And: _Evaluator.and_,
    nodes.Or: _Evaluator.or_,
    nodes.Not: _Evaluator.not_,
    nodes.Neg: _Evaluator.neg,
    nodes.Pos: _Evaluator.pos,
    nodes.Concat: _Evaluator.concat,
    **dict.fromkeys(
        (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod), _Evaluator.calculate
    ),
}  # fmt: skip
