"""Expressions of GitHub Actions, as far as the workflows use them: `${{ inputs.target || 'sandbox' }}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\|\||&&|==|!=|!|\(\)|[()]|[\w.-]+)")


def evaluate(text: str, context: Mapping[str, Any]) -> str:
    """Return a text with its expressions replaced. A name that `context` lacks is empty."""
    return _EXPRESSION.sub(lambda match: _text(value_of(match[1], context)), text)


def value_of(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the value of an expression; the context also has the functions, such as `always()`."""
    return _Reader(_TOKEN.findall(expression), context).alternatives()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Reader:
    """A recursive descent; operators return one of their operands, as in GitHub's language."""

    def __init__(self, tokens: list[str], context: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._context = context

    def alternatives(self) -> Any:
        value = self._conjunction()
        while self._take("||"):
            other = self._conjunction()
            value = value or other
        return value

    def _conjunction(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            value = value and other
        return value

    def _comparison(self) -> Any:
        value = self._operand()
        for operator, is_equal in (("==", True), ("!=", False)):
            if self._take(operator):
                return (_text(value) == _text(self._operand())) is is_equal
        return value

    def _operand(self) -> Any:
        if self._take("!"):
            return not self._operand()
        if self._take("("):
            value = self.alternatives()
            assert self._take(")")
            return value
        name = self._tokens.pop(0)
        if name.startswith("'"):
            return name[1:-1].replace("''", "'")
        if self._take("()"):
            return self._context[f"{name}()"]
        return {"true": True, "false": False}.get(name, self._context.get(name, ""))

    def _take(self, token: str) -> bool:
        found = self._tokens[:1] == [token]
        del self._tokens[: int(found)]
        return found
