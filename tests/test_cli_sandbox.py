"""`sendspec sandbox` as a process that a person starts and stops."""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.projects import GATE, SENDSPEC, project
from tests.sandbox_client import SandboxClient
from tests.sandboxed import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def running(where: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a sandbox as a process; yield it and the first line of its output."""
    process = subprocess.Popen(
        [SENDSPEC, "sandbox", *words], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sandbox_prints_its_url_and_ends_after_a_signal(number, tmp_path):
    """It prints the URL once it answers; SIGINT and SIGTERM end it with 0 and without output."""
    with running(tmp_path) as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        with SandboxClient(url) as client:
            assert client.batch().status_code == 202
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")
    assert (tmp_path / "specs" / ".sendspec" / "sandbox" / "received.jsonl").read_text().count("\n") == 1


def test_only_one_sandbox_runs_in_a_directory(cli, tmp_path):
    """A running sandbox excludes others from its directory and port; verbs use it through `baseUrl`."""
    specs = project(tmp_path / "specs", GATE)
    with running(tmp_path) as (_, url):
        done = cli("apply", "--auto-approve")
        assert (done.code, "is in use by another sandbox" in done.err) == (5, True)
        done = cli("sandbox", "elsewhere", "--port", url.rpartition(":")[2])
        assert (done.code, "the sandbox cannot listen on 127.0.0.1:" in done.err) == (1, True)
        (specs / "sendspec.yaml").write_text(SETTINGS.format(url=url))
        assert cli("apply", "--auto-approve").code == 0
        with SandboxClient(url) as client:
            assert [request["accepted"] for request in client.received()] == [True]
