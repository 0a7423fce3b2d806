"""Helpers that git starts, such as ssh: none outlives the time limit of a call."""

from __future__ import annotations

import os
import shutil

import pytest

from sendspec.ledger.git_process import GitFailed, GitProcess
from tests.ledgers import git

SCRIPT = """\
#!/bin/sh
case " $* " in
*" push "*) ( read go <{gate}; touch {pushed} ) 9>{alive} & wait ;;
*) exec {git} "$@" ;;
esac
"""


@pytest.mark.red_team(22)
def test_a_helper_of_git_ends_with_the_time_limit(tmp_path, monkeypatch):
    """A helper that still runs when the time is over does not push afterwards, and keeps no call waiting."""
    git("init", "--quiet", where=tmp_path)
    gate, alive, pushed = (tmp_path / name for name in ("gate", "alive", "pushed"))
    for pipe in (gate, alive):
        os.mkfifo(pipe)
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(SCRIPT.format(gate=gate, alive=alive, pushed=pushed, git=shutil.which("git")))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    ended = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    go = os.open(gate, os.O_RDWR)
    with pytest.raises(GitFailed, match="git push did not end within 1 s"):
        GitProcess(tmp_path, 1.0).call(("push",), None)
    os.write(go, b"go\n")
    os.set_blocking(ended, True)
    assert os.read(ended, 1) == b""
    assert not pushed.exists()
    for pipe in (ended, go):
        os.close(pipe)
