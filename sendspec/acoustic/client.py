"""Client of one organisation: posts requests, reads statuses and lists, and manages the access token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

from sendspec.acoustic.answer_context import PostedBody
from sendspec.acoustic.envelope import read_envelope, short
from sendspec.acoustic.list_answers import read_programs, read_published_messages
from sendspec.acoustic.outcome import UNAUTHORIZED, Answer, is_vendor_refusal, judge
from sendspec.acoustic.status_answer import read_status
from sendspec.acoustic.token import TokenCache, read_grant
from sendspec.acoustic.transport import Limits, Transport
from sendspec.acoustic.urls import (
    programs_path,
    published_messages_path,
    rest_url,
    status_path,
    token_url,
)
from sendspec.clocks import SystemClock
from sendspec.errors import VendorUnavailable
from sendspec.model import Outcome, OutcomeReason, Verdict
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.acoustic.credentials import Credentials
    from sendspec.acoustic.list_answers import ListPage
    from sendspec.acoustic.outcome import Failure
    from sendspec.acoustic.status_answer import NotFoundYet, StatusAnswer
    from sendspec.acoustic.token import Grant, Token
    from sendspec.clocks import Clock, Deadline
    from sendspec.model import Endpoint, PublishedMessage, SmsProgram

_DEFAULT_LIMITS: Final = Limits()
_NO_SECRETS: Final = Redactor()
_SYSTEM_CLOCK: Final = SystemClock()


class Client:
    """One organisation's API below `base_url` (scheme, host, port); many threads may use it together.

    The client never repeats a POST; the caller decides about every attempt. It masks every text that
    it returns or raises by `redactor`, to which it adds the credentials and its tokens.
    """

    def __init__(  # noqa: PLR0913 - one argument for each resource
        self,
        base_url: str,
        credentials: Credentials,
        *,
        redactor: Redactor = _NO_SECRETS,
        limits: Limits = _DEFAULT_LIMITS,
        clock: Clock = _SYSTEM_CLOCK,
        on_rotated: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare the calls; `on_rotated` is called once if the vendor replaces the refresh token."""
        self._base_url = base_url
        self._credentials = credentials
        self._redactor = redactor
        self._add_secrets(*credentials.secrets)
        self._transport = Transport(limits, clock)
        self._tokens = TokenCache(
            self._request_grant, credentials.refresh_token, clock=clock.elapsed, on_rotated=on_rotated
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def post(
        self, endpoint: Endpoint, path: str, body: bytes, *, repeated: bool, latest: Deadline
    ) -> Outcome:
        """Post `body` (JSON) to `path` below `/rest` once, and return the outcome.

        No byte of it is sent from `latest` on, which is checked after the token and the connection are
        ready. `repeated` means that an earlier attempt of the same request may have been accepted. After the
        vendor refused a token, the next attempt requests a new one.

        Raises:
            CredentialsError: the vendor refused the credentials; nothing was posted.
        """
        try:
            token = self._tokens.get()
        except VendorUnavailable as error:
            return Outcome(
                Verdict.UNSENT, OutcomeReason.TOKEN_UNAVAILABLE, short(str(error), self._redactor.foreign)
            )
        answer = self._call_rest("POST", path, token, body, latest)
        outcome = judge(answer, endpoint, repeated=repeated, redactor=self._redactor, body=PostedBody(body))
        if outcome.verdict is Verdict.TOKEN_EXPIRED:
            self._tokens.mark_stale(token)
        return outcome

    def check_credentials(self) -> None:
        """Get an access token, as the first call does.

        Raises:
            CredentialsError: the vendor refused the credentials.
            VendorUnavailable: the vendor gave no usable answer; a later call may succeed.
        """
        self._tokens.get()

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:
        """Return the progress of a transaction (at most 1,000 contacts); jobs have no status call.

        If the vendor refuses the token, the call is repeated once with a new one.

        Raises:
            CredentialsError: the vendor refused the credentials.
            VendorUnavailable: the vendor gave no usable answer; a later call may succeed.
            VendorError: the vendor refused the call, or its answer has an unknown form.
        """
        return read_status(self._get(status_path(transaction_id)), self._redactor)

    def programs(self, page: int | None = None) -> ListPage[SmsProgram]:
        """Return one page of the SMS programs, the first one if `page` is None.

        Raises:
            CredentialsError, VendorUnavailable, VendorError: as for `status`.
        """
        return read_programs(self._get(programs_path(page)), self._redactor)

    def published_messages(self, page: int | None = None) -> ListPage[PublishedMessage]:
        """Return one page of the published SMS, the first one if `page` is None.

        Raises:
            CredentialsError, VendorUnavailable, VendorError: as for `status`.
        """
        return read_published_messages(self._get(published_messages_path(page)), self._redactor)

    def _get(self, path: str) -> Answer | Failure:
        """Return the answer to a call that sends nothing; repeat it once if the vendor refuses the token."""
        token = self._tokens.get()
        answer = self._call_rest("GET", path, token)
        if _refuses_token(answer):
            self._tokens.mark_stale(token)
            answer = self._call_rest("GET", path, self._tokens.get())
        return answer

    def _call_rest(
        self,
        method: str,
        path: str,
        token: Token,
        body: bytes | None = None,
        latest: Deadline | None = None,
    ) -> Answer | Failure:
        headers = {"Authorization": f"Bearer {token.value}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._transport.send(method, rest_url(self._base_url, path), headers, body, latest)

    def _request_grant(self, refresh_token: str) -> Grant:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "refresh_token": refresh_token,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._transport.send("POST", token_url(self._base_url), headers, urlencode(form).encode())
        grant = read_grant(answer, self._redactor)
        self._add_secrets(grant.access_token, grant.refresh_token or "")
        return grant

    def _add_secrets(self, *secrets: str) -> None:
        # This needs no lock, because the token cache lets one thread at a time request a token.
        for secret in secrets:
            self._redactor = self._redactor.with_secret(secret)


def _refuses_token(answer: Answer | Failure) -> bool:
    if not isinstance(answer, Answer) or answer.status != UNAUTHORIZED:
        return False
    return is_vendor_refusal(answer, read_envelope(answer.body))
