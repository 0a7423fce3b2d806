"""What `--help` says of the whole and of every verb, at a fixed width."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from sendspec import __version__
from sendspec.cli import commands, run
from sendspec.errors import ExitCode
from tests.projects import sendspec
from tests.snapshots import Text

WIDTH = 100


@pytest.fixture
def helped(capsys, monkeypatch):
    """Give what a command line prints on a terminal of a fixed width, which must go well."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))

    def printed(*words: str) -> str:
        assert run([*words]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return printed


def test_help(helped, snapshot):
    """The verbs stand in the order in which they are used, each with one sentence."""
    assert helped("--help") == snapshot(extension_class=Text)


@pytest.mark.parametrize("verb", commands.commands)
def test_help_of_a_verb(verb, helped, snapshot):
    """Every argument and every option of a verb is explained, in lines that fit."""
    told = helped(verb, "--help")
    assert told == snapshot(extension_class=Text)
    assert max(map(len, told.splitlines())) <= WIDTH
    assert all(parameter.help for parameter in commands.commands[verb].params if parameter.opts[0][0] == "-")


def test_short_help_and_no_words_at_all(helped, capsys):
    """`-h` is `--help`; nothing at all prints the same, and is wrong usage."""
    told = helped("--help")
    assert helped("-h") == told
    assert run([]) == ExitCode.USAGE
    assert capsys.readouterr() == ("", told)


def test_version(helped):
    """`--version` names the program and the version of the package."""
    assert helped("--version") == f"sendspec, version {__version__}\n"


def test_help_names_every_exit_code(helped):
    """The exit codes that scripts rely on stand at the end of the help, none forgotten, none made up."""
    codes = helped("--help").partition("Exit codes:")[2]
    assert {int(code) for code in re.findall(r"\d+", codes)} == {int(code) for code in ExitCode}


@pytest.mark.parametrize("words", [["--version"], ["plan", "--help"], ["plan", "--nonsense"], []], ids=str)
def test_as_a_module(words, tmp_path):
    """`python -m sendspec` says the same as `sendspec`, under the same name, and ends with the same code."""
    done = sendspec(*words, where=tmp_path)
    module = subprocess.run(
        [sys.executable, "-m", "sendspec", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (module.returncode, module.stdout, module.stderr) == (done.code, done.out, done.err)
