"""The messages in the source of sendspec: errors, problems and findings with their hints, read with ast."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sendspec
from sendspec import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE: Final = Path(sendspec.__file__).parent
VALUE: Final = "…"
"""An interpolated value, which counts as one word."""

ERRORS: Final = frozenset(
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.SendspecError)
)
"""The names of the errors that a verb prints; `SpecError` has problems instead of a message."""

_AS_ERROR: Final = (0, None)
_MESSAGES: Final[dict[str, tuple[int, int | None]]] = {
    **dict.fromkeys(ERRORS - {"SpecError"}, _AS_ERROR),
    **dict.fromkeys(
        ("CellError", "GitFailed", "UnusableConnection", "PushRejected", "HostRefused", "InvalidDateTime"),
        (0, 1),
    ),
    **dict.fromkeys(("PathRefused", "TemplateError", "UnsupportedNumber", "WorkLimitExceeded"), _AS_ERROR),
    **dict.fromkeys(("Problem", "Violation", "add_problem", "_problem", "_refuse"), (1, 2)),
    "Violation": (1, 3),
    "problems.add": (1, 2),
    "console.error": (0, 1),
}
"""Each call that makes a message, with the positions of the message and of the hint."""

_MODULE_HELPERS: Final = {"load/project_files.py": {"_error": (1, 2)}}


@dataclass(frozen=True)
class Message:
    """One text that a call can make; values are `…`. `hint` is None if the call has no hint."""

    file: str
    line: int
    call: str
    text: str
    hint: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text!r}, hint {self.hint!r}"


def all_messages() -> list[Message]:
    """Return the messages of every module."""
    return [message for path in sorted(PACKAGE.rglob("*.py")) for message in _Module(path).messages()]


def raised_names() -> set[str]:
    """Return the names of all classes and functions that follow `raise` in the package."""
    return {
        _name(node.exc.func)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }


class _Module:
    """One module, with the functions that compute parts of its messages."""

    def __init__(self, path: Path) -> None:
        self._file = path.relative_to(PACKAGE).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self._calls = {**_MESSAGES, **_MODULE_HELPERS.get(self._file, {})}
        self._scopes = _enclosing_functions(tree)
        self._nodes: defaultdict[ast.FunctionDef | None, list[ast.AST]] = defaultdict(list)
        for node, scope in self._scopes.items():
            self._nodes[scope].append(node)
        self._functions = {node.name: node for node in self._scopes if isinstance(node, ast.FunctionDef)}

    def messages(self) -> Iterator[Message]:
        """Yield one message for each text and hint that a call can have."""
        for node in self._scopes:
            if isinstance(node, ast.Call):
                name = _name(node.func)
                positions = self._calls.get(name) or self._calls.get(name.rpartition(".")[2])
                if positions is not None:
                    yield from self._of_call(node, name, *positions)
            elif isinstance(node, ast.Return) and self._is_pair(node):
                yield from self._of_pair(node)

    def _of_call(self, call: ast.Call, name: str, message: int, hint: int | None) -> Iterator[Message]:
        by_name = {keyword.arg: keyword.value for keyword in call.keywords}
        if len(call.args) <= message or any(
            isinstance(each, ast.Starred) for each in call.args[: message + 1]
        ):
            return
        given = by_name.get("hint")
        if given is None and hint is not None and len(call.args) > hint:
            given = call.args[hint]
        texts = self._texts(call.args[message], call)
        hints = [None] if given is None else self._hints(given, call)
        for text, each in product(texts, hints):
            yield Message(self._file, call.lineno, name, text, each)

    def _is_pair(self, node: ast.Return) -> bool:
        """Return whether a function returns a message and its hint."""
        function = self._scopes[node]
        annotation = ast.unparse(function.returns) if function is not None and function.returns else ""
        return annotation in _PAIRS and isinstance(node.value, ast.Tuple)

    def _of_pair(self, node: ast.Return) -> Iterator[Message]:
        assert isinstance(node.value, ast.Tuple)
        text, hint = node.value.elts
        for pair in product(self._texts(text, node), self._hints(hint, node)):
            yield Message(self._file, node.lineno, "return", *pair)

    def _hints(self, node: ast.expr, use: ast.AST) -> list[str | None]:
        if isinstance(node, ast.Constant) and node.value is None:
            return [None]
        if isinstance(node, ast.IfExp):
            return [*self._hints(node.body, use), *self._hints(node.orelse, use)]
        return list(self._texts(node, use))

    def _texts(self, node: ast.expr, use: ast.AST, depth: int = 0) -> list[str]:
        """Return the texts that an expression can have, as far as the module shows them."""
        again = depth + 1
        texts = [VALUE]
        match node:
            case ast.Constant(value=str(text)):
                texts = [text]
            case ast.JoinedStr(values=parts):
                texts = self._joined(parts, use, again)
            case ast.FormattedValue(value=value):
                texts = self._texts(value, use, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                texts = self._joined([left, right], use, again)
            case ast.IfExp(body=first, orelse=second) | ast.BoolOp(op=ast.Or(), values=[first, second]):
                texts = [*self._texts(first, use, again), *self._texts(second, use, again)]
            case ast.Name(id=name) if depth < _DEPTH_MAX:
                texts = self._values_of(name, use, again)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions and depth < _DEPTH_MAX:
                texts = self._results_of(self._functions[name], again)
        return texts or [VALUE]

    def _joined(self, parts: Iterable[ast.expr], use: ast.AST, depth: int) -> list[str]:
        return ["".join(texts) for texts in product(*(self._texts(part, use, depth) for part in parts))]

    def _values_of(self, name: str, use: ast.AST, depth: int) -> list[str]:
        """Return the texts that a variable gets in the function of `use`, or in the module."""
        for scope in (self._scopes[use], None):
            texts = [
                text
                for node in self._nodes[scope]
                for value in _assigned(node, name)
                for text in self._texts(value, use, depth)
            ]
            if texts:
                return texts
        return []

    def _results_of(self, function: ast.FunctionDef, depth: int) -> list[str]:
        returns = [node for node in self._nodes[function] if isinstance(node, ast.Return)]
        return [text for node in returns if node.value for text in self._texts(node.value, node, depth)]


_DEPTH_MAX: Final = 6
_PAIRS: Final = ("_MessageAndHint", "tuple[str, str | None]", "tuple[str, str]")


def _name(function: ast.expr) -> str:
    return ast.unparse(function).replace("self.", "").removeprefix("_console.").lstrip(".")


def _enclosing_functions(tree: ast.Module) -> dict[ast.AST, ast.FunctionDef | None]:
    """Return the innermost function around each node below a module, in the order of `ast.walk`."""
    scopes: dict[ast.AST, ast.FunctionDef | None] = {}
    for node in ast.walk(tree):
        scope = node if isinstance(node, ast.FunctionDef) else scopes.get(node)
        scopes.update(dict.fromkeys(ast.iter_child_nodes(node), scope))
    return scopes


def _assigned(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """Yield the value that a statement assigns to a variable."""
    match node:
        case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
            yield node.value
        case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr()) if target == name:
            yield node.value
        case ast.AugAssign(target=ast.Name(id=target)) if target == name:
            yield ast.JoinedStr([ast.Constant(VALUE), ast.Constant(" ")])
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            names = [target.id if isinstance(target, ast.Name) else "" for target in targets]
            yield from (value for target, value in zip(names, values, strict=True) if target == name)


def words(text: str) -> list[str]:
    """Return the words of a message; a code span, a quoted value, a path or a list of names is one word."""
    return _LIST.sub("`", _ONE_WORD.sub("`", text)).split()


_ONE_WORD: Final = re.compile(r"`[^`]*`|(?<![A-Za-z0-9])'[^']*'|\"[^\"]*\"")
_LIST: Final = re.compile(r"(?:\S+, ){2,}\S+")
