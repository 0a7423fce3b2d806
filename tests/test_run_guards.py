"""Guards of one run that no other test notices: bodies, threads, the spool, the disk, and calls of git."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpcore
import pytest

from sendspec.acoustic.network_backend import DeadlineBackend
from sendspec.audience import ContactStore
from sendspec.clocks import SystemClock
from sendspec.driver import BodySource, Signals, ThreadDriver
from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.filesystem import RealFilesystem
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_process import GitProcess
from sendspec.model import Endpoint, OutcomeReason, RequestKey, Verdict
from sendspec.outcome_spool import SpoolFile
from sendspec.protocol import Post
from tests.clocks import NEVER
from tests.ledgers import accepted, git, remote_with_clones, started
from tests.plans import plan_specs
from tests.projects import CONTACTS, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.model import Outcome

SELF_SIGNED = Path(__file__).parent / "tls" / "self-signed.pem"
SALE = RequestKey("sale/last-call", 1, 1)
POST = Post(SALE, Endpoint.CONTACTS, repeated=False, latest=NEVER)


class Answers:
    """Takes the place of a machine, and keeps the outcomes of attempts."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def on_answer(self, _key: RequestKey, outcome: Outcome, _now: object) -> None:
        self.outcomes.append(outcome)

    def wake_at(self) -> None:
        return None


class Client:
    """A client whose post does what a test wants."""

    def __init__(self, action: Callable[[], Outcome]) -> None:
        self.action = action

    def post(self, *_: object, **__: object) -> Outcome:
        return self.action()


@contextmanager
def driver_of(action: Callable[[], Outcome], tmp_path: Path) -> Iterator[ThreadDriver]:
    project(tmp_path / "specs", CONTACTS)
    with (
        ContactStore() as store,
        ThreadDriver(
            FileLedger(tmp_path, "sandbox", "sandbox").open(),
            Client(action),
            BodySource(plan_specs(store=store), store),
            signals=Signals(),
            stopping=lambda: None,
            concurrency=1,
            clock=SystemClock(),
        ) as driver,
    ):
        yield driver


def test_an_unexpected_exception_of_a_post_is_unknown(tmp_path, monkeypatch):
    """Any exception but an error of sendspec may come after the first byte, so the outcome is unknown."""
    monkeypatch.chdir(tmp_path)
    answers = Answers()
    with driver_of(lambda: 1 // 0, tmp_path) as driver:  # type: ignore[arg-type, return-value]
        driver.start(POST)
        while not answers.outcomes:
            driver.wait(answers)  # type: ignore[arg-type]
    [outcome] = answers.outcomes
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, OutcomeReason.INTERNAL_ERROR)


def test_the_end_of_a_run_waits_for_its_posts(tmp_path, monkeypatch):
    """If an exception ends a run, it still waits for the requests in flight."""
    monkeypatch.chdir(tmp_path)
    posting, ended, posted = threading.Event(), threading.Event(), threading.Event()

    def post() -> Outcome:
        posting.set()
        # A run that does not wait ends first; one that waits is let go after this time.
        ended.wait(1)
        posted.set()
        raise SystemExit

    def fail() -> None:
        with driver_of(post, tmp_path) as driver:
            driver.start(POST)
            assert posting.wait(30)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    was_posted = posted.is_set()
    ended.set()
    assert was_posted


def test_a_spool_keeps_every_line(tmp_path):
    """A further outcome is appended, also by another process."""
    for line in ("first", "second"):
        SpoolFile(tmp_path / "production.spool").append(line)
    assert SpoolFile(tmp_path / "production.spool").read_lines() == ["first\n", "second\n"]


def test_a_spool_that_was_removed_is_created_again(tmp_path):
    """Lines after the removal are in a new file, because a removed one ends with the process."""
    spool = SpoolFile(tmp_path / "production.spool")
    spool.append("first")
    spool.path.unlink()
    spool.append("second")
    assert spool.read_lines() == ["second\n"]
    spool.remove()
    assert not spool.path.exists()


def test_the_directory_is_flushed_on_the_real_disk(tmp_path):
    """A new name is durable only after an fsync of its directory."""
    code = (
        "import sys; from pathlib import Path; from sendspec.ledger.filesystem import RealFilesystem; "
        "RealFilesystem().sync_directory(Path(sys.argv[1]))"
    )
    trace = tmp_path / "trace"
    command = [
        "strace",
        "-y",
        "-e",
        "trace=fsync,fdatasync",
        "-o",
        trace,
        sys.executable,
        "-c",
        code,
        tmp_path,
    ]
    subprocess.run(command, check=True)
    assert f"<{tmp_path}>)" in trace.read_text()


class FoldingDisk(RealFilesystem):
    """The real disk, on which another run ends between the first and the second read."""

    def __init__(self, end_run: Callable[[], None]) -> None:
        super().__init__()
        self._end_run = [end_run]

    def read(self, path: Path) -> bytes | None:
        content = super().read(path)
        if self._end_run:
            self._end_run.pop()()
        return content


def test_a_ledger_is_read_whole_while_a_run_ends(tmp_path):
    """If a run folds its journal between two reads of files, no entry is missed."""
    session = FileLedger(tmp_path, "sandbox", "sandbox").open()
    session.append([*started("sale/a"), accepted("sale/a")])
    disk = FoldingDisk(lambda: session.__exit__(None, None, None))
    state = FileLedger(tmp_path, "sandbox", "sandbox", disk).read()
    assert list(state.sends) == ["sale/a"]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_write_counts_from_its_start(encrypted):
    """A first write that fails halfway counts as started, because some bytes may have arrived."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        backend = DeadlineBackend(SystemClock())
        backend.start_exchange(30.0)
        small = [(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024)]
        stream = backend.connect_tcp(*listener.getsockname(), socket_options=small)
        accepted, _ = listener.accept()
        if encrypted:
            stream, accepted = handshake(stream, accepted)
        exchange = backend.start_exchange(30.0)
        with pytest.raises(httpcore.WriteTimeout):
            stream.write(b"x" * 16384, timeout=0.1)
        assert exchange.request_started
        stream.close()
        accepted.close()


def handshake(
    stream: httpcore.NetworkStream, accepted: socket.socket
) -> tuple[httpcore.NetworkStream, socket.socket]:
    """Start TLS on both ends of a connection."""
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(SELF_SIGNED)
    ours.load_verify_locations(SELF_SIGNED)
    ours.check_hostname = False
    with ThreadPoolExecutor(1) as pool:
        wrapped = pool.submit(theirs.wrap_socket, accepted, server_side=True)
        return stream.start_tls(ours, "127.0.0.1", 10.0), wrapped.result()


@pytest.fixture
def clone(tmp_path) -> Path:
    _, [clone] = remote_with_clones(tmp_path, 1)
    return clone


@pytest.mark.parametrize(
    "name", ["GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_COMMON_DIR"]
)
def test_git_inherits_no_settings_of_another_repository(name, clone, monkeypatch, tmp_path):
    """A variable that a hook or another tool has set does not change where the ledger is."""
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    process = GitProcess(clone, 60.0)
    assert process.call(("rev-parse", "--verify", "refs/heads/main"), None).returncode == 0
    environment = process.call(("-c", f"alias.shown=!printenv {name} || true", "shown"), None)
    assert environment.stdout.strip() == b""


@pytest.mark.parametrize("hook", ["pre-push", "reference-transaction", "post-index-change"])
def test_no_hook_of_the_clone_runs(hook, clone, tmp_path):
    """A push of the ledger runs no hook, because a hook can change or refuse what is recorded."""
    marker = tmp_path / "ran"
    path = clone / ".git" / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch {marker}\n")
    path.chmod(0o755)
    plumbing = GitClone(clone)
    commit = plumbing.commit(None, "production", {"x": b""}, "first\n")
    plumbing.push(commit, None)
    assert git("ls-remote", "origin", "sendspec-state", where=clone).startswith(commit)
    assert not marker.exists()


def test_git_runs_in_a_session_of_its_own(clone, tmp_path, monkeypatch):
    """Ctrl-C on a terminal goes to the session of the run, and must not end a push."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    sessions = tmp_path / "sessions"
    program.write_text(
        f'#!/bin/sh\ncut -d" " -f6 /proc/$$/stat >>{sessions}\nexec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    GitProcess(clone, 60.0).call(("rev-parse", "HEAD"), None)
    assert str(os.getsid(0)) not in sessions.read_text().split()
