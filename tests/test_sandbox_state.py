"""The sandbox as a process: what it keeps over a restart, how it starts, and how it ends."""

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
    """Give a client of a sandbox in this process."""
    with SandboxServer(directory) as server, SandboxClient(server.base_url) as client:
        yield client


@contextmanager
def process(directory, program=SERVE):
    """Give a sandbox in a process of its own, and a client of it."""
    command = [sys.executable, "-W", "error", "-c", program, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            with SandboxClient(running.stdout.readline().strip()) as client:
                yield running, client
        finally:
            running.kill()


def test_a_restart_keeps_what_was_accepted(tmp_path):
    """Names stay taken, transactions known and settled, ids fresh, and the list whole after a restart."""
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
    """What was answered as accepted is there after SIGKILL."""
    with process(tmp_path) as (running, client):
        transaction = client.batch().json()["data"]["id"]
        running.send_signal(signal.SIGKILL)
        running.wait()
    with opened(tmp_path) as client:
        assert [each["id"] for each in client.received()] == [transaction]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_on_a_signal(tmp_path, number):
    """SIGINT and SIGTERM end `serve` in order, with idle connections open, and it prints nothing."""
    with process(tmp_path) as (running, client):
        assert client.batch().status_code == 202
        running.send_signal(number)
        output, errors = running.communicate(timeout=20)
    assert (running.returncode, output, errors) == (0, "ended\n", "")


def test_a_request_that_cannot_be_kept_is_not_accepted(tmp_path):
    """When the disk refuses a write the request gets 500, and the file stays as it was before it."""
    with process(tmp_path, SERVE_ON_A_SMALL_DISK) as (_, client):
        codes = [client.batch(content="c" * 700).status_code for _ in range(6)]
        listed = client.received()
        assert (tmp_path / "received.jsonl").read_bytes().endswith(b"\n")
    kept = codes.count(202)
    assert codes == [202] * kept + [500] * (6 - kept)
    assert 0 < kept < 6
    assert len(listed) == kept
    with opened(tmp_path) as client:
        assert client.received() == listed


def test_a_torn_last_line_is_dropped(tmp_path):
    """A line that was never finished was never answered: it goes, and the next one takes its place."""
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
def test_damage_is_named(tmp_path, line):
    """A line that the sandbox did not write is refused with its file, its number and the way out."""
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


def test_one_sandbox_a_directory(tmp_path):
    """A second sandbox on the same directory is refused while the first one runs, and works after it."""
    with opened(tmp_path):
        with pytest.raises(Locked, match="in use by another sandbox"), SandboxServer(tmp_path):
            pass
        with opened(tmp_path / "other") as client:
            assert client.batch().status_code == 202
    with opened(tmp_path) as client:
        assert client.batch().status_code == 202


def test_the_file_is_its_owners_only(tmp_path):
    """What was received may hold phone numbers: nobody else may read the file or its directory."""
    directory = tmp_path / "new"
    with opened(directory) as client:
        client.batch()
    assert stat.S_IMODE((directory / "received.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_an_unusable_directory_is_named(tmp_path):
    """A directory that is a file ends in one sentence and a hint."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SendspecError, match="cannot use") as raised, SandboxServer(tmp_path / "file"):
        pass
    assert raised.value.hint


@pytest.mark.parametrize("host", ["192.168.0.1", "::1", "sandbox.example", ""])
def test_only_loopback(host):
    """Any host but the loopback is a usage error, from the class and from `serve`."""
    with pytest.raises(Usage, match=r"127\.0\.0\.1 only") as raised:
        SandboxServer(host=host)
    assert raised.value.exit_code == ExitCode.USAGE
    with pytest.raises(Usage):
        serve(host)


def test_a_taken_port_is_named():
    """A port that is taken, or is none, ends in one sentence with the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SendspecError, match=rf"127\.0\.0\.1:{port}"), SandboxServer(port=port):
            pass
    with pytest.raises(SendspecError, match=r"127\.0\.0\.1:70000"), SandboxServer(port=70000):
        pass


def test_stopping_cuts_held_requests(tmp_path):
    """A sandbox that stops does not wait for what is held or delayed: it drops it without accepting it."""
    with ThreadPoolExecutor(2) as pool, ExitStack() as clients:
        with SandboxServer(tmp_path) as server:
            client = clients.enter_context(SandboxClient(server.base_url))
            client.arm("hold")
            client.arm("latency", ms=600_000)
            waiting = [pool.submit(client.batch) for _ in range(2)]
            client.wait_held(1)
            while client.stats()["underWay"] < 2:
                pass
        for each in waiting:
            assert isinstance(each.exception(timeout=20), httpx.RemoteProtocolError)
    with opened(tmp_path) as client:
        assert [each["accepted"] for each in client.received()] == [False, False]


def test_a_port_given_is_used_and_free_again():
    """The port that was asked for serves, and can be taken at once although connections to it just ended."""
    with ExitStack() as clients:
        with SandboxServer() as server:
            clients.enter_context(SandboxClient(server.base_url))
        port = int(server.base_url.rpartition(":")[2])
        with SandboxServer(port=port) as server, SandboxClient(server.base_url) as client:
            assert server.base_url == f"http://127.0.0.1:{port}"
            assert client.batch().status_code == 202
