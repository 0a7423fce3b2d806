"""Links among the files that sendspec writes: it never writes through one to another place."""

from __future__ import annotations

import os

import pytest

from tests.projects import GATE, lockfile, project, sendspec

MINE = "the text of another file\n"
LOCK = "sendspec.sandbox.lock"


@pytest.fixture
def elsewhere(tmp_path):
    """Yield a file outside the project, and check that it is unchanged."""
    file = tmp_path / "elsewhere"
    file.write_text(MINE)
    yield file
    assert file.read_text() == MINE


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_link_at_the_temporary_lockfile(link, elsewhere, tmp_path):
    """A link with the name of the temporary lockfile is replaced, and everything is sent and recorded."""
    specs = project(tmp_path / "specs", GATE)
    link(elsewhere, specs / f"{LOCK}.tmp")
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 0, done.err
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert not (specs / LOCK).is_symlink()
    assert not (specs / f"{LOCK}.tmp").exists()


SYMLINK = "it is a symbolic link\n"
REFUSED = {
    LOCK: f"specs/{LOCK}:1: cannot read this file: {SYMLINK}",
    "sendspec.sandbox.journal": f"specs/sendspec.sandbox.journal:1: cannot read this file: {SYMLINK}",
    ".sendspec/sandbox.holder": f"specs/.sendspec/sandbox.holder:1: cannot lock this file: {SYMLINK}",
    ".sendspec/sandbox/received.jsonl": "specs/.sendspec/sandbox/received.jsonl:1: the sandbox cannot use",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_linked_file_of_the_ledger_or_the_sandbox(name, elsewhere, tmp_path):
    """A link in place of any other file of a run is refused before anything is sent."""
    specs = project(tmp_path / "specs", GATE)
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(elsewhere)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 1
    assert REFUSED[name] in done.err
    assert done.err.endswith("\nnothing was sent\n")
    assert path.is_symlink()


def test_a_linked_spool(elsewhere, tmp_path):
    """The spool is not written, with a warning, and everything is sent."""
    specs = project(tmp_path / "specs", GATE)
    (specs / ".sendspec").mkdir()
    (specs / ".sendspec" / "sandbox.spool").symlink_to(elsewhere)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert (done.code, "warning: cannot write specs/.sendspec/sandbox.spool: " in done.err) == (0, True)


@pytest.mark.parametrize("folder", [".sendspec", ".sendspec/sandbox"])
@pytest.mark.parametrize("words", [("apply", "--auto-approve"), ("sandbox",)], ids=lambda words: words[0])
def test_a_linked_folder_of_state(words, folder, tmp_path):
    """The state folders of sendspec and its sandbox must be in the project directory."""
    specs = project(tmp_path / "specs", GATE)
    away = tmp_path / "away"
    away.mkdir()
    (specs / folder).parent.mkdir(exist_ok=True)
    (specs / folder).symlink_to(away)
    done = sendspec(*words, where=tmp_path)
    assert done.code == 1
    assert f"specs/{folder}:1:1: error: the file is outside the project directory\n" in done.err
    assert list(away.iterdir()) == []
