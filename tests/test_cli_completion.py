"""Completion of a shell: names of the project, quickly, without an error and without anything to execute."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.projects import CONTACTS, GATE, SENDSPEC, lockfile, project, sendspec

MATRIX = """\
campaign: spring-sale  # the name may have a comment
purpose: marketing
sends:
  - id: offer
    endpoint: contacts
    matrix: {size: [1, "2,5"], locale: [en, fr]}
    channelQualifier: "1"
    content: "Acme"
    contacts: {sql: "select 1", connection: warehouse}
  - {id: last-call, endpoint: contacts}
"""
HOSTILE = """\
campaign: hostile
sends:
  - id: a
    matrix: {x: ["$(touch owned)", "`id`", "a b", "a;b", "a'b", "it|s", ok]}
  - id: "b\\nc"
  - id: [1]
  - 7
"""


@pytest.fixture
def complete(tmp_path):
    """Return a function that completes the last word of a line, as the script of a shell does."""

    def completed(*words: str, shell: str = "bash") -> list[str]:
        done = sendspec(
            where=tmp_path,
            COMP_WORDS=" ".join(["sendspec", *words]),
            COMP_CWORD=str(len(words)),
            _SENDSPEC_COMPLETE=f"{shell}_complete",
        )
        assert done.err == ""
        return [line.partition(",")[2] for line in done.out.splitlines() if line.startswith("plain,")]

    return completed


def test_addresses(complete, tmp_path):
    """Campaigns come first, then the addresses of the only one that matches; no list is read or queried."""
    project(tmp_path / "specs", GATE, MATRIX)
    assert complete("plan", "--send", "") == ["gate", "spring-sale"]
    assert complete("apply", "--send", "ga") == ["gate", "gate/change"]
    offers = [f"spring-sale/offer[{locale},{size}]" for locale in ("en", "fr") for size in ("1", "2,5")]
    assert complete("status", "--send", "spring-sale/") == [
        "spring-sale/offer",
        *offers,
        "spring-sale/last-call",
    ]
    assert complete("render", "--send", "spring-sale/l") == ["spring-sale/last-call"]
    assert complete("plan", "--send", "none/") == []


def test_names_that_are_not_of_a_project(complete):
    """Verbs, options, rules with groups, schemas and formats are completed without a project."""
    assert complete("pl") == ["plan"]
    assert complete("se") == [], "a synonym is not proposed"
    assert complete("explain", "qu") == ["quiet-hours"]
    assert {"people", "phone-number"} <= {*complete("validate", "--rule", "p")}
    assert complete("schema", "payload-c") == ["payload-contact-source", "payload-contacts"]
    assert complete("plan", "--format", "j") == ["json"]
    assert complete("plan", "--send", "") == []
    assert complete("completion", "") == ["bash", "zsh", "fish"]


def test_targets(complete, tmp_path):
    """The targets of the project that the line names, or of the nearest one."""
    project(tmp_path / "specs", GATE, settings="version: 1\ntargets:\n  production: {pod: us-1}\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sendspec.yaml").write_text("version: 1\ntargets:\n  staging: {pod: us-1}\n")
    assert complete("plan", "--target", "") == ["sandbox", "production"]
    assert complete("plan", "other", "--target", "s") == ["sandbox", "staging"]


def test_open_requests(complete, tmp_path):
    """`resolve` proposes the requests without an outcome, in the lockfile and in the journal."""
    specs = project(tmp_path / "specs", GATE, CONTACTS)
    assert complete("resolve", "") == ["gate", "sale"], "nothing was sent"
    sendspec("apply", "--auto-approve", where=tmp_path)
    ledger = lockfile(specs)
    assert complete("resolve", "gate") == ["gate", "gate/change"]
    ledger["sends"]["gate/change"]["requests"][0]["state"] = "unknown"
    (specs / "sendspec.sandbox.lock").write_text(json.dumps(ledger))
    intent = {"entry": "intent", "address": "sale/last-call", "revision": 2, "batch": 3}
    (specs / "sendspec.sandbox.journal").write_text(f"01234567 {json.dumps(intent)}\n0123 torn")
    assert complete("resolve", "") == ["gate/change#1", "sale/last-call@2#3"]


def test_names_that_a_shell_would_execute(complete, tmp_path):
    """A name with characters of a shell is not proposed, because a shell inserts it without quotes."""
    project(tmp_path / "specs", HOSTILE)
    assert complete("plan", "--send", "hostile") == ["hostile", "hostile/a", "hostile/a[ok]"]


@pytest.mark.parametrize(
    "text", ["", "campaign: sale\nsends: [", f"campaign: sale\nsends: {'[' * 500_000}", "\0", "- sale\n"]
)
def test_a_broken_project(text, complete, tmp_path):
    """Files that are not specs have no names, and no error."""
    specs = project(tmp_path / "specs", GATE)
    (specs / "campaigns" / "sale.yaml").write_text(text)
    (specs / "sendspec.yaml").write_text(text)
    (specs / "sendspec.sandbox.lock").write_text(text)
    os.mkfifo(specs / "campaigns" / "pipe.yaml")
    assert complete("plan", "--send", "sale/") == []
    assert complete("plan", "--send", "gate/") == ["gate/change"]
    assert complete("plan", "--target", "") == ["sandbox"]
    assert complete("resolve", "gate/") == ["gate/change"]


def test_in_bash(tmp_path):
    """Bash, with the script of `completion bash`, proposes the addresses of a send."""
    project(tmp_path / "specs", GATE, MATRIX)
    script = """\
eval "$(sendspec completion bash)"
COMP_WORDS=(sendspec plan --send spring-sale/offer) COMP_CWORD=3
_sendspec_completion sendspec
printf '%s\\n' "${COMPREPLY[@]}"
"""
    path = f"{Path(SENDSPEC).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "spring-sale/offer",
        "spring-sale/offer[en,1]",
        "spring-sale/offer[en,2,5]",
        "spring-sale/offer[fr,1]",
        "spring-sale/offer[fr,2,5]",
    ]


@pytest.mark.parametrize("instruction", ["bash_complete", "bash_source", "nonsense", "sh_complete", "_"])
def test_a_run_for_a_shell_never_runs_a_verb(instruction, tmp_path):
    """The variable of a shell never leads to a run, also if it is left in the environment of one."""
    specs = project(tmp_path / "specs", GATE)
    done = sendspec("apply", "--auto-approve", where=tmp_path, _SENDSPEC_COMPLETE=instruction)
    assert "sent" not in done.out + done.err
    assert not [*specs.glob("*.lock"), *specs.glob("*.journal"), *specs.glob(".sendspec/*")]


def test_an_empty_variable_of_a_shell_means_nothing(tmp_path):
    """A run with an empty variable is an ordinary one, with its messages."""
    done = sendspec("plan", "specs", where=tmp_path, _SENDSPEC_COMPLETE="")
    assert (done.code, "error: specs: directory not found" in done.err) == (1, True)


@pytest.mark.parametrize(("shell", "line"), [("zsh", "compdef "), ("fish", "complete ")])
def test_scripts_of_other_shells(shell, line, cli):
    """Each shell has a script that calls sendspec."""
    done = cli("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_SENDSPEC_COMPLETE={shell}_complete" in done.out
    assert line in done.out
