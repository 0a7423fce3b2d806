"""Synonyms of verbs: they run exactly the verb, and a mistyped one runs nothing."""

from __future__ import annotations

from importlib import import_module

import pytest

from sendspec.cli import SYNONYMS, VERBS
from tests.projects import CONTACTS, GATE, project


@pytest.fixture
def specs(tmp_path):
    """Return a project that has something to send, and a warning."""
    return project(tmp_path / "specs", CONTACTS, GATE)


@pytest.mark.parametrize("synonym", SYNONYMS)
def test_a_synonym_is_its_verb(synonym, specs, cli):
    """Output, findings and exit code are those of the verb; the help has its name."""
    verb = SYNONYMS[synonym]
    assert cli(synonym) == cli(verb)
    assert cli(synonym, "--help") == cli(verb, "--help")
    assert f"Usage: sendspec {verb} " in cli(synonym, "--help").out


def test_send_asks_like_apply(specs, cli):
    """Without approval `send` sends nothing: the tests have no terminal on which it could ask."""
    done = cli("send")
    assert (done.code, "cannot ask for approval" in done.err) == (1, True)
    assert done.err.endswith("nothing was sent\n")
    assert not [*specs.glob("*.lock"), *specs.glob("*.journal")]
    assert "2 requests sent" in cli("send", "--auto-approve").err
    assert "Nothing to send: everything was already sent." in cli("send", "--auto-approve").err


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("aply", "did you mean 'apply'?"),
        ("sendd", "did you mean 'send'?"),
        ("difff", "did you mean 'diff'?"),
        ("qqq", "run `sendspec --help` to list the commands"),
    ],
)
def test_a_mistyped_verb_runs_nothing(name, hint, specs, cli):
    """A name that is similar to a verb is only named, with `--auto-approve` too."""
    done = cli(name, "--auto-approve")
    assert (done.code, done.out) == (64, "")
    assert done.err == f"error: no such command '{name}'\n  hint: {hint}\n"
    assert not [*specs.glob("*.lock"), *specs.glob("*.journal")]


def test_synonyms_are_in_the_help_of_their_verb(cli):
    """The list of verbs has no synonyms; the help of a verb names each of its own."""
    assert not SYNONYMS.keys() & VERBS.keys()
    listed = {line.split()[0] for line in cli("--help").out.splitlines() if line.startswith("  ")}
    assert not SYNONYMS.keys() & listed
    for verb in {*SYNONYMS.values()}:
        names = ", ".join(name for name, meant in SYNONYMS.items() if meant == verb)
        assert f": {names}." in import_module(f"sendspec.cli.{verb}").command.help
