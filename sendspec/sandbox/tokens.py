"""Issuer of access tokens by the vendor's rule: one token for three hours, valid for four."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from sendspec.sandbox.responses import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sendspec.sandbox.vendor_unknowns import Behaviour

LIFETIME: Final = timedelta(hours=4)
REISSUE_PERIOD: Final = timedelta(hours=3)
"""A second request within this time returns the same token."""

_FORM: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = ("client_id", "client_secret", "refresh_token")


class TokenIssuer:
    """The issued access tokens, which expire by the clock, on demand, or with the sandbox."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, datetime] = {}
        self._current: str | None = None
        self.requests = 0

    def issue(self) -> tuple[str, int]:
        """Return a token and its remaining whole seconds; for three hours it is the same token."""
        now = self._clock()
        if self._current is None or now - self._issued[self._current] >= REISSUE_PERIOD:
            self._current = secrets.token_hex(32)
            self._issued[self._current] = now
        remaining = self._issued[self._current] + LIFETIME - now
        return self._current, int(remaining.total_seconds())

    def is_valid(self, token: str) -> bool:
        """Return whether this sandbox issued `token` and it has not expired."""
        issued = self._issued.get(token)
        return issued is not None and self._clock() - issued < LIFETIME

    def expire_all(self) -> None:
        """Expire every issued token immediately."""
        self._issued.clear()
        self._current = None

    def answer(self, body: bytes, content_type: str, behaviour: Behaviour) -> Answer:
        """Return the answer to `POST /oauth/token`: a token, or an error in the form of OAuth."""
        self.requests += 1
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        refusal = _refusal(form, content_type, behaviour)
        if refusal is not None:
            return refusal
        token, expires_in = self.issue()
        return Answer(
            200,
            {
                "access_token": token,
                "token_type": "bearer",
                "refresh_token": form["refresh_token"],
                "expires_in": expires_in,
            },
        )


def _refusal(form: dict[str, str], content_type: str, behaviour: Behaviour) -> Answer | None:
    """Return the refusal of a token request, if any; an empty credential of the behaviour accepts any."""
    if content_type.partition(";")[0].strip().lower() != _FORM:
        return _error(400, "invalid_request", f"The request must be {_FORM}")
    if form.get("grant_type") != "refresh_token":
        return _error(400, "unsupported_grant_type", "The grant type must be refresh_token")
    missing = [name for name in _FIELDS if not form.get(name)]
    if missing:
        return _error(400, "invalid_request", f"Missing: {', '.join(missing)}")
    if _differs(form, "client_id", behaviour) or _differs(form, "client_secret", behaviour):
        return _error(401, "invalid_client", "Bad client credentials")
    if _differs(form, "refresh_token", behaviour):
        return _error(400, "invalid_grant", "Invalid refresh token")
    return None


def _differs(form: dict[str, str], name: str, behaviour: Behaviour) -> bool:
    required: str = getattr(behaviour, name)
    return bool(required) and form[name] != required


def _error(status: int, error: str, description: str) -> Answer:
    document: dict[str, Any] = {"error": error, "error_description": description}
    return Answer(status, document)
