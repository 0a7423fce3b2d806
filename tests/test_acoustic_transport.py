"""Exchanges over real sockets: requests that were not sent, whole answers and reused connections."""

from __future__ import annotations

import gzip
import select
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import h11
import httpcore
import pytest

from sendspec.acoustic.http_connection import HttpConnection
from sendspec.acoustic.network_backend import DeadlineBackend, StaleConnection
from sendspec.acoustic.outcome import Failure, FailureKind
from sendspec.acoustic.transport import Transport
from sendspec.clocks import Deadline, SystemClock
from sendspec.structs import replace
from tests.servers import ScriptedServer, answering, refusing_port, response, serving
from tests.transports import BIG, BODY, HASTY, OK, PATIENT, exchange, kind, post

SELF_SIGNED = Path(__file__).parent / "tls" / "self-signed.pem"
PACKED = gzip.compress(b'{"data":{}}')


# Nothing was sent.


def test_refused_connection():
    """Nothing is sent to a port without a listener."""
    with refusing_port() as port:
        failure = exchange(f"http://127.0.0.1:{port}")
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert "refused" in failure.detail


def test_unknown_host():
    """Nothing is sent if the host name does not resolve."""
    assert kind(exchange("http://sendspec.invalid")) is FailureKind.NOT_CONNECTED


def test_connect_timeout():
    """A server that is too busy to accept gets no byte, even if it accepts later."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        queued = [stack.enter_context(socket.socket()) for _ in range(8)]
        for filler in queued:
            filler.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            filler.connect_ex(listener.getsockname())
        failure = exchange(f"http://127.0.0.1:{listener.getsockname()[1]}", HASTY)
        if isinstance(failure, Failure) and "ConnectTimeout" not in failure.detail:
            pytest.skip("this system queues connections beyond the backlog")
        assert kind(failure) is FailureKind.NOT_CONNECTED
        for filler in queued:
            filler.close()
        listener.settimeout(0.2)
        try:
            while True:
                accepted = stack.enter_context(listener.accept()[0])
                assert accepted.recv(1) == b""
        except TimeoutError:
            pass


def test_server_without_tls():
    """A server without TLS gets a handshake and no byte of the request."""
    received = []

    def not_tls(connection):
        received.append(connection.socket.recv(65536))
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedServer((not_tls,)) as server:
        assert kind(exchange(f"https://127.0.0.1:{server.port}")) is FailureKind.NOT_CONNECTED
    assert received[0][:1] == b"\x16"
    assert b"POST" not in received[0]


def test_untrusted_certificate():
    """A server with an untrusted certificate gets neither token nor body."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(SELF_SIGNED)
    decrypted = []

    def tls(connection):
        with context.wrap_socket(connection.socket, server_side=True) as secure:
            decrypted.append(secure.recv(65536))

    with ScriptedServer((tls,)) as server:
        failure = exchange(f"https://127.0.0.1:{server.port}")
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert "certificate verify failed" in failure.detail.lower()
    assert decrypted == []


@pytest.mark.red_team(19)
def test_no_log_of_session_keys(monkeypatch, tmp_path):
    """A handshake writes no keys to the file that SSLKEYLOGFILE names."""
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.keylog_filename = None
    keys.unlink()
    context.load_cert_chain(SELF_SIGNED)

    def tls(connection):
        context.wrap_socket(connection.socket, server_side=True)

    with ScriptedServer((tls,)) as server:
        assert kind(exchange(f"https://127.0.0.1:{server.port}")) is FailureKind.NOT_CONNECTED
    assert not keys.exists()


def test_no_free_connection():
    """A request is not sent while every connection is in use."""
    arrived = threading.Event()

    def hold(connection):
        connection.request()
        arrived.set()
        connection.hold()

    single = replace(PATIENT, connections=1, pool=0.1)
    with (
        closing(Transport(single)) as transport,
        ScriptedServer((hold, answering(OK))) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(post, transport, server.base_url, path="/first")
        assert arrived.wait(10)
        failure = post(transport, server.base_url, path="/second")
        server.over.set()
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert server.paths() == ["POST /first"]


def test_deadline_before_the_first_byte():
    """Nothing is sent if the deadline passes before the connection opens."""
    with ScriptedServer((answering(OK),)) as server:
        assert kind(exchange(server.base_url, replace(PATIENT, total=0))) is FailureKind.NOT_CONNECTED
    assert server.received == 0


# Whole answers.


def test_plain_request():
    """A request carries exactly its bytes, accepts no encoding, and its answer arrives whole."""
    with ScriptedServer((answering(OK),)) as server:
        answer = exchange(server.base_url)
    assert (answer.status, answer.body) == (202, b'{"data": {"id": "t-1"}}')
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/rest/x", BODY)
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("sendspec/")
    assert "content-encoding" not in request.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    """A redirect is an answer like any other; no request goes to its location."""
    with ScriptedServer((answering(OK),)) as elsewhere:
        moved = response(status, b"", {"Location": f"{elsewhere.base_url}/stolen"})
        with ScriptedServer((answering(moved, OK),)) as server:
            assert exchange(server.base_url).status == status
        assert (len(server.requests), elsewhere.connections) == (1, 0)


def test_unrequested_gzip():
    """An answer that a proxy compressed is still usable."""
    packed = response(202, PACKED, {"Content-Encoding": "gzip"})
    with ScriptedServer((answering(packed),)) as server:
        assert exchange(server.base_url).body == b'{"data":{}}'


def test_answer_at_the_limit():
    """An answer of exactly 1 MiB is whole, compressed or not."""
    full = b" " * (1 << 20)
    packed = response(202, gzip.compress(full), {"Content-Encoding": "gzip"})
    with (
        closing(Transport(PATIENT)) as transport,
        ScriptedServer((answering(response(202, full), packed),)) as server,
    ):
        assert [len(post(transport, server.base_url).body) for _ in range(2)] == [1 << 20, 1 << 20]


def test_answer_before_the_whole_request():
    """The answer of a server that refuses early counts, although the request was not sent completely."""
    refusal = response(413, b"", {"Connection": "close"})

    def early(connection):
        connection.socket.recv(1)
        connection.send(refusal)
        connection.socket.shutdown(socket.SHUT_WR)
        while connection.socket.recv(1 << 20):
            pass

    with ScriptedServer((early,)) as server:
        assert exchange(server.base_url, body=BIG).status == 413


def test_environment_is_not_trusted(monkeypatch, tmp_path):
    """Proxies, netrc and cookies change neither the host nor the headers of a request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n")
    with (
        closing(Transport(PATIENT)) as transport,
        refusing_port() as port,
        ScriptedServer((answering(response(200, b"", {"Set-Cookie": "a=b"}), OK),)) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NETRC", str(netrc))
        assert [post(transport, server.base_url).status for _ in range(2)] == [200, 202]
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer t", "Bearer t"]
    assert "cookie" not in server.requests[1].headers


# Reused connections.


def test_connection_closed_while_idle():
    """After the server closed an idle connection, the next request opens a new one."""
    closed = threading.Event()

    def once(connection):
        connection.request()
        connection.send(OK)
        connection.socket.shutdown(socket.SHUT_WR)
        closed.set()
        connection.socket.recv(1)

    with closing(Transport(PATIENT)) as transport, ScriptedServer((once, answering(OK))) as server:
        assert post(transport, server.base_url, path="/1").status == 202
        assert closed.wait(10)
        assert post(transport, server.base_url, path="/2").status == 202
    assert server.paths() == ["POST /1", "POST /2"]
    assert server.connections == 2


def test_connection_closed_in_the_instant_of_reuse():
    """A request on a connection that closes in that instant is broken, and is not sent again."""

    def dies_on_second(connection):
        connection.request()
        connection.send(OK)
        connection.socket.recv(1)
        connection.reset()

    with closing(Transport(PATIENT)) as transport, ScriptedServer((dies_on_second, answering(OK))) as server:
        assert post(transport, server.base_url).status == 202
        assert kind(post(transport, server.base_url)) is FailureKind.BROKEN
    assert (server.connections, len(server.requests)) == (1, 1)


def test_unsolicited_answer():
    """A second answer to one request is not used for the next request, nor for any later one."""
    stray = response(202, {"data": {"id": "stray"}})

    def twice(connection):
        connection.request()
        connection.send(OK + stray)
        connection.request()
        connection.send(response(500))
        connection.hold()

    with (
        closing(Transport(PATIENT)) as transport,
        ScriptedServer((twice, answering(response(403)))) as server,
    ):
        first, second, third = (post(transport, server.base_url) for _ in range(3))
    assert first.status == 202
    assert kind(second) is FailureKind.BROKEN
    assert third.status == 403


def test_connection_after_a_cut_off_answer():
    """A connection whose answer did not end is not used again, although the server keeps it open."""

    def stall(connection):
        connection.request()
        connection.send(OK[:-9])
        connection.hold()

    with closing(Transport(HASTY)) as transport, ScriptedServer((stall, answering(OK))) as server:
        assert kind(post(transport, server.base_url, path="/1")) is FailureKind.BROKEN
        assert post(transport, server.base_url, path="/2").status == 202
    assert server.paths() == ["POST /1", "POST /2"]


@pytest.mark.red_team(13)
def test_late_second_answer():
    """A second answer that comes after the first was read is not taken for the answer to the next request."""
    came, resume = threading.Event(), threading.Event()

    def twice(connection):
        connection.request()
        connection.send(OK)
        assert resume.wait(10)
        connection.send(response(202, {"data": {"id": "late"}}))
        came.set()
        connection.hold()

    with (
        closing(Transport(PATIENT)) as transport,
        ScriptedServer((twice, answering(response(403)))) as server,
    ):
        assert post(transport, server.base_url).status == 202
        resume.set()
        assert came.wait(10)
        assert post(transport, server.base_url).status == 403
    assert server.connections == 2


@pytest.mark.red_team(13)
def test_bytes_before_the_first_write():
    """A kept connection with something to read is refused in the moment of the first write."""
    resume = threading.Event()

    def twice(connection):
        connection.socket.recv(16)
        connection.send(b"first")
        assert resume.wait(10)
        connection.send(b"late")
        connection.hold()

    backend = DeadlineBackend(SystemClock())
    backend.start_exchange(10.0)
    with ScriptedServer((twice,)) as server, closing(backend.connect_tcp("127.0.0.1", server.port)) as stream:
        stream.write(b"GET")
        assert stream.read(5) == b"first"
        resume.set()
        select.select([stream.get_extra_info("socket")], [], [], 10)
        exchange = backend.start_exchange(10.0)
        with pytest.raises(StaleConnection):
            stream.write(b"POST")
        assert not exchange.request_started


@pytest.mark.red_team(7)
@pytest.mark.parametrize(("checks", "failed"), [(0, FailureKind.TOO_LATE), (3, FailureKind.BROKEN)])
def test_no_byte_after_the_latest_instant(checks, failed):
    """A process that is suspended before or within a request sends nothing more of it afterwards."""

    class Suspended(SystemClock):
        """A clock that jumps by an hour after some readings."""

        left = checks

        def wall(self):
            self.left -= 1
            return super().wall() + (timedelta(hours=1) if self.left < 0 else timedelta())

    latest = Deadline(SystemClock().wall() + timedelta(minutes=6), float("inf"))
    with (
        ScriptedServer((lambda connection: connection.request(),)) as server,
        closing(Transport(PATIENT, Suspended())) as transport,
    ):
        failure = transport.send("POST", f"{server.base_url}/rest/x", {}, BIG, latest)
    assert kind(failure) is failed
    assert failure.detail.endswith("the last instant for this request is over")
    assert server.requests == []
    assert server.received < len(BIG) // 2
    assert bool(server.received) == bool(checks)


def test_many_threads():
    """Ten threads share ten connections, and each gets its own answers."""
    with (
        closing(Transport(PATIENT)) as transport,
        ScriptedServer((serving(lambda request: response(200, request.body)),)) as server,
        ThreadPoolExecutor(10) as pool,
    ):
        bodies = [b"%d" % number for number in range(300)]
        answers = list(pool.map(lambda body: post(transport, server.base_url, body).body, bodies))
    assert answers == bodies
    assert server.connections <= 10


class RefusedUpload(httpcore.NetworkStream):
    """A connection whose server answers, although it did not take the whole request."""

    def write(self, *_):
        raise httpcore.WriteError("broken pipe")

    def read(self, *_):
        return OK


def test_a_request_that_was_cut_off_is_the_last_of_its_connection():
    """After an answer to a part of a request, the server would read the next request as its rest."""
    origin = httpcore.URL("http://127.0.0.1").origin
    connection = HttpConnection(origin, RefusedUpload(), PATIENT)
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(BODY))}
    connection.send(h11.Request(method="POST", target="/rest/x", headers=headers.items()), BODY)
    assert connection.receive_head().status_code == 202
    assert b"".join(connection.receive_body())
    assert not connection.start_next()
