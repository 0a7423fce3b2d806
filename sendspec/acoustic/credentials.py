"""The credentials of one organisation: from the environment, in memory, never printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from sendspec.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_ID: Final = "SENDSPEC_CLIENT_ID"
CLIENT_SECRET: Final = "SENDSPEC_CLIENT_SECRET"  # noqa: S105 - the name of a variable
REFRESH_TOKEN: Final = "SENDSPEC_REFRESH_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a token is asked for with; the vendor gives the three no fixed shape, so none is checked."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Credentials:
        """Take the credentials from `environ`.

        Raises:
            CredentialsError: naming every variable that is missing or blank, or is no text.
        """
        missing = [
            name for name in (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN) if not environ.get(name, "").strip()
        ]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise CredentialsError(
                f"{', '.join(missing)} {verb} not set",
                hint="set the organisation's credentials in the environment, in CI as secrets; "
                "the target sandbox needs none",
            )
        for name in (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN):
            # A byte that is no UTF-8 comes as a lone surrogate, of which nothing can be made on the wire.
            if any("\ud800" <= ch <= "\udfff" for ch in environ[name]):
                raise CredentialsError(f"{name} is not UTF-8 text", hint="copy it anew from its source")
        return cls(environ[CLIENT_ID], environ[CLIENT_SECRET], environ[REFRESH_TOKEN])

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything to mask: the values, and the way they look in a form-encoded body."""
        values = (self.client_id, self.client_secret, self.refresh_token)
        return (*values, *(quote_plus(value) for value in values))
