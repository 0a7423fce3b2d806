"""Links among the files that sendspec writes: nothing is ever written through one to a place elsewhere."""

from __future__ import annotations

import os

import pytest

from tests.projects import GATE, lockfile, project, sendspec

MINE = "somebody's, and to stay as it is\n"
LOCK = "sendspec.sandbox.lock"


@pytest.fixture
def elsewhere(tmp_path):
    """A file outside of the project, which nothing may change."""
    file = tmp_path / "elsewhere"
    file.write_text(MINE)
    yield file
    assert file.read_text() == MINE


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_where_the_lockfile_is_prepared(link, elsewhere, tmp_path):
    """A link under the lockfile's temporary name is replaced: all is sent and recorded."""
    specs = project(tmp_path / "specs", GATE)
    link(elsewhere, specs / f"{LOCK}.tmp")
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 0, done.err
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert not (specs / LOCK).is_symlink()
    assert not (specs / f"{LOCK}.tmp").exists()


REFUSED = {
    LOCK: f"specs/{LOCK}:1: this file cannot be read: it is a symbolic link\n",
    "sendspec.sandbox.journal": "specs/sendspec.sandbox.journal:1: this file cannot be read: it is a",
    ".sendspec/sandbox.holder": "specs/.sendspec/sandbox.holder:1: this file cannot be locked: it is a",
    ".sendspec/sandbox/received.jsonl": "specs/.sendspec/sandbox/received.jsonl:1: the sandbox cannot use",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_linked_file_of_the_ledger_or_the_sandbox(name, elsewhere, tmp_path):
    """Any other file that a run would read and write is refused as a link, before anything is sent."""
    specs = project(tmp_path / "specs", GATE)
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(elsewhere)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 1
    assert REFUSED[name] in done.err
    assert path.is_symlink()


def test_a_linked_spool(elsewhere, tmp_path):
    """What only repeats the ledger is left unwritten, which is told; everything is sent."""
    specs = project(tmp_path / "specs", GATE)
    (specs / ".sendspec").mkdir()
    (specs / ".sendspec" / "sandbox.spool").symlink_to(elsewhere)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert (done.code, "warning: cannot spool to specs/.sendspec/sandbox.spool: " in done.err) == (0, True)


@pytest.mark.parametrize("folder", [".sendspec", ".sendspec/sandbox"])
@pytest.mark.parametrize("words", [("apply", "--auto-approve"), ("sandbox",)], ids=lambda words: words[0])
def test_a_linked_folder_of_state(words, folder, tmp_path):
    """The folder that sendspec or its sandbox writes to must be the project's own."""
    specs = project(tmp_path / "specs", GATE)
    away = tmp_path / "away"
    away.mkdir()
    (specs / folder).parent.mkdir(exist_ok=True)
    (specs / folder).symlink_to(away)
    done = sendspec(*words, where=tmp_path)
    assert done.code == 1
    assert f"specs/{folder}:1:1: error: the file is outside the project directory\n" in done.err
    assert list(away.iterdir()) == []
