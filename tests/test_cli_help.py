"""Output of `--help` for sendspec and every verb, at a fixed width."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from sendspec import __version__, cli
from sendspec.cli import VERBS, run
from sendspec.errors import ExitCode
from tests.projects import sendspec
from tests.snapshots import Text

WIDTH = 100


@pytest.fixture
def helped(capsys, monkeypatch):
    """Return a function that runs a command successfully and returns its output, at a fixed width."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))

    def printed(*words: str) -> str:
        assert run([*words]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return printed


def test_help(helped, snapshot):
    """The help lists the verbs in their usual order, each with one sentence."""
    assert helped("--help") == snapshot(extension_class=Text)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb, helped, snapshot):
    """The help explains every argument and option of a verb, in lines that fit."""
    text = helped(verb, "--help")
    assert text == snapshot(extension_class=Text)
    assert max(map(len, text.splitlines())) <= WIDTH
    command = import_module(f"sendspec.cli.{verb}").command
    assert all(parameter.help for parameter in command.params if parameter.opts[0][0] == "-")
    assert VERBS[verb] == command.help.partition("\n\n")[0], "the list of verbs has the same sentence"


@pytest.mark.parametrize(
    "words",
    [
        ("ledger", "merge"),
        ("ledger", "adopt"),
        ("github", "comment"),
        ("github", "report"),
        ("github", "issue"),
    ],
    ids=" ".join,
)
def test_help_of_a_verb_of_a_group(words, helped, snapshot):
    """The help of a verb in a group explains every argument and option as well."""
    text = helped(*words, "--help")
    assert text == snapshot(extension_class=Text)
    assert max(map(len, text.splitlines())) <= WIDTH


def test_short_help_and_a_command_without_arguments(helped, capsys):
    """`-h` is `--help`; a command without arguments prints the same and is a usage error."""
    text = helped("--help")
    assert helped("-h") == text
    assert run([]) == ExitCode.USAGE
    assert capsys.readouterr() == ("", text)


def test_each_module_of_the_command_line_is_one_verb():
    """Helpers are in `cli/_lib`, so that a reader finds a verb by its file."""
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py")} - {"__init__"}
    assert modules == set(VERBS)


def test_version(helped):
    """`--version` names the program and the version of the package."""
    assert helped("--version") == f"sendspec, version {__version__}\n"


def test_help_names_every_exit_code(helped):
    """The help ends with a list of all exit codes."""
    codes = helped("--help").partition("Exit codes:")[2]
    assert {int(code) for code in re.findall(r"\d+", codes)} == {int(code) for code in ExitCode}


@pytest.mark.parametrize("words", [["--version"], ["plan", "--help"], ["plan", "--nonsense"], []], ids=str)
def test_as_a_module(words, tmp_path):
    """`python -m sendspec` has the same output and exit code as `sendspec`."""
    done = sendspec(*words, where=tmp_path)
    module = subprocess.run(
        [sys.executable, "-m", "sendspec", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (module.returncode, module.stdout, module.stderr) == (done.code, done.out, done.err)
