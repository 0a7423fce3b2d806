"""Exchanges that break after the first byte: they end, they are never repeated, and never "not sent"."""

from __future__ import annotations

import gzip

import pytest

from sendspec.acoustic.outcome import FailureKind
from tests.servers import ScriptedServer, answering, response
from tests.transports import BIG, BODY, BRIEF, HASTY, OK, PATIENT, exchange, kind


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
    ("a head byte by byte", BRIEF, after_request(dripping(HEAD + MANY * 20 + OK[len(HEAD) :])), BODY),
    ("a body byte by byte", BRIEF, after_request(sending(OK[:-30]), dripping(OK[-30:])), BODY),
    (
        "endless interim answers",
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
        "not gzip",
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
    ("never read", HASTY, held, BIG),
    ("read byte by byte", BRIEF, reading_slowly, BIG),
]


@pytest.mark.parametrize(
    ("limits", "script", "body"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_broken_exchange(limits, script, body):
    """After the first byte a misbehaving server causes a broken exchange: no hang, no second request."""
    with ScriptedServer((script, answering(OK))) as server:
        failure = exchange(server.base_url, limits, body)
    assert kind(failure) is FailureKind.BROKEN
    assert server.connections == 1
    assert len(server.requests) <= 1


def test_evidence_has_the_status():
    """The evidence of a broken exchange names the status, if one arrived."""
    with ScriptedServer((after_request(sending(OK[:-1])),)) as server:
        assert "answered 202, but the answer is not usable" in exchange(server.base_url).detail
    with ScriptedServer((after_request(),)) as server:
        assert "no answer" in exchange(server.base_url).detail
