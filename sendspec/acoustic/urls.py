"""URLs of the API's calls below a base URL (scheme, host, port), as the vendor documents them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

PROGRAMS_PATH: Final = "/channels/sms/programs"
"""The path of the list of SMS programs, which the vendor documents without pages."""


def rest_url(base_url: str, path: str) -> str:
    """Return the URL of a REST call; `path` starts with a slash and is already quoted."""
    return f"{base_url.rstrip('/')}/rest{path}"


def token_url(base_url: str) -> str:
    """Return the URL of the token call, the only call that is not below `/rest`."""
    return f"{base_url.rstrip('/')}/oauth/token"


def status_path(transaction_id: str) -> str:
    """Return the path of the status call; every character of the opaque id is quoted.

    A lone surrogate, which only a manual edit can put into a ledger, becomes a question mark.
    """
    return f"/channels/sms/sends/{quote(transaction_id, safe='', errors='replace')}/status"


def published_messages_path(page: int | None = None) -> str:
    """Return the path of one page of the list of published SMS; None is the first page."""
    return "/channels/SMS/publishedmessages" + ("" if page is None else f"?page={page}")
