"""One exchange over real sockets: whatever a server does, a whole answer or how far it came."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.acoustic.outcome import Failure, FailureKind
from sendspec.acoustic.wire import Limits, Wire
from tests.servers import ScriptedServer, answering, refusing_port, response, serving

if TYPE_CHECKING:
    from sendspec.acoustic.outcome import Answer

PATIENT = Limits()
HASTY = replace(PATIENT, connect=0.2, read=0.2, write=0.2, pool=0.2)
BRIEF = replace(PATIENT, total=0.3)
"""Patient with every single step, and not with the whole."""

BODY = b'{"content": "hello"}'
OK = response(202, {"data": {"id": "t-1"}})
SELF_SIGNED = Path(__file__).parent / "tls" / "self-signed.pem"


@pytest.fixture
def wire_with():
    with ExitStack() as stack:

        def build(limits: Limits = PATIENT) -> Wire:
            wire = Wire(limits)
            stack.callback(wire.close)
            return wire

        yield build


def post(wire: Wire, base_url: str, body: bytes = BODY, path: str = "/rest/x") -> Answer | Failure:
    return wire.send("POST", f"{base_url}{path}", {"Authorization": "Bearer t"}, body)


def kind(result: Answer | Failure) -> FailureKind:
    assert isinstance(result, Failure), result
    return result.kind


# No byte of the request left.


def test_refused_connection(wire_with):
    """A port on which nobody listens leaves nothing sent."""
    with refusing_port() as port:
        failure = post(wire_with(), f"http://127.0.0.1:{port}")
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert "refused" in failure.detail


def test_unknown_host(wire_with):
    """A name that does not resolve leaves nothing sent."""
    assert kind(post(wire_with(), "http://sendspec.invalid")) is FailureKind.NOT_CONNECTED


def test_connect_timeout(wire_with):
    """A server too busy to accept never gets a byte, also when it accepts later."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        queued = [stack.enter_context(socket.socket()) for _ in range(8)]
        for filler in queued:
            filler.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            filler.connect_ex(listener.getsockname())
        failure = post(wire_with(HASTY), f"http://127.0.0.1:{listener.getsockname()[1]}")
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


def test_server_without_tls(wire_with):
    """A server that cannot speak TLS sees a handshake and nothing of the request."""
    seen = []

    def not_tls(connection):
        seen.append(connection.socket.recv(65536))
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedServer((not_tls,)) as server:
        assert kind(post(wire_with(), f"https://127.0.0.1:{server.port}")) is FailureKind.NOT_CONNECTED
    assert seen[0][:1] == b"\x16"
    assert b"POST" not in seen[0]


def test_certificate_of_nobody(wire_with):
    """A certificate that no authority vouches for gets neither token nor body."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(SELF_SIGNED)
    decrypted = []

    def tls(connection):
        with context.wrap_socket(connection.socket, server_side=True) as secure:
            decrypted.append(secure.recv(65536))

    with ScriptedServer((tls,)) as server:
        failure = post(wire_with(), f"https://127.0.0.1:{server.port}")
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert "certificate verify failed" in failure.detail.lower()
    assert decrypted == []


def test_no_free_connection(wire_with):
    """A request that finds every connection taken is not sent."""
    arrived = threading.Event()

    def hold(connection):
        connection.request()
        arrived.set()
        connection.hold()

    with ScriptedServer((hold,)) as server, ThreadPoolExecutor(1) as pool:
        wire = wire_with(replace(PATIENT, connections=1, pool=0.1))
        pool.submit(post, wire, server.base_url, path="/first")
        assert arrived.wait(10)
        failure = post(wire, server.base_url, path="/second")
        server.over.set()
    assert kind(failure) is FailureKind.NOT_CONNECTED
    assert server.paths() == ["POST /first"]


def test_deadline_before_the_first_byte(wire_with):
    """A deadline that passes before connecting leaves nothing sent."""
    with ScriptedServer((answering(OK),)) as server:
        assert kind(post(wire_with(replace(PATIENT, total=0)), server.base_url)) is FailureKind.NOT_CONNECTED
    assert server.received == 0


# A byte left, and no whole answer came.


def after_request(*actions):
    def script(connection):
        connection.request()
        for action in actions:
            action(connection)

    return script


def sending(data):
    return lambda connection: connection.send(data)


def dripping(data):
    return lambda connection: connection.drip(data)


def held(connection):
    connection.hold()


def pausing(connection):
    connection.server.over.wait(5)


def reset(connection):
    connection.reset()


def never_reading(connection):
    connection.hold()


def reading_slowly(connection):
    for _ in range(200):
        connection.socket.recv(1024)
        if connection.server.over.wait(0.02):
            return
    connection.request()
    connection.send(OK)


def reset_within_the_body(connection):
    connection.socket.recv(1)
    connection.reset()


HEAD = b"HTTP/1.1 202 Accepted\r\n"
MANY = b"X-Fill: 0123456789\r\n"
PACKED = gzip.compress(b'{"data":{}}')
BOMB = gzip.compress(b"0" * (1 << 26))
BIG = b"x" * (32 << 20)

# (id, limits, script, body)
BROKEN = [
    ("closed without an answer", PATIENT, after_request(), BODY),
    ("reset without an answer", PATIENT, after_request(reset), BODY),
    ("reset within the head", PATIENT, after_request(sending(HEAD), reset), BODY),
    ("closed within the head", PATIENT, after_request(sending(HEAD)), BODY),
    ("closed within the body", PATIENT, after_request(sending(OK[:-1])), BODY),
    ("reset within the body", PATIENT, after_request(sending(OK[:-1]), reset), BODY),
    (
        "closed within a chunk",
        PATIENT,
        after_request(sending(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nx")),
        BODY,
    ),
    ("garbage", PATIENT, after_request(sending(b"\x00\xffnot http\r\n\r\n")), BODY),
    ("another protocol", PATIENT, after_request(sending(b"SSH-2.0-OpenSSH\r\n")), BODY),
    (
        "two lengths",
        PATIENT,
        after_request(sending(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")),
        BODY,
    ),
    ("endless head", PATIENT, after_request(sending(HEAD + MANY * 10_000)), BODY),
    ("silence", HASTY, after_request(held), BODY),
    ("silence after the head", HASTY, after_request(sending(OK[:-9]), held), BODY),
    ("silence within the read timeout", BRIEF, after_request(pausing, sending(OK)), BODY),
    ("a head fed by the byte", BRIEF, after_request(dripping(HEAD + MANY * 20 + OK[len(HEAD) :])), BODY),
    ("a body fed by the byte", BRIEF, after_request(sending(OK[:-30]), dripping(OK[-30:])), BODY),
    (
        "interim answers for ever",
        BRIEF,
        after_request(dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + OK)),
        BODY,
    ),
    (
        "too large by its length",
        PATIENT,
        after_request(sending(response(202, b" " * (1 << 20) + b"1"))),
        BODY,
    ),
    ("too large without length", PATIENT, after_request(sending(HEAD + b"\r\n" + b" " * (2 << 20))), BODY),
    ("gzip bomb", PATIENT, after_request(sending(response(202, BOMB, {"Content-Encoding": "gzip"}))), BODY),
    (
        "gzip cut off",
        PATIENT,
        after_request(sending(response(202, BOMB[:50], {"Content-Encoding": "gzip"}))),
        BODY,
    ),
    (
        "gzip that is none",
        PATIENT,
        after_request(sending(response(202, b"{}", {"Content-Encoding": "gzip"}))),
        BODY,
    ),
    (
        "strange encoding",
        PATIENT,
        after_request(sending(response(202, PACKED, {"Content-Encoding": "br"}))),
        BODY,
    ),
    ("reset while sending", PATIENT, reset_within_the_body, BIG),
    ("never read", HASTY, never_reading, BIG),
    ("read by the byte", BRIEF, reading_slowly, BIG),
]


@pytest.mark.parametrize(
    ("limits", "script", "body"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_broken_exchange(wire_with, limits, script, body):
    """After the first byte no misbehaviour is mistaken for "not sent", hangs, or makes a second request."""
    with ScriptedServer((script, answering(OK))) as server:
        failure = post(wire_with(limits), server.base_url, body)
    assert kind(failure) is FailureKind.BROKEN
    assert server.connections == 1
    assert len(server.requests) <= 1


def test_what_was_answered_is_kept_as_evidence(wire_with):
    """A person who has to settle an unknown outcome learns the status that had come."""
    with ScriptedServer((after_request(sending(OK[:-1])),)) as server:
        assert "answered 202, but not to the end" in post(wire_with(), server.base_url).detail
    with ScriptedServer((after_request(),)) as server:
        assert "no answer" in post(wire_with(), server.base_url).detail


# Whole answers.


def test_plain_request(wire_with):
    """A request carries exactly its bytes, asks for no encoding, and its answer arrives whole."""
    with ScriptedServer((answering(OK),)) as server:
        answer = post(wire_with(), server.base_url)
    assert (answer.status, answer.body) == (202, b'{"data": {"id": "t-1"}}')
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/rest/x", BODY)
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("sendspec/")
    assert "content-encoding" not in request.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(wire_with, status):
    """A redirect is an answer like any other: nothing goes to where it points."""
    with ScriptedServer((answering(OK),)) as elsewhere:
        moved = response(status, b"", {"Location": f"{elsewhere.base_url}/stolen"})
        with ScriptedServer((answering(moved, OK),)) as server:
            assert post(wire_with(), server.base_url).status == status
        assert (len(server.requests), elsewhere.connections) == (1, 0)


def test_gzip_that_was_not_asked_for(wire_with):
    """A proxy that packs answers regardless does not cost an outcome."""
    packed = response(202, PACKED, {"Content-Encoding": "gzip"})
    with ScriptedServer((answering(packed),)) as server:
        assert post(wire_with(), server.base_url).body == b'{"data":{}}'


def test_answer_at_the_limit(wire_with):
    """An answer of exactly 1 MiB is whole, packed or not."""
    full = b" " * (1 << 20)
    packed = response(202, gzip.compress(full), {"Content-Encoding": "gzip"})
    with ScriptedServer((answering(response(202, full), packed),)) as server:
        wire = wire_with()
        assert [len(post(wire, server.base_url).body) for _ in range(2)] == [1 << 20, 1 << 20]


def test_answer_before_the_whole_request(wire_with):
    """A server that refuses early and hangs up is heard, although the rest could not be sent."""
    refusal = response(413, b"", {"Connection": "close"})

    def early(connection):
        connection.socket.recv(1)
        connection.send(refusal)
        connection.socket.shutdown(socket.SHUT_WR)
        while connection.socket.recv(1 << 20):
            pass

    with ScriptedServer((early,)) as server:
        assert post(wire_with(), server.base_url, BIG).status == 413


def test_environment_is_not_trusted(wire_with, monkeypatch, tmp_path):
    """Proxies, netrc and cookies change nothing about where requests go and what they carry."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n")
    with (
        refusing_port() as port,
        ScriptedServer((answering(response(200, b"", {"Set-Cookie": "a=b"}), OK),)) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NETRC", str(netrc))
        wire = wire_with()
        assert [post(wire, server.base_url).status for _ in range(2)] == [200, 202]
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer t", "Bearer t"]
    assert "cookie" not in server.requests[1].headers


# Connections that are used again.


def test_connection_closed_while_idle(wire_with):
    """A connection that the server closed in between is noticed: the next request takes a fresh one."""
    closed = threading.Event()

    def once(connection):
        connection.request()
        connection.send(OK)
        connection.socket.shutdown(socket.SHUT_WR)
        closed.set()
        connection.socket.recv(1)

    with ScriptedServer((once, answering(OK))) as server:
        wire = wire_with()
        assert post(wire, server.base_url, path="/1").status == 202
        assert closed.wait(10)
        assert post(wire, server.base_url, path="/2").status == 202
    assert server.paths() == ["POST /1", "POST /2"]
    assert server.connections == 2


def test_connection_closed_in_the_instant_of_reuse(wire_with):
    """A request that met a closing connection is broken, never sent again by itself."""

    def dies_on_second(connection):
        connection.request()
        connection.send(OK)
        connection.socket.recv(1)
        connection.reset()

    with ScriptedServer((dies_on_second, answering(OK))) as server:
        wire = wire_with()
        assert post(wire, server.base_url).status == 202
        assert kind(post(wire, server.base_url)) is FailureKind.BROKEN
    assert (server.connections, len(server.requests)) == (1, 1)


def test_answer_that_nobody_asked_for(wire_with):
    """A second answer to one request is not taken for the next one's, nor is any later one displaced."""
    stray = response(202, {"data": {"id": "stray"}})

    def twice(connection):
        connection.request()
        connection.send(OK + stray)
        connection.request()
        connection.send(response(500))
        connection.hold()

    with ScriptedServer((twice, answering(response(403)))) as server:
        wire = wire_with()
        first, second, third = (post(wire, server.base_url) for _ in range(3))
    assert first.status == 202
    assert kind(second) is FailureKind.BROKEN
    assert third.status == 403


def test_many_threads(wire_with):
    """Ten threads share ten connections, and each gets its own answers."""
    with (
        ScriptedServer((serving(lambda request: response(200, request.body)),)) as server,
        ThreadPoolExecutor(10) as pool,
    ):
        wire = wire_with()
        bodies = [b"%d" % number for number in range(300)]
        answers = list(pool.map(lambda body: post(wire, server.base_url, body).body, bodies))
    assert answers == bodies
    assert server.connections <= 10
