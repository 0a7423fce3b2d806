"""The sandbox as a process: its state after a restart, its start and its end."""

from __future__ import annotations

import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from sendspec.errors import ExitCode, Locked, SendspecError, Usage
from sendspec.sandbox import SandboxServer, serve
from tests.sandbox_client import SandboxClient

SERVE = """
import sys
from pathlib import Path
from sendspec.sandbox import serve
serve("127.0.0.1", 0, Path(sys.argv[1]), on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""

SERVE_ON_A_SMALL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))" + SERVE


@contextmanager
def opened(directory):
    """Yield a client of a sandbox in this process."""
    with SandboxServer(directory) as server, SandboxClient(server.base_url) as client:
        yield client


@contextmanager
def process(directory, program=SERVE):
    """Yield a sandbox in a process of its own, and its client."""
    command = [sys.executable, "-W", "error", "-c", program, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            with SandboxClient(running.stdout.readline().strip()) as client:
                yield running, client
        finally:
            running.kill()


def test_a_restart_keeps_what_was_accepted(tmp_path):
    """After a restart names are taken, transactions are processed, ids are new, and the list is complete."""
    with opened(tmp_path) as client:
        first = client.job(messageName="Sale").json()["data"]["id"]
        transaction = client.batch(numbers=("12125550100", "12125550101")).json()["data"]["id"]
        client.batch(content="")
        listed = client.received()
    with opened(tmp_path) as client:
        assert client.received() == listed
        assert client.job(messageName="Sale").status_code == 400
        assert client.job(messageName="Sale ").json()["data"]["id"] == first + 1
        assert client.status(transaction).json()["data"]["contactsProcessed"] == 2


def test_a_killed_sandbox_keeps_what_was_accepted(tmp_path):
    """A request that was answered as accepted is listed after a SIGKILL."""
    with process(tmp_path) as (running, client):
        transaction = client.batch().json()["data"]["id"]
        running.send_signal(signal.SIGKILL)
        running.wait()
    with opened(tmp_path) as client:
        assert [request["id"] for request in client.received()] == [transaction]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_on_a_signal(tmp_path, number):
    """SIGINT and SIGTERM end `serve` without output, even with idle connections."""
    with process(tmp_path) as (running, client):
        assert client.batch().status_code == 202
        running.send_signal(number)
        output, errors = running.communicate(timeout=20)
    assert (running.returncode, output, errors) == (0, "ended\n", "")


def test_a_request_that_cannot_be_stored_is_not_accepted(tmp_path):
    """If a write fails, the request gets 500 and the file is unchanged."""
    with process(tmp_path, SERVE_ON_A_SMALL_DISK) as (_, client):
        codes = [client.batch(content="c" * 700).status_code for _ in range(6)]
        listed = client.received()
        assert (tmp_path / "received.jsonl").read_bytes().endswith(b"\n")
    stored = codes.count(202)
    assert codes == [202] * stored + [500] * (6 - stored)
    assert 0 < stored < 6
    assert len(listed) == stored
    with opened(tmp_path) as client:
        assert client.received() == listed


def test_a_torn_last_line_is_dropped(tmp_path):
    """A torn last line is removed, because its request was never answered; the next line replaces it."""
    with opened(tmp_path) as client:
        client.batch()
        listed = client.received()
    file = tmp_path / "received.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"endpoint":"contacts","body":{"conta')
    with opened(tmp_path) as client:
        assert file.read_bytes() == whole
        assert client.received() == listed
        client.batch()
    with opened(tmp_path) as client:
        assert len(client.received()) == 2


@pytest.mark.parametrize("line", [b"{}\n", b"[]\n", b"nonsense\n"], ids=["empty", "list", "text"])
def test_corruption_is_reported(tmp_path, line):
    """A line that the sandbox did not write is an error with file, line number and hint."""
    with opened(tmp_path) as client:
        client.batch()
    file = tmp_path / "received.jsonl"
    file.write_bytes(file.read_bytes() + line)
    with (
        pytest.raises(SendspecError, match=r"received\.jsonl:2: not a line") as raised,
        SandboxServer(tmp_path),
    ):
        pass
    assert "delete the file" in raised.value.hint


def test_one_sandbox_per_directory(tmp_path):
    """A directory is locked while one sandbox uses it, and free after its end."""
    with opened(tmp_path):
        with pytest.raises(Locked, match="in use by another sandbox"), SandboxServer(tmp_path):
            pass
        with opened(tmp_path / "other") as client:
            assert client.batch().status_code == 202
    with opened(tmp_path) as client:
        assert client.batch().status_code == 202


def test_the_file_is_its_owners_only(tmp_path):
    """Only the owner may read the file and its directory, because it may contain phone numbers."""
    directory = tmp_path / "new"
    with opened(directory) as client:
        client.batch()
    assert stat.S_IMODE((directory / "received.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_an_unusable_directory_is_reported(tmp_path):
    """A directory that is a file is an error with a hint."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SendspecError, match="cannot use") as raised, SandboxServer(tmp_path / "file"):
        pass
    assert raised.value.hint


@pytest.mark.parametrize("host", ["192.168.0.1", "::1", "sandbox.example", ""])
def test_only_loopback(host):
    """A host other than the loopback is a usage error, from the class and from `serve`."""
    with pytest.raises(Usage, match=r"127\.0\.0\.1 only") as raised:
        SandboxServer(host=host)
    assert raised.value.exit_code == ExitCode.USAGE
    with pytest.raises(Usage):
        serve(host)


def test_an_unusable_port_is_reported():
    """A port that is in use or out of range is an error with the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SendspecError, match=rf"127\.0\.0\.1:{port}"), SandboxServer(port=port):
            pass
    with pytest.raises(SendspecError, match=r"127\.0\.0\.1:70000"), SandboxServer(port=70000):
        pass


def test_stopping_cuts_held_requests(tmp_path):
    """A sandbox that stops drops held and delayed requests without accepting them."""
    with ThreadPoolExecutor(2) as pool, ExitStack() as clients:
        with SandboxServer(tmp_path) as server:
            client = clients.enter_context(SandboxClient(server.base_url))
            client.arm("hold")
            client.arm("latency", ms=600_000)
            waiting = [pool.submit(client.batch) for _ in range(2)]
            client.wait_held(1)
            while client.stats()["underWay"] < 2:
                pass
        for future in waiting:
            assert isinstance(future.exception(timeout=20), httpx.RemoteProtocolError)
    with opened(tmp_path) as client:
        assert [request["accepted"] for request in client.received()] == [False, False]


def test_a_port_is_reusable():
    """The sandbox uses the given port, even immediately after connections to it ended."""
    with ExitStack() as clients:
        with SandboxServer() as server:
            clients.enter_context(SandboxClient(server.base_url))
        port = int(server.base_url.rpartition(":")[2])
        with SandboxServer(port=port) as server, SandboxClient(server.base_url) as client:
            assert server.base_url == f"http://127.0.0.1:{port}"
            assert client.batch().status_code == 202
