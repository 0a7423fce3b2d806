"""Tokens: one refresh for everybody, never asked for too often, never a secret in an error."""

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
    """Answers token requests from a list, the last entry for ever; counts them and keeps a clock."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked_with = []
        self.now = 1000.0

    def ask(self, refresh_token):
        self.asked_with.append(refresh_token)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def cache(self):
        return TokenCache(self.ask, "first-refresh", clock=lambda: self.now)


def grant(value="token", lifetime=4 * HOURS, refresh=None):
    return Grant(value, refresh, lifetime)


def test_asked_once():
    """A living token is never asked for again."""
    vendor = Vendor(grant())
    cache = vendor.cache()
    assert {cache.get().value for _ in range(5)} == {"token"}
    assert len(vendor.asked_with) == 1


@pytest.mark.parametrize(
    ("lifetime", "last_good"),
    [(4 * HOURS, 4 * HOURS - 61), (600.0, 539.0), (100.0, 89.0), (10.0, 8.0)],
)
def test_expiry_with_a_margin(lifetime, last_good):
    """A token is used until a minute, or a tenth of its life, before the vendor lets it expire."""
    vendor = Vendor(grant("old", lifetime), grant("new"))
    cache = vendor.cache()
    cache.get()
    vendor.now += last_good
    assert cache.get().value == "old"
    vendor.now += lifetime - last_good - 0.5
    assert cache.get().value == "new"


def test_unknown_lifetime():
    """A token whose life the vendor does not tell is used until it is refused."""
    vendor = Vendor(grant("old", None), grant("new"))
    cache = vendor.cache()
    first = cache.get()
    vendor.now += 1000 * HOURS
    assert cache.get() is first
    cache.mark_stale(first)
    assert cache.get().value == "new"


def test_time_the_call_took_counts():
    """The life of a token begins when it was asked for, not when the answer came."""
    vendor = Vendor(grant("old", 600.0), grant("new"))
    plain_ask = vendor.ask

    def slow(refresh_token):
        got = plain_ask(refresh_token)
        vendor.now += 100.0
        return got

    cache = TokenCache(slow, "r", clock=lambda: vendor.now)
    cache.get()
    vendor.now += 450.0
    assert cache.get().value == "new"


def test_refused_token_is_replaced_once():
    """However many requests a dead token refuses, it is asked for one new one."""
    vendor = Vendor(grant("old"), grant("new"))
    cache = vendor.cache()
    old = cache.get()
    for _ in range(10):
        cache.mark_stale(old)
        assert cache.get().value == "new"
    assert len(vendor.asked_with) == 2


def test_late_refusal_of_an_older_token():
    """A token that replaced another in time is not thrown away for the older one's sake."""
    vendor = Vendor(grant("old", 600.0), grant("new"))
    cache = vendor.cache()
    old = cache.get()
    vendor.now += 600.0
    new = cache.get()
    cache.mark_stale(old)
    assert cache.get() is new


def test_same_token_again():
    """When the vendor gives a refused token out again it is used, and not asked for in a circle."""
    vendor = Vendor(grant("same"))
    cache = vendor.cache()
    for _ in range(10):
        token = cache.get()
        assert token.value == "same"
        cache.mark_stale(token)
    assert len(vendor.asked_with) == 2


def test_rotated_refresh_token():
    """A new refresh token is used from then on; an answer without one keeps the last."""
    vendor = Vendor(grant("1", 10.0, "second-refresh"), grant("2", 10.0), grant("3"))
    cache = vendor.cache()
    for _ in range(3):
        cache.get()
        vendor.now += 10.0
    assert vendor.asked_with == ["first-refresh", "second-refresh", "second-refresh"]


@pytest.mark.parametrize(
    "answer",
    [grant(), VendorUnavailable("no token: answered 503"), CredentialsError("refused", hint="look")],
    ids=["granted", "unavailable", "refused"],
)
def test_many_threads_one_question(answer):
    """Twenty threads that need a token at once make one call and share what it brought."""
    vendor = Vendor(answer)
    arrived, asking = threading.Barrier(20), threading.Event()

    def ask(refresh_token):
        asking.wait(10)
        return vendor.ask(refresh_token)

    cache = TokenCache(ask, "r", clock=lambda: vendor.now)

    def get(_):
        if arrived.wait(10) == 0:
            # The last to arrive lets the call go on; the others are at, or on their way into, get.
            asking.set()
        try:
            return cache.get().value
        except (CredentialsError, VendorUnavailable) as error:
            return str(error)

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(get, range(20)))
    assert set(results) == {answer.access_token if isinstance(answer, Grant) else str(answer)}
    if not isinstance(answer, VendorUnavailable):
        assert len(vendor.asked_with) == 1


def test_refused_credentials_are_not_tried_again():
    """The same credentials cannot be right later in the same run, so the refusal stands."""
    vendor = Vendor(CredentialsError("refused", hint="look"), grant())
    cache = vendor.cache()
    for _ in range(3):
        with pytest.raises(CredentialsError, match="refused") as caught:
            cache.get()
        assert caught.value.hint == "look"
    assert len(vendor.asked_with) == 1


def test_unavailable_is_tried_again():
    """An outage is not remembered: the caller decides when to ask again, and then it is asked."""
    vendor = Vendor(VendorUnavailable("down"), grant())
    cache = vendor.cache()
    with pytest.raises(VendorUnavailable, match="down"):
        cache.get()
    assert cache.get().value == "token"


def test_interrupted_question():
    """Whoever waits behind a thread that dies while asking is told, and the next one can ask."""
    vendor = Vendor(grant())
    asking, behind = threading.Event(), threading.Event()
    failures = [KeyboardInterrupt()]

    def ask(refresh_token):
        asking.set()
        behind.wait(10)
        if failures:
            raise failures.pop()
        return vendor.ask(refresh_token)

    cache = TokenCache(ask, "r", clock=lambda: vendor.now)

    def leader():
        with pytest.raises(KeyboardInterrupt):
            cache.get()

    def follower():
        assert asking.wait(10)
        behind.set()
        try:
            return cache.get().value
        except VendorUnavailable:
            return "told"

    with ThreadPoolExecutor(2) as pool:
        led, followed = pool.submit(leader), pool.submit(follower)
        led.result(10)
        assert followed.result(10) in {"told", "token"}
    assert cache.get().value == "token"


def test_representation_hides_tokens():
    """Neither a token nor a grant shows its value when printed."""
    vendor = Vendor(grant("t0ken", refresh="refr3sh"))
    shown = repr((vendor.cache().get(), vendor.answers))
    assert "t0ken" not in shown
    assert "refr3sh" not in shown


# Reading the vendor's answer.


def answer(status, body):
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_documented_grant():
    """The documented answer gives token, next refresh token and lifetime."""
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
    """A lifetime that is no number is unknown, and a past one is none at all."""
    assert (
        read_grant(answer(200, {"access_token": "a", "expires_in": expires_in}), Redactor()).lifetime
        == lifetime
    )


@pytest.mark.parametrize("refresh", [None, "", 7, ["r"]])
def test_odd_refresh_tokens(refresh):
    """Only a real string replaces the refresh token."""
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
    """Whatever is neither a token nor a clear refusal can be asked again."""
    with pytest.raises(VendorUnavailable, match=f"answered {status}"):
        read_grant(answer(status, body), Redactor())


def test_no_answer():
    """A token host out of reach can be asked again, and its error is told."""
    with pytest.raises(VendorUnavailable, match="no token: connection refused"):
        read_grant(Failure(FailureKind.NOT_CONNECTED, "connection refused"), Redactor())


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant", "invalid_token", "something_new"])
def test_refused_credentials(status, error):
    """A 4xx with the vendor's `error` says that the credentials are wrong, and shows none of them."""
    body = {"error": error, "error_description": "no client s3cr3t-id"}
    with pytest.raises(CredentialsError) as caught:
        read_grant(answer(status, body), Redactor(("s3cr3t-id",)))
    assert str(caught.value) == f"the vendor refused the credentials: {error}: no client [secret]"
    assert caught.value.hint


@pytest.mark.parametrize("description", [None, "", 5])
def test_refusal_without_description(description):
    """The vendor's `error` alone is enough."""
    with pytest.raises(CredentialsError, match=r"credentials: invalid_client$"):
        read_grant(answer(401, {"error": "invalid_client", "error_description": description}), Redactor())
