"""sendspec uses the public APIs of its libraries only, so that an upgrade cannot break it silently."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARIES = ("h11", "httpx", "httpcore", "jsonschema", "ruamel")
PRIVATE_PACKAGES = ("_ruamel_yaml",)
EXCEPTIONS = {"sendspec/load/yaml_parser.py": {"_ruamel_yaml"}}
"""Private names that a module may still use."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def of_library(module: str) -> bool:
    return module.partition(".")[0] in (*LIBRARIES, *PRIVATE_PACKAGES)


def imports(tree: ast.Module) -> dict[str, str]:
    """Return the dotted name of everything imported from a library, by its name in the module."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in filter(lambda alias: of_library(alias.name), node.names):
                names[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and of_library(node.module or ""):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.expr, imported: dict[str, str]) -> str | None:
    """Return the dotted name of an expression that starts with an imported name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    # `import a.b` binds `a`, and its user writes `a.b.c`.
    root = imported.get(node.id) or next(
        (node.id for name in imported if name.startswith(f"{node.id}.")), None
    )
    return None if root is None else ".".join([root, *parts])


def private_attributes(name: str) -> set[str]:
    """Return the private attributes of a class of a library: those of the class and of its instances."""
    module, _, attribute = name.rpartition(".")
    names: set[str] = set()
    for base in getattr(importlib.import_module(module), attribute).__mro__[:-1]:
        functions = filter(inspect.isfunction, vars(base).values())
        names.update(vars(base), *(function.__code__.co_names for function in functions))
    return set(filter(is_private, names))


def private_uses(source: str) -> set[str]:
    """Return every private name of a library that the module uses.

    Three ways lead to one: an import, an attribute of an imported name, and an attribute of `self` in a
    subclass of a library's class. Ruff's SLF001 refuses the fourth, an attribute of any other object.
    """
    tree = ast.parse(source)
    imported = imports(tree)
    attributes = (dotted(node, imported) for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    reached = filter(None, [*imported.values(), *attributes])
    private = {part for name in reached for part in name.split(".") if is_private(part)}
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return private.union(*(overridden(node, imported) for node in classes))


def overridden(definition: ast.ClassDef, imported: dict[str, str]) -> set[str]:
    """Return the private attributes of its library bases that a class sets, reads or overrides."""
    bases = filter(None, (dotted(base, imported) for base in definition.bases))
    used = {node.attr for node in ast.walk(definition) if isinstance(node, ast.Attribute)}
    used |= {node.name for node in definition.body if isinstance(node, ast.FunctionDef)}
    return used & set().union(*map(private_attributes, bases))


@pytest.mark.parametrize(
    ("source", "private"),
    [
        ("import httpx\nhttpx.Client()", set()),
        ("import httpx._config", {"_config"}),
        ("import httpx as web\nweb._config.Limits()", {"_config"}),
        ("from httpcore import _sync", {"_sync"}),
        ("from httpcore._models import Request", {"_models"}),
        ("import _ruamel_yaml as libyaml", {"_ruamel_yaml"}),
        ("import ruamel.yaml\nruamel.yaml._x", {"_x"}),
        ("from jsonschema import Validator as V\nV._hidden", {"_hidden"}),
        ("import httpx\nclass T(httpx.HTTPTransport):\n  def f(self): self._pool = 1", {"_pool"}),
        ("import httpx\nclass T(httpx.BaseTransport):\n  def f(self): self._pool = 1", set()),
        (
            "import httpx\nclass C(httpx.Client):\n  def _enforce_trailing_slash(self, u): pass",
            {"_enforce_trailing_slash"},
        ),
    ],
)
def test_private_uses_are_found(source: str, private: set[str]) -> None:
    """The check finds a private name however a module reaches it, and accepts public names."""
    assert private_uses(source) == private


@pytest.mark.parametrize("path", sorted((ROOT / "sendspec").rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_uses_a_private_api(path: Path) -> None:
    """No module uses a private name of httpx, httpcore, jsonschema or ruamel.yaml."""
    allowed = EXCEPTIONS.get(path.relative_to(ROOT).as_posix(), set())
    assert private_uses(path.read_text(encoding="utf-8")) <= allowed


def test_private_access_is_not_silenced() -> None:
    """No module switches off the lint rule that refuses private attributes of other objects."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "sendspec").rglob("*.py")}
    assert [path.name for path, source in sources.items() if "SLF001" in source] == []
