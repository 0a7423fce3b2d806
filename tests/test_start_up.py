"""Imports at start: the command line itself loads little, and verbs load only the libraries they use."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.projects import CONTACTS, GATE, project

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = {
    "gc",
    "sendspec",
    "sendspec.cli",
    "sendspec.cli._lib",
    "sendspec.cli._lib.console",
    "sendspec.cli._lib.standard_streams",
    "sendspec.errors",
}
"""Everything that `sendspec.cli` may import beside click. Import anything else in the verb that needs it."""
UNUSED = {
    "httpx": "sends requests",
    "httpcore": "sends requests",
    "ssl": "sends requests",
    "jsonschema": "formats the errors of an invalid document",
    "phonenumbers": "compiles the metadata of numbers when the cache is missing",
    "starlette": "serves the sandbox",
    "uvicorn": "serves the sandbox",
    "asyncio": "serves the sandbox",
    "arro3": "reads Parquet lists",
    "wcwidth": "splits texts outside Latin letters",
    "tempfile": "stores contacts, and copies of lists outside the project",
    "zipfile": "reads packages in archives, for importlib.resources",
    "fractions": "computes with rational numbers, where decimals suffice",
}
"""Libraries that `validate` and `plan` of valid specs do not import, and what they are for."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def imported(code: str, where: Path) -> set[str]:
    """Return the modules that a new interpreter has imported after `code`."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=where, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_command_line_imports_little_more_than_click(tmp_path: Path) -> None:
    """`--help` imports the modules of no verb, and no library but click."""
    click = imported("import click, click._textwrap, locale", tmp_path)
    helped = imported("from sendspec.cli import run; run(['--help'])", tmp_path)
    assert helped - click == OWN


def test_completion_of_a_shell_imports_no_model_and_no_engine(tmp_path: Path) -> None:
    """A proposal for `--send` loads neither the model nor the engines of schemas and rules."""
    project(tmp_path / "specs", CONTACTS)
    words = "sendspec plan --send sale/"
    found = imported(
        "import os; from contextlib import suppress; from sendspec.cli import main\n"
        "os.environ |= {'_SENDSPEC_COMPLETE': 'bash_complete', 'COMP_CWORD': '3'}\n"
        f"os.environ['COMP_WORDS'] = {words!r}\n"
        "with suppress(SystemExit): main()",
        tmp_path,
    )
    assert "sendspec.cli._lib.project_names" in found
    assert not found & {"sendspec.model", "sendspec.schema", "sendspec.rules", "jsonschema_rs", "ssl"}


def test_checks_and_plans_of_valid_specs_import_only_what_they_use(tmp_path: Path) -> None:
    """Neither `validate` nor `plan` imports a library for requests, for the sandbox or for error messages."""
    project(tmp_path / "specs", CONTACTS, GATE)
    imported("from sendspec.cli import run; run(['plan'])", tmp_path)  # This fills the cache of numbers.
    found = imported("from sendspec.cli import run; run(['validate']); run(['plan'])", tmp_path)
    assert "sendspec.plan" in found
    assert not {name.partition(".")[0] for name in found} & set(UNUSED)


def test_modules_of_a_plan_compile_no_expression_at_import(tmp_path: Path) -> None:
    """Their regular expressions are lazy patterns, because a plan uses a third of them."""
    project(tmp_path / "specs", CONTACTS, GATE)
    found = imported("from sendspec.cli import run; run(['plan'])", tmp_path)
    compiled = {name: list(compiled_at_import(name)) for name in found if name.startswith("sendspec.")}
    assert "sendspec.rules.link" in compiled
    assert {name: lines for name, lines in compiled.items() if lines} == {}


def compiled_at_import(module: str) -> Iterator[int]:
    """Yield the lines at which a module compiles an expression outside functions."""
    spec = find_spec(module)
    assert spec is not None
    nodes: list[ast.AST] = [ast.parse(Path(str(spec.origin)).read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            yield node.lineno
        nodes += [child for child in ast.iter_child_nodes(node) if not isinstance(child, _FUNCTIONS)]
