"""Credentials of one organisation, read from the environment and never printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sendspec.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_ID: Final = "SENDSPEC_CLIENT_ID"
CLIENT_SECRET: Final = "SENDSPEC_CLIENT_SECRET"  # noqa: S105 - the name of a variable
REFRESH_TOKEN: Final = "SENDSPEC_REFRESH_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that get an access token; the vendor documents no format, so none is checked."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Credentials:
        """Return the credentials of `environ`.

        Raises:
            CredentialsError: variables are missing or blank, or one is not UTF-8 text.
        """
        missing = [
            name for name in (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN) if not environ.get(name, "").strip()
        ]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise CredentialsError(
                f"{', '.join(missing)} {verb} not set",
                hint="set the organisation's credentials in the environment, in CI as secrets, "
                "or use the target sandbox, which needs none",
            )
        for name in (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN):
            # Python reads a byte that is not UTF-8 as a lone surrogate, which HTTP cannot carry.
            if any("\ud800" <= ch <= "\udfff" for ch in environ[name]):
                raise CredentialsError(
                    f"{name} is not UTF-8 text", hint="copy the value again from its source"
                )
        return cls(environ[CLIENT_ID], environ[CLIENT_SECRET], environ[REFRESH_TOKEN])

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text to mask; `Redactor` knows its encodings."""
        return self.client_id, self.client_secret, self.refresh_token
