"""The door to the vendor: posts a request, asks for a status, keeps the token out of sight."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote_plus, urlencode

from sendspec.acoustic.endpoints import rest_url, status_path, token_url
from sendspec.acoustic.envelope import read_envelope, short
from sendspec.acoustic.outcome import UNAUTHORIZED, Answer, judge, refuses
from sendspec.acoustic.status import read_status
from sendspec.acoustic.token import TokenCache, read_grant
from sendspec.acoustic.transport import Limits, Transport
from sendspec.errors import VendorUnavailable
from sendspec.model import Outcome, OutcomeReason, Verdict
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.acoustic.credentials import Credentials
    from sendspec.acoustic.outcome import Failure
    from sendspec.acoustic.status import NotFoundYet, StatusAnswer
    from sendspec.acoustic.token import Grant, Token
    from sendspec.model import Endpoint

_DEFAULT_LIMITS: Final = Limits()
_NO_SECRETS: Final = Redactor()


class Client:
    """One organisation's API below `base_url` (scheme, host, port); safe to use from many threads.

    Nothing is ever sent a second time by itself: every attempt and its outcome is the caller's.
    Whatever is returned or raised is masked by `redactor`, which also learns the credentials and
    every token of this client.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        redactor: Redactor = _NO_SECRETS,
        limits: Limits = _DEFAULT_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url
        self._credentials = credentials
        self._redactor = redactor
        self._learn(*credentials.secrets)
        self._transport = Transport(limits)
        self._tokens = TokenCache(self._ask_for_token, credentials.refresh_token, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def post(self, endpoint: Endpoint, path: str, body: bytes, *, repeated: bool) -> Outcome:
        """Post `body` (JSON) to `path` below `/rest`, once, and say what became of it.

        A refused token is forgotten, so that the next attempt asks for another.

        Raises:
            CredentialsError: the vendor refused the credentials; nothing was posted.
        """
        try:
            token = self._tokens.get()
        except VendorUnavailable as error:
            return Outcome(Verdict.UNSENT, OutcomeReason.TOKEN_UNAVAILABLE, short(str(error), self._redactor))
        answer = self._rest("POST", path, token, body)
        outcome = judge(answer, endpoint, repeated=repeated, redactor=self._redactor)
        if outcome.verdict is Verdict.TOKEN_EXPIRED:
            self._tokens.mark_stale(token)
        return outcome

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:
        """Ask how far a transaction of either immediate endpoint is (at most 1,000 contacts).

        Asks once more, with another token, when the vendor refuses the token.

        Raises:
            CredentialsError: the vendor refused the credentials.
            VendorUnavailable: no answer now; asking again later may bring one.
            VendorError: the vendor refuses to say, or its answer cannot be read.
        """
        path = status_path(transaction_id)
        token = self._tokens.get()
        answer = self._rest("GET", path, token, None)
        if _refuses_token(answer):
            self._tokens.mark_stale(token)
            answer = self._rest("GET", path, self._tokens.get(), None)
        return read_status(answer, self._redactor)

    def _rest(self, method: str, path: str, token: Token, body: bytes | None) -> Answer | Failure:
        headers = {"Authorization": f"Bearer {token.value}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._transport.send(method, rest_url(self._base_url, path), headers, body)

    def _ask_for_token(self, refresh_token: str) -> Grant:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "refresh_token": refresh_token,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._transport.send("POST", token_url(self._base_url), headers, urlencode(form).encode())
        grant = read_grant(answer, self._redactor)
        self._learn(grant.access_token, grant.refresh_token or "")
        return grant

    def _learn(self, *secrets: str) -> None:
        # The token cache lets one thread ask at a time, so no two learn at once.
        for secret in secrets:
            self._redactor = self._redactor.with_secret(secret).with_secret(quote_plus(secret))


def _refuses_token(answer: Answer | Failure) -> bool:
    if not isinstance(answer, Answer) or answer.status != UNAUTHORIZED:
        return False
    return refuses(answer, read_envelope(answer.body))
