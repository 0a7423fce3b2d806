"""Cache of the access token, in memory and shared by every thread.

The vendor's rules: a token is valid for four hours. A second request within three hours returns the
same token with its remaining lifetime. The vendor may block clients that request tokens too often.
"""

from __future__ import annotations

import math
import re
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import TRY_AGAIN, read_json, short
from sendspec.acoustic.outcome import TRANSIENT, Failure, is_client_error, is_success
from sendspec.errors import CredentialsError, SendspecError, VendorUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.acoustic.outcome import Answer
    from sendspec.redact import Redactor

EXPIRY_MARGIN_SECONDS: Final = 60.0
"""No request uses a token in the last minute of its lifetime, or in the last tenth of a shorter one."""

GRANT_SECONDS_MIN: Final = 60.0
"""Least time between two grants; only a token that the vendor refuses is replaced sooner, once."""

_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e]+")
_TRANSIENT_ERRORS: Final = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A usable answer of the token call; `lifetime_seconds` is None if the answer has none."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    lifetime_seconds: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """The access token of one refresh; two refreshes make two tokens, even of the same value."""

    value: str = field(repr=False)
    usable_until: float


class TokenCache:
    """Provides the access token; if many threads need a new one, one of them requests it.

    `request_grant` takes a refresh token and returns a `Grant`. If it raises CredentialsError, the
    cache never tries these credentials again. If it raises VendorUnavailable, every waiting thread
    gets that error, and its caller decides when to try again. The cache uses a rotated refresh token
    from its arrival on, and calls `on_rotated` for the first one.

    A token without a usable lifetime is used for a minute nevertheless: the vendor may block a client
    that requests a token before every call.
    """

    def __init__(
        self,
        request_grant: Callable[[str], Grant],
        refresh_token: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_rotated: Callable[[], None] = lambda: None,
    ) -> None:
        self._request_grant = request_grant
        self._refresh_token = refresh_token
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None
        self._refresh: Future[Token] | None = None
        self._refused: CredentialsError | None = None
        self._stale_value: str | None = None
        self._on_rotated = on_rotated
        self._was_rotated = False
        self._granted_at = (float("-inf"), float("-inf"))
        """The times of the last two grants, the older one first."""
        self._was_refused = False
        """Whether the vendor refused the token of the last grant."""

    def get(self) -> Token:
        """Return a token that is usable for another minute; request one if there is none.

        Raises:
            CredentialsError: the vendor refused the credentials, now or earlier.
            VendorUnavailable: the vendor gave no token, or gave one less than a minute ago; a later call
                may succeed.
        """
        with self._lock:
            if self._refused is not None:
                raise CredentialsError(str(self._refused), hint=self._refused.hint)
            if self._token is not None and self._clock() < self._token.usable_until:
                return self._token
            refresh, is_leader = self._refresh, self._refresh is None
            if refresh is None:
                self._check_interval()
                refresh = self._refresh = Future()
        if is_leader:
            self._complete(refresh)
        return refresh.result()

    def mark_stale(self, token: Token) -> None:
        """Record that the vendor refused `token`, so that the next `get` requests another.

        A second refusal of the same value changes nothing. The vendor returns the same token for three
        hours, so another request would only add to the requests that it counts.
        """
        with self._lock:
            if token is self._token and token.value != self._stale_value:
                self._stale_value = token.value
                self._token = None
                self._was_refused = True

    def _check_interval(self) -> None:
        before, last = self._granted_at
        left = (before if self._was_refused else last) + GRANT_SECONDS_MIN - self._clock()
        if left > 0:
            raise VendorUnavailable(
                f"waiting {left:.0f} s for the next access token, because the last one is new", hint=TRY_AGAIN
            )

    def _complete(self, refresh: Future[Token]) -> None:
        requested_at = self._clock()
        try:
            grant = self._request_grant(self._refresh_token)
        except BaseException as error:
            is_expected = isinstance(error, SendspecError)
            with self._lock:
                self._refresh = None
                self._refused = error if isinstance(error, CredentialsError) else None
            interrupted = VendorUnavailable("the request for an access token was interrupted")
            refresh.set_exception(error if is_expected else interrupted)
            if not is_expected:
                raise
            return
        usable = max(_usable_seconds(grant.lifetime_seconds), GRANT_SECONDS_MIN)
        token = Token(grant.access_token, requested_at + usable)
        with self._lock:
            self._refresh = None
            self._token = token
            self._was_refused = False
            self._granted_at = (self._granted_at[1], requested_at)
            rotated = grant.refresh_token is not None and grant.refresh_token != self._refresh_token
            is_news = rotated and not self._was_rotated
            self._was_rotated = self._was_rotated or rotated
            self._refresh_token = grant.refresh_token or self._refresh_token
        refresh.set_result(token)
        if is_news:
            self._on_rotated()


def read_grant(answer: Answer | Failure, redactor: Redactor) -> Grant:
    """Return the grant in the answer of the token call.

    Raises:
        CredentialsError: the answer is a 4xx with an `error` of OAuth that is not transient.
        VendorUnavailable: any other answer without a usable token.
    """
    if isinstance(answer, Failure):
        raise VendorUnavailable(
            f"cannot get an access token: {short(answer.detail, redactor.foreign)}", hint=TRY_AGAIN
        )
    document = read_json(answer.body)
    fields = document if isinstance(document, dict) else {}
    access = fields.get("access_token")
    if is_success(answer.status) and isinstance(access, str) and _HEADER_VALUE.fullmatch(access):
        rotated = fields.get("refresh_token")
        return Grant(
            access,
            rotated if isinstance(rotated, str) and rotated else None,
            _lifetime(fields.get("expires_in")),
        )
    error = fields.get("error")
    is_final = is_client_error(answer.status) and answer.status not in TRANSIENT
    if is_final and isinstance(error, str) and error.lower() not in _TRANSIENT_ERRORS:
        described = fields.get("error_description")
        detail = f"{error}: {described}" if isinstance(described, str) and described else error
        raise CredentialsError(
            f"the vendor refused the credentials: {short(detail, redactor.foreign)}",
            hint="check that the three SENDSPEC_ variables belong to this target's organisation "
            "and have no white space around them",
        )
    raise VendorUnavailable(
        f"cannot get an access token: answered {answer.status} without one", hint=TRY_AGAIN
    )


def _lifetime(value: Any) -> float | None:
    # Some servers write numbers as strings. After any other value a 401 shows that the token expired.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _usable_seconds(lifetime: float | None) -> float:
    if lifetime is None:
        return float("inf")
    return lifetime - min(EXPIRY_MARGIN_SECONDS, lifetime / 10)
