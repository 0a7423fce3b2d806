"""Tokens: one refresh for all threads, few requests to the vendor, no secret in an error."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sendspec.acoustic.outcome import Answer, Failure, FailureKind
from sendspec.acoustic.token import Grant, TokenCache, read_grant
from sendspec.errors import CredentialsError, VendorUnavailable
from sendspec.redact import Redactor

HOURS = 3600.0


class Vendor:
    """Answers token requests from a list and repeats its last entry; has a clock that tests move."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.refresh_tokens = []
        self.now = 1000.0

    def request_grant(self, refresh_token):
        self.refresh_tokens.append(refresh_token)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def cache(self):
        return TokenCache(self.request_grant, "first-refresh", clock=lambda: self.now)


def grant(value="token", lifetime=4 * HOURS, refresh=None):
    return Grant(value, refresh, lifetime)


def test_one_request():
    """The cache requests no new token while the present one is valid."""
    vendor = Vendor(grant())
    cache = vendor.cache()
    assert {cache.get().value for _ in range(5)} == {"token"}
    assert len(vendor.refresh_tokens) == 1


@pytest.mark.parametrize(
    ("lifetime", "last_good"),
    [(4 * HOURS, 4 * HOURS - 61), (600.0, 539.0), (100.0, 89.0)],
)
def test_expiry_with_a_margin(lifetime, last_good):
    """A token is used until a minute, or a tenth of its lifetime, before it expires."""
    vendor = Vendor(grant("old", lifetime), grant("new"))
    cache = vendor.cache()
    cache.get()
    vendor.now += last_good
    assert cache.get().value == "old"
    vendor.now += lifetime - last_good - 0.5
    assert cache.get().value == "new"


@pytest.mark.field_case(31)
@pytest.mark.parametrize("lifetime", [0.0, 1.0, 10.0, 59.0, 66.0])
def test_one_token_a_minute(lifetime):
    """A token of any short lifetime is used for a minute, and only then is another one requested."""
    vendor = Vendor(grant("old", lifetime), grant("new", lifetime), grant("newer", lifetime))
    cache = vendor.cache()
    used = []
    for _ in range(121):
        used.append(cache.get().value)
        vendor.now += 1.0
    assert used == ["old"] * 60 + ["new"] * 60 + ["newer"]


@pytest.mark.field_case(31)
def test_tokens_that_are_always_refused():
    """A refused token is replaced immediately once; after that a minute must pass."""
    vendor = Vendor(*(grant(f"token-{number}") for number in range(5)))
    cache = vendor.cache()
    cache.mark_stale(cache.get())
    cache.mark_stale(cache.get())
    for _ in range(3):
        with pytest.raises(VendorUnavailable, match="waiting 60 s for the next access token"):
            cache.get()
    vendor.now += 60.0
    assert cache.get().value == "token-2"
    assert len(vendor.refresh_tokens) == 3


def test_unknown_lifetime():
    """A token without a known lifetime is used until the vendor refuses it."""
    vendor = Vendor(grant("old", None), grant("new"))
    cache = vendor.cache()
    first = cache.get()
    vendor.now += 1000 * HOURS
    assert cache.get() is first
    cache.mark_stale(first)
    assert cache.get().value == "new"


def test_lifetime_includes_the_call():
    """The lifetime of a token starts with its request, not with the answer."""
    vendor = Vendor(grant("old", 600.0), grant("new"))
    request = vendor.request_grant

    def slow(refresh_token):
        answer = request(refresh_token)
        vendor.now += 100.0
        return answer

    cache = TokenCache(slow, "r", clock=lambda: vendor.now)
    cache.get()
    vendor.now += 450.0
    assert cache.get().value == "new"


def test_refused_token_is_replaced_once():
    """Many refusals of one token cause one request for a new token."""
    vendor = Vendor(grant("old"), grant("new"))
    cache = vendor.cache()
    old = cache.get()
    for _ in range(10):
        cache.mark_stale(old)
        assert cache.get().value == "new"
    assert len(vendor.refresh_tokens) == 2


def test_late_refusal_of_an_older_token():
    """A late refusal of an older token does not discard the token that replaced it."""
    vendor = Vendor(grant("old", 600.0), grant("new"))
    cache = vendor.cache()
    old = cache.get()
    vendor.now += 600.0
    new = cache.get()
    cache.mark_stale(old)
    assert cache.get() is new


def test_same_token_again():
    """If the vendor returns a refused token again, the cache uses it and does not request more."""
    vendor = Vendor(grant("same"))
    cache = vendor.cache()
    for _ in range(10):
        token = cache.get()
        assert token.value == "same"
        cache.mark_stale(token)
    assert len(vendor.refresh_tokens) == 2


def test_rotated_refresh_token():
    """The cache uses a new refresh token, and keeps the last one if an answer has none."""
    vendor = Vendor(grant("1", 10.0, "second-refresh"), grant("2", 10.0), grant("3"))
    cache = vendor.cache()
    for _ in range(3):
        cache.get()
        vendor.now += 60.0
    assert vendor.refresh_tokens == ["first-refresh", "second-refresh", "second-refresh"]


@pytest.mark.parametrize(
    "answer",
    [
        grant(),
        VendorUnavailable("cannot get an access token: answered 503"),
        CredentialsError("refused", hint="look"),
    ],
    ids=["granted", "unavailable", "refused"],
)
def test_many_threads_one_request(answer):
    """Twenty threads that need a token together make one call and share its result."""
    vendor = Vendor(answer)
    arrived, requesting = threading.Barrier(20), threading.Event()

    def request_grant(refresh_token):
        requesting.wait(10)
        return vendor.request_grant(refresh_token)

    cache = TokenCache(request_grant, "r", clock=lambda: vendor.now)

    def get(_):
        if arrived.wait(10) == 0:
            # The last thread releases the call when the others are in `get`, or about to enter it.
            requesting.set()
        try:
            return cache.get().value
        except (CredentialsError, VendorUnavailable) as error:
            return str(error)

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(get, range(20)))
    assert set(results) == {answer.access_token if isinstance(answer, Grant) else str(answer)}
    if not isinstance(answer, VendorUnavailable):
        assert len(vendor.refresh_tokens) == 1


def test_refused_credentials_are_not_tried_again():
    """Refused credentials stay refused, because they cannot become right within one run."""
    vendor = Vendor(CredentialsError("refused", hint="look"), grant())
    cache = vendor.cache()
    for _ in range(3):
        with pytest.raises(CredentialsError, match="refused") as caught:
            cache.get()
        assert caught.value.hint == "look"
    assert len(vendor.refresh_tokens) == 1


def test_unavailable_is_tried_again():
    """An outage is not remembered: the next call requests a token again."""
    vendor = Vendor(VendorUnavailable("down"), grant())
    cache = vendor.cache()
    with pytest.raises(VendorUnavailable, match="down"):
        cache.get()
    assert cache.get().value == "token"


def test_interrupted_request():
    """If the requesting thread is interrupted, waiting threads get an error and a later call succeeds."""
    vendor = Vendor(grant())
    requesting, waiting = threading.Event(), threading.Event()
    failures = [KeyboardInterrupt()]

    def request_grant(refresh_token):
        requesting.set()
        waiting.wait(10)
        if failures:
            raise failures.pop()
        return vendor.request_grant(refresh_token)

    cache = TokenCache(request_grant, "r", clock=lambda: vendor.now)

    def leader():
        with pytest.raises(KeyboardInterrupt):
            cache.get()

    def follower():
        assert requesting.wait(10)
        waiting.set()
        try:
            return cache.get().value
        except VendorUnavailable:
            return "unavailable"

    with ThreadPoolExecutor(2) as pool:
        led, followed = pool.submit(leader), pool.submit(follower)
        led.result(10)
        assert followed.result(10) in {"unavailable", "token"}
    assert cache.get().value == "token"


def test_representation_hides_tokens():
    """The representation of a token or a grant does not show its value."""
    vendor = Vendor(grant("t0ken", refresh="refr3sh"))
    text = repr((vendor.cache().get(), vendor.answers))
    assert "t0ken" not in text
    assert "refr3sh" not in text


# The vendor's answer.


def answer(status, body):
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_documented_grant():
    """The documented answer contains the token, the next refresh token and the lifetime."""
    body = {"access_token": "a.b-c", "token_type": "bearer", "refresh_token": "r2", "expires_in": 14399}
    assert read_grant(answer(200, body), Redactor()) == Grant("a.b-c", "r2", 14399.0)


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        ("14399", 14399.0),
        (0, 0.0),
        (-5, 0.0),
        *[(odd, None) for odd in (None, True, "soon", [], "nan", "inf", 10**400)],
    ],
)
def test_odd_lifetimes(expires_in, lifetime):
    """A lifetime that is not a number is unknown, and a negative one is 0."""
    assert (
        read_grant(answer(200, {"access_token": "a", "expires_in": expires_in}), Redactor()).lifetime_seconds
        == lifetime
    )


@pytest.mark.parametrize("refresh", [None, "", 7, ["r"]])
def test_odd_refresh_tokens(refresh):
    """Only a string that is not empty replaces the refresh token."""
    assert (
        read_grant(answer(200, {"access_token": "a", "refresh_token": refresh}), Redactor()).refresh_token
        is None
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, []),
        (200, {}),
        (200, {"access_token": ""}),
        (200, {"access_token": 5}),
        (200, {"access_token": "a b"}),
        (200, {"access_token": "a\r\nX-Injected: 1"}),
        (200, {"access_token": "t\u00f6ken"}),
        (200, {"error": "invalid_client"}),
        (302, b""),
        (400, b"<html>"),
        (400, {"error": {"code": 7}}),
        (400, {"error": "temporarily_unavailable"}),
        (403, b""),
        (408, {"error": "invalid_request"}),
        (429, {"error": "invalid_client"}),
        (500, {"error": "invalid_client"}),
        (503, b""),
    ],
)
def test_answers_without_a_token(status, body):
    """An answer that is neither a token nor a clear refusal permits another request."""
    with pytest.raises(VendorUnavailable, match=f"answered {status}"):
        read_grant(answer(status, body), Redactor())


def test_no_answer():
    """An unreachable host permits another request, and the error has the cause."""
    with pytest.raises(VendorUnavailable, match="cannot get an access token: connection refused"):
        read_grant(Failure(FailureKind.NOT_CONNECTED, "connection refused"), Redactor())


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant", "invalid_token", "something_new"])
def test_refused_credentials(status, error):
    """A 4xx with an `error` means that the credentials are wrong; the message masks them."""
    body = {"error": error, "error_description": "no client s3cr3t-id"}
    with pytest.raises(CredentialsError) as caught:
        read_grant(answer(status, body), Redactor(("s3cr3t-id",)))
    assert str(caught.value) == f"the vendor refused the credentials: {error}: no client [secret]"
    assert caught.value.hint


@pytest.mark.parametrize("description", [None, "", 5])
def test_refusal_without_description(description):
    """An `error` without a description is enough for a refusal."""
    with pytest.raises(CredentialsError, match=r"credentials: invalid_client$"):
        read_grant(answer(401, {"error": "invalid_client", "error_description": description}), Redactor())
