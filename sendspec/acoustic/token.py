"""Access tokens: asked for once, kept in memory, shared by every thread.

The vendor's rules: a token lives four hours; asking again within three hours gives the same one with
what is left of its life; who asks too often may be blocked.
"""

from __future__ import annotations

import math
import re
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import read_json, short
from sendspec.acoustic.outcome import TRANSIENT, Failure, is_client_error, is_success
from sendspec.errors import CredentialsError, SendspecError, VendorUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.acoustic.outcome import Answer
    from sendspec.redact import Redactor

MARGIN_SECONDS: Final = 60.0
"""A token is not used in the last minute of its life, or in the last tenth of a shorter one."""

_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+")
_TRY_AGAIN: Final = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A usable answer of the token call; `lifetime` in seconds, None where the vendor says none."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    lifetime: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """An access token as handed out; two refreshes give two of these, also around one value."""

    value: str = field(repr=False)
    good_until: float


class TokenCache:
    """Hands out the access token; however many threads wait for a refresh, one of them asks.

    `ask` takes a refresh token and returns a `Grant`, or raises CredentialsError (kept: the same
    credentials are never tried again) or VendorUnavailable (told to every thread that waited; when to
    try again is the caller's to decide). A rotated refresh token is used from then on.
    """

    def __init__(
        self, ask: Callable[[str], Grant], refresh_token: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._refresh_token = refresh_token
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None
        self._refresh: Future[Token] | None = None
        self._refused: CredentialsError | None = None
        self._stale_value: str | None = None

    def get(self) -> Token:
        """Give a token that is good for another minute, asking for one where there is none.

        Raises:
            CredentialsError: the vendor refused the credentials, now or earlier.
            VendorUnavailable: no token can be had at the moment.
        """
        with self._lock:
            if self._refused is not None:
                raise CredentialsError(str(self._refused), hint=self._refused.hint)
            if self._token is not None and self._clock() < self._token.good_until:
                return self._token
            refresh, mine = self._refresh, self._refresh is None
            if refresh is None:
                refresh = self._refresh = Future()
        if mine:
            self._lead(refresh)
        return refresh.result()

    def mark_stale(self, token: Token) -> None:
        """Hear that the vendor refused `token`; the next `get` asks for another.

        A second refusal of the same value changes nothing: the vendor hands the same token out again
        for three hours, so asking once more would only be asking too often.
        """
        with self._lock:
            if token is self._token and token.value != self._stale_value:
                self._stale_value = token.value
                self._token = None

    def _lead(self, refresh: Future[Token]) -> None:
        asked_at = self._clock()
        try:
            grant = self._ask(self._refresh_token)
        except BaseException as error:
            known = isinstance(error, SendspecError)
            with self._lock:
                self._refresh = None
                self._refused = error if isinstance(error, CredentialsError) else None
            refresh.set_exception(error if known else VendorUnavailable("asking for a token was interrupted"))
            if not known:
                raise
            return
        token = Token(grant.access_token, asked_at + _usable(grant.lifetime))
        with self._lock:
            self._refresh = None
            self._token = token
            self._refresh_token = grant.refresh_token or self._refresh_token
        refresh.set_result(token)


def read_grant(answer: Answer | Failure, redactor: Redactor) -> Grant:
    """Read the answer of the token call.

    Raises:
        CredentialsError: a 4xx with the vendor's `error`, which trying again cannot change.
        VendorUnavailable: anything else that is not a grant.
    """
    if isinstance(answer, Failure):
        raise VendorUnavailable(f"no token: {short(answer.detail, redactor)}")
    document = read_json(answer.body)
    fields = document if isinstance(document, dict) else {}
    access = fields.get("access_token")
    if is_success(answer.status) and isinstance(access, str) and _HEADER_SAFE.fullmatch(access):
        rotated = fields.get("refresh_token")
        return Grant(
            access,
            rotated if isinstance(rotated, str) and rotated else None,
            _lifetime(fields.get("expires_in")),
        )
    error = fields.get("error")
    final = is_client_error(answer.status) and answer.status not in TRANSIENT
    if final and isinstance(error, str) and error.lower() not in _TRY_AGAIN:
        described = fields.get("error_description")
        detail = f"{error}: {described}" if isinstance(described, str) and described else error
        raise CredentialsError(
            f"the vendor refused the credentials: {short(detail, redactor)}",
            hint="check the three SENDSPEC_ variables: this target's organisation, and no white space around",
        )
    raise VendorUnavailable(f"no token: the token call answered {answer.status} without one")


def _lifetime(found: Any) -> float | None:
    # Some servers write numbers as strings; what is neither is left to the 401 that will come.
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        seconds = float(found)
    except (ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _usable(lifetime: float | None) -> float:
    if lifetime is None:
        return float("inf")
    return lifetime - min(MARGIN_SECONDS, lifetime / 10)
