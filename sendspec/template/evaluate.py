"""Rendering a checked tree: a walk over Jinja's nodes that never leaves this file's own tables.

No Python code is generated and no attribute of a value is ever read, so that what a template can
do is what the functions below do, each charged to the budget before it works.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from jinja2 import nodes

from sendspec.template.filters import FILTERS
from sendspec.template.operators import calculate, compare
from sendspec.template.predicates import TESTS
from sendspec.template.scope import Loop, Scope, assign, loop_field
from sendspec.template.values import (
    TemplateError,
    Undefined,
    items,
    kind,
    lookup,
    number,
    short,
    text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendspec.template.values import Budget

_LENIENT: Final = frozenset({"d", "default", "defined", "undefined"})
"""The filters and tests that take what is not there; for all others it is an error."""


def evaluate(tree: nodes.Template, context: Mapping[str, Any], budget: Budget) -> str:
    """Give the text of a tree that `parse` let through; raises TemplateError with its line."""
    walk = _Walk(budget)
    walk.run(tree.body, Scope({}, Scope(dict(context))))
    return "".join(walk.pieces)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One rendering: its budget, and the pieces of text so far."""

    budget: Budget
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
            piece = child.data if isinstance(child, nodes.TemplateData) else self.printed(child, scope)
            self.budget.charge(len(piece))
            self.pieces.append(piece)

    def if_(self, node: nodes.If, scope: Scope) -> None:
        for branch in (node, *node.elif_):
            if self.value(branch.test, scope):
                return self.run(branch.body, scope)
        return self.run(node.else_, scope)

    def for_(self, node: nodes.For, scope: Scope) -> None:
        found = items(self.value(node.iter, scope), "what a loop walks over")
        self.budget.charge(2 * len(found))  # one for the item, one for its turn
        if node.test is not None:
            found = [each for each in found if self.kept(node, each, scope)]
        for at, each in enumerate(found):
            turn = Scope({"loop": Loop(at, found)}, scope)
            assign(node.target, each, turn)
            self.run(node.body, turn)
        if not found:
            self.run(node.else_, Scope({}, scope))

    def kept(self, node: nodes.For, each: Any, scope: Scope) -> bool:
        turn = Scope({}, scope)
        assign(node.target, each, turn)
        return node.test is None or bool(self.value(node.test, turn))

    def set_(self, node: nodes.Assign, scope: Scope) -> None:
        assign(node.target, self.value(node.node, scope), scope)

    # ── expressions

    def value(self, node: nodes.Node, scope: Scope) -> Any:
        """Give what an expression stands for; what is not there is an error."""
        found = self.maybe(node, scope)
        if isinstance(found, Undefined):
            error = found.error()
            error.line = node.lineno
            raise error
        return found

    def maybe(self, node: nodes.Node, scope: Scope) -> Any:
        """Give what an expression stands for, or Undefined."""
        self.budget.charge(1)
        try:
            return _EXPRESSIONS[type(node)](self, node, scope)
        except TemplateError as error:
            error.line = error.line or node.lineno
            raise

    def printed(self, node: nodes.Node, scope: Scope) -> str:
        value = self.value(node, scope)
        try:
            return text(value, _described(node))
        except TemplateError as error:
            error.line = error.line or node.lineno
            raise

    def values(self, found: Sequence[nodes.Node], scope: Scope) -> list[Any]:
        return [self.value(node, scope) for node in found]

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
            return self.part(owner, node.arg, scope)
        key = self.value(node.arg, scope)
        return loop_field(owner, key) if isinstance(owner, Loop) else lookup(owner, key)

    def part(self, owner: Any, node: nodes.Slice, scope: Scope) -> Any:
        if not isinstance(owner, (str, list, tuple)):
            raise TemplateError(f"a part can be cut from a text or a list, not from {kind(owner)}")
        bounds = (self.bound(each, scope) for each in (node.start, node.stop, node.step))
        cut = slice(*bounds)
        if cut.step == 0:
            raise TemplateError("the step of a cut is 0")
        self.budget.charge(len(range(*cut.indices(len(owner)))))
        return owner[cut]

    def bound(self, node: nodes.Node | None, scope: Scope) -> int | None:
        return None if node is None else whole(self.value(node, scope), "where a cut begins or ends")

    def list_(self, node: nodes.List | nodes.Tuple, scope: Scope) -> list[Any]:
        return self.values(node.items, scope)

    def dict_(self, node: nodes.Dict, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for pair in node.items:
            key = self.value(pair.key, scope)
            if not isinstance(key, str):
                raise TemplateError(f"a key must be a text, not {kind(key)}")
            found[key] = self.value(pair.value, scope)
        return found

    def cond(self, node: nodes.CondExpr, scope: Scope) -> Any:
        if self.value(node.test, scope):
            return self.maybe(node.expr1, scope)
        if node.expr2 is None:
            return Undefined("the condition is false and there is no 'else'")
        return self.maybe(node.expr2, scope)

    def filter(self, node: nodes.Filter, scope: Scope) -> Any:
        return self.use(FILTERS[node.name], node, scope)

    def test(self, node: nodes.Test, scope: Scope) -> Any:
        return self.use(TESTS[node.name], node, scope)

    def use(self, function: Callable[..., Any], node: nodes.Filter | nodes.Test, scope: Scope) -> Any:
        read = self.maybe if node.name in _LENIENT else self.value
        # Only a {% filter %} block, which the grammar refuses, has a filter without a value.
        value = read(cast("nodes.Node", node.node), scope)
        positional = self.values(node.args, scope)
        keywords = {str(each.key): self.value(each.value, scope) for each in node.kwargs}
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
        return -number(self.value(node.node, scope), "what '-' stands before")

    def pos(self, node: nodes.Pos, scope: Scope) -> Any:
        return number(self.value(node.node, scope), "what '+' stands before")

    def concat(self, node: nodes.Concat, scope: Scope) -> str:
        pieces = [self.printed(each, scope) for each in node.nodes]
        self.budget.charge(sum(map(len, pieces)))
        return "".join(pieces)


def _described(node: nodes.Node) -> str:
    path: list[str] = []
    while isinstance(node, nodes.Getattr):
        path.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return "this expression"
    return short(".".join([node.name, *reversed(path)]))


_STATEMENTS: Final[dict[type[nodes.Node], Callable[[_Walk, Any, Scope], None]]] = {
    nodes.Output: _Walk.output,
    nodes.If: _Walk.if_,
    nodes.For: _Walk.for_,
    nodes.Assign: _Walk.set_,
}
_EXPRESSIONS: Final[dict[type[nodes.Node], Callable[[_Walk, Any, Scope], Any]]] = {
    nodes.Const: _Walk.const,
    nodes.Name: _Walk.name,
    nodes.Getattr: _Walk.getattr,
    nodes.Getitem: _Walk.getitem,
    nodes.List: _Walk.list_,
    nodes.Tuple: _Walk.list_,
    nodes.Dict: _Walk.dict_,
    nodes.CondExpr: _Walk.cond,
    nodes.Filter: _Walk.filter,
    nodes.Test: _Walk.test,
    nodes.Compare: _Walk.compare,
    nodes.And: _Walk.and_,
    nodes.Or: _Walk.or_,
    nodes.Not: _Walk.not_,
    nodes.Neg: _Walk.neg,
    nodes.Pos: _Walk.pos,
    nodes.Concat: _Walk.concat,
    **dict.fromkeys(
        (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod), _Walk.calculate
    ),
}  # fmt: skip
