"""Connections to databases: the specs have their names, the environment has their URIs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "SENDSPEC_CONNECTION_"


class UnusableConnection(Exception):
    """A connection that cannot be used, with a message and a hint that have no part of its URI."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Connection(NamedTuple):
    """A connection by name, with its URI."""

    name: str
    uri: str

    @classmethod
    def from_environment(cls, name: str, environ: Mapping[str, str] = os.environ) -> Connection:
        """Return a connection of the environment.

        Raises:
            UnusableConnection: the environment does not have its URI.
        """
        variable = variable_of(name)
        uri = environ.get(variable, "").strip()
        if not uri:
            raise UnusableConnection(
                f"the connection '{name}' is not in the environment",
                f"set {variable} to its URI, or select other sends with --send",
            )
        return cls(name, uri)

    @property
    def scheme(self) -> str:
        """The scheme of the URI."""
        return self.uri.partition(":")[0].lower()

    @property
    def redactor(self) -> Redactor:
        """A redactor for messages of the database: it masks the URI and every secret in it."""
        try:
            parts = urlsplit(self.uri)
            secrets = [parts.password or "", *(value for _, value in parse_qsl(parts.query))]
            names = [parts.username or "", parts.netloc.rpartition("@")[2], parts.hostname or ""]
        except ValueError:
            secrets, names = [], []
        words = {self.uri, *secrets, *map(unquote, secrets), *names}
        return Redactor(tuple(sorted(filter(None, words))))


def variable_of(name: str) -> str:
    """Return the variable of the environment with the URI of a connection."""
    return PREFIX + name.upper().replace("-", "_")
