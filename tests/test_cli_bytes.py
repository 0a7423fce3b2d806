"""Arguments, names and credentials that are not UTF-8: an error message, never a traceback."""

from __future__ import annotations

import os

import pytest

from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, lockfile, project, sendspec
from tests.sandboxed import sandboxed

BYTE = os.fsdecode(b"\xe9")
SHOWN = r"\udce9"
CREDENTIALS = {
    "SENDSPEC_CLIENT_ID": "client",
    "SENDSPEC_CLIENT_SECRET": "secret",
    "SENDSPEC_REFRESH_TOKEN": "refresh",
}


@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize("verb", ["apply", "status"])
def test_a_credential(verb, name, tmp_path):
    """The error names the variable and not its value; nothing is sent or queried."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        settings = tmp_path / "specs" / "sendspec.yaml"
        text = settings.read_text().replace("sandbox:", "trial:")
        settings.write_text(text.replace("baseUrl", "sandbox: true, baseUrl"))
        words = (verb, "--target", "trial", *(["--auto-approve"] if verb == "apply" else []))
        if verb == "status":
            assert sendspec("apply", *words[1:], "--auto-approve", where=tmp_path, **CREDENTIALS).code == 0
        before = len(client.received())
        done = sendspec(*words, where=tmp_path, **CREDENTIALS | {name: f"credential{BYTE}"})
        assert (done.code, "credential" in done.err) == (1, False)
        assert f"error: {name} is not UTF-8 text\n  hint: copy the value again from its source\n" in done.err
        assert len(client.received()) == before


ARGUMENTS = {
    "a verb": ((BYTE,), 64),
    "an option": (("plan", f"--{BYTE}"), 64),
    "a choice": (("plan", "--format", BYTE), 64),
    "a number": (("status", "--timeout", BYTE), 64),
    "a directory": (("plan", BYTE), 1),
    "a target": (("plan", "--target", BYTE), 1),
    "a send to print": (("render", "--send", BYTE), 64),
    "a send to ask about": (("status", "--send", BYTE), 64),
    "a send to settle": (("resolve", f"{BYTE}#1", "--not-sent", "--reason", "seen"), 1),
    "an output": (("plan", "-o", f"{BYTE}/{BYTE}"), 64),
    "a receipt": (("apply", "--auto-approve", "--receipt", f"{BYTE}/{BYTE}"), 1),
    "a log": (("resolve", "--from-log", BYTE), 1),
    "a rule": (("explain", BYTE), 64),
    "a schema": (("schema", BYTE), 64),
}


@pytest.mark.parametrize("case", ARGUMENTS.values(), ids=ARGUMENTS)
def test_an_argument(case, tmp_path):
    """The error message shows the argument with escapes."""
    words, code = case
    project(tmp_path / "specs", GATE)
    done = sendspec(*words, where=tmp_path)
    assert (done.code, done.out.partition("\n")[0]) in ((code, ""), (code, "Ready"))
    assert SHOWN in done.err
    assert "error: " in done.err


def test_an_id_and_a_reason_of_resolve(tmp_path):
    """Such an id is refused; a reason is recorded with escapes, and the ledger stays readable."""
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        assert sendspec("apply", "--auto-approve", where=tmp_path).code == 7
        settle = ("resolve", "gate/change#1", "--reason", f"seen {BYTE}", "--sent")
        done = sendspec(*settle, f"a{BYTE}", where=tmp_path)
        assert (done.code, done.err.splitlines()[0]) == (64, f"error: 'a{SHOWN}' is not an id")
        assert sendspec(*settle, "1a-2b", where=tmp_path).code == 0
        [request] = lockfile(specs)["sends"]["gate/change"]["requests"]
        assert (request["settledBy"], request["evidence"]) == ("person", f"seen {BYTE}")
        assert sendspec("plan", where=tmp_path).code == 0


def test_an_id_that_someone_edited_in_the_ledger(tmp_path):
    """The vendor does not know the id, and `status` reports that."""
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE):
        assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
        [request] = lockfile(specs)["sends"]["gate/change"]["requests"]
        file = specs / "sendspec.sandbox.lock"
        file.write_text(file.read_text().replace(request["transactionId"], SHOWN))
        assert sendspec("ledger", "merge", "--accept-edits", where=tmp_path).code == 0
        assert f"already sent (transaction {SHOWN})" in sendspec("plan", "--full", where=tmp_path).out
        done = sendspec("status", "--timeout", "0", where=tmp_path)
        assert (done.code, "gate/change#1  not known" in done.out) == (1, True)


def test_a_directory(tmp_path):
    """The name is shown with escapes and saved in a plan file, and `apply` finds the directory."""
    specs = project(tmp_path / BYTE, GATE)
    assert sendspec("plan", BYTE, "--save", "plan.json", where=tmp_path).code == 0
    assert rf'"directory": "{SHOWN}"' in (tmp_path / "plan.json").read_text()
    assert sendspec("apply", "plan.json", "--auto-approve", where=tmp_path).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    (specs / "campaigns" / "c0.yaml").write_text("")
    done = sendspec("validate", BYTE, where=tmp_path)
    assert f"{SHOWN}/campaigns/c0.yaml:1:1: error: the file is empty" in done.err


def test_a_git_ledger_in_a_directory_of_such_a_name(tmp_path):
    """A git ledger handles the name, and the send is recorded on the branch, once."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    here = clone / BYTE
    with sandboxed(here / BYTE, GATE) as client:
        settings = here / BYTE / "sendspec.yaml"
        settings.write_text(settings.read_text().replace("'}", "', ledger: git}"))
        assert sendspec("init", "--ledger", "--target", "sandbox", BYTE, where=here).code == 0
        for _ in range(2):
            done = sendspec("apply", "--auto-approve", BYTE, where=here)
            assert done.code == 0, done.err
        assert len(client.received()) == 1
    assert git("ls-remote", "origin", "sendspec-state", where=clone)
