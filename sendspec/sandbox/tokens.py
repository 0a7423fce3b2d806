"""The vendor's token rule: one token for three hours, alive for four, the old one beside the new."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from sendspec.sandbox.responses import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sendspec.sandbox.behaviour import Behaviour

LIFE: Final = timedelta(hours=4)
SAME: Final = timedelta(hours=3)
"""How long asking again brings the same token."""

_FORM: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = ("client_id", "client_secret", "refresh_token")


class Tokens:
    """The access tokens given out so far; they die with the sandbox, as its clock says, or on demand."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, datetime] = {}
        self._current: str | None = None
        self.requests = 0

    def grant(self) -> tuple[str, int]:
        """Give a token and the whole seconds that are left of it: the last one for three hours."""
        now = self._clock()
        if self._current is None or now - self._issued[self._current] >= SAME:
            self._current = secrets.token_hex(32)
            self._issued[self._current] = now
        left = self._issued[self._current] + LIFE - now
        return self._current, int(left.total_seconds())

    def is_live(self, token: str) -> bool:
        """Tell whether `token` was given out here and has not expired."""
        issued = self._issued.get(token)
        return issued is not None and self._clock() - issued < LIFE

    def expire_all(self) -> None:
        """Let every token given out so far expire at once."""
        self._issued.clear()
        self._current = None

    def answer(self, body: bytes, content_type: str, behaviour: Behaviour) -> Answer:
        """Answer `POST /oauth/token`: a token, or OAuth's own form of an error."""
        self.requests += 1
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        refusal = _refusal(form, content_type, behaviour)
        if refusal is not None:
            return refusal
        token, expires_in = self.grant()
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
    """Check a token request; an empty credential in the switches accepts any."""
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
    demanded: str = getattr(behaviour, name)
    return bool(demanded) and form[name] != demanded


def _error(status: int, error: str, description: str) -> Answer:
    document: dict[str, Any] = {"error": error, "error_description": description}
    return Answer(status, document)
