"""Exchanges over real sockets: nothing left, a whole answer, or a connection that is used again."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from sendspec.acoustic.outcome import Failure, FailureKind
from sendspec.acoustic.transport import Transport
from tests.servers import ScriptedServer, answering, refusing_port, response, serving
from tests.transports import BIG, BODY, HASTY, OK, PATIENT, exchange, kind, post

SELF_SIGNED = Path(__file__).parent / "tls" / "self-signed.pem"
PACKED = gzip.compress(b'{"data":{}}')


# No byte of the request left.


def test_refused_connection():
    """A port on which nobody listens leaves nothing sent."""
    with refusing_port() as port:
        failure = exchange(f"http://127.0.0.1:{port}")
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert "refused" in failure.detail


def test_unknown_host():
    """A name that does not resolve leaves nothing sent."""
    assert kind(exchange("http://sendspec.invalid")) is FailureKind.NOT_CONNECTED


def test_connect_timeout():
    """A server too busy to accept never gets a byte, also when it accepts later."""
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
    """A server that cannot speak TLS sees a handshake and nothing of the request."""
    seen = []

    def not_tls(connection):
        seen.append(connection.socket.recv(65536))
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedServer((not_tls,)) as server:
        assert kind(exchange(f"https://127.0.0.1:{server.port}")) is FailureKind.NOT_CONNECTED
    assert seen[0][:1] == b"\x16"
    assert b"POST" not in seen[0]


def test_certificate_of_nobody():
    """A certificate that no authority vouches for gets neither token nor body."""
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


def test_no_free_connection():
    """A request that finds every connection taken is not sent."""
    arrived = threading.Event()

    def hold(connection):
        connection.request()
        arrived.set()
        connection.hold()

    single = replace(PATIENT, connections=1, pool=0.1)
    with (
        closing(Transport(single)) as wire,
        ScriptedServer((hold,)) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(post, wire, server.base_url, path="/first")
        assert arrived.wait(10)
        failure = post(wire, server.base_url, path="/second")
        server.over.set()
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert server.paths() == ["POST /first"]


def test_deadline_before_the_first_byte():
    """A deadline that passes before connecting leaves nothing sent."""
    with ScriptedServer((answering(OK),)) as server:
        assert kind(exchange(server.base_url, replace(PATIENT, total=0))) is FailureKind.NOT_CONNECTED
    assert server.received == 0


# Whole answers.


def test_plain_request():
    """A request carries exactly its bytes, asks for no encoding, and its answer arrives whole."""
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
    """A redirect is an answer like any other: nothing goes to where it points."""
    with ScriptedServer((answering(OK),)) as elsewhere:
        moved = response(status, b"", {"Location": f"{elsewhere.base_url}/stolen"})
        with ScriptedServer((answering(moved, OK),)) as server:
            assert exchange(server.base_url).status == status
        assert (len(server.requests), elsewhere.connections) == (1, 0)


def test_gzip_that_was_not_asked_for():
    """A proxy that packs answers regardless does not cost an outcome."""
    packed = response(202, PACKED, {"Content-Encoding": "gzip"})
    with ScriptedServer((answering(packed),)) as server:
        assert exchange(server.base_url).body == b'{"data":{}}'


def test_answer_at_the_limit():
    """An answer of exactly 1 MiB is whole, packed or not."""
    full = b" " * (1 << 20)
    packed = response(202, gzip.compress(full), {"Content-Encoding": "gzip"})
    with (
        closing(Transport(PATIENT)) as wire,
        ScriptedServer((answering(response(202, full), packed),)) as server,
    ):
        assert [len(post(wire, server.base_url).body) for _ in range(2)] == [1 << 20, 1 << 20]


def test_answer_before_the_whole_request():
    """A server that refuses early and hangs up is heard, although the rest could not be sent."""
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
    """Proxies, netrc and cookies change nothing about where requests go and what they carry."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n")
    with (
        closing(Transport(PATIENT)) as wire,
        refusing_port() as port,
        ScriptedServer((answering(response(200, b"", {"Set-Cookie": "a=b"}), OK),)) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NETRC", str(netrc))
        assert [post(wire, server.base_url).status for _ in range(2)] == [200, 202]
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer t", "Bearer t"]
    assert "cookie" not in server.requests[1].headers


# Connections that are used again.


def test_connection_closed_while_idle():
    """A connection that the server closed in between is noticed: the next request takes a fresh one."""
    closed = threading.Event()

    def once(connection):
        connection.request()
        connection.send(OK)
        connection.socket.shutdown(socket.SHUT_WR)
        closed.set()
        connection.socket.recv(1)

    with closing(Transport(PATIENT)) as wire, ScriptedServer((once, answering(OK))) as server:
        assert post(wire, server.base_url, path="/1").status == 202
        assert closed.wait(10)
        assert post(wire, server.base_url, path="/2").status == 202
    assert server.paths() == ["POST /1", "POST /2"]
    assert server.connections == 2


def test_connection_closed_in_the_instant_of_reuse():
    """A request that met a closing connection is broken, never sent again by itself."""

    def dies_on_second(connection):
        connection.request()
        connection.send(OK)
        connection.socket.recv(1)
        connection.reset()

    with closing(Transport(PATIENT)) as wire, ScriptedServer((dies_on_second, answering(OK))) as server:
        assert post(wire, server.base_url).status == 202
        assert kind(post(wire, server.base_url)) is FailureKind.BROKEN
    assert (server.connections, len(server.requests)) == (1, 1)


def test_answer_that_nobody_asked_for():
    """A second answer to one request is not taken for the next one's, nor is any later one displaced."""
    stray = response(202, {"data": {"id": "stray"}})

    def twice(connection):
        connection.request()
        connection.send(OK + stray)
        connection.request()
        connection.send(response(500))
        connection.hold()

    with closing(Transport(PATIENT)) as wire, ScriptedServer((twice, answering(response(403)))) as server:
        first, second, third = (post(wire, server.base_url) for _ in range(3))
    assert first.status == 202
    assert kind(second) is FailureKind.BROKEN
    assert third.status == 403


def test_many_threads():
    """Ten threads share ten connections, and each gets its own answers."""
    with (
        closing(Transport(PATIENT)) as wire,
        ScriptedServer((serving(lambda request: response(200, request.body)),)) as server,
        ThreadPoolExecutor(10) as pool,
    ):
        bodies = [b"%d" % number for number in range(300)]
        answers = list(pool.map(lambda body: post(wire, server.base_url, body).body, bodies))
    assert answers == bodies
    assert server.connections <= 10
