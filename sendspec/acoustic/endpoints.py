"""Where the API's calls live below a base URL (scheme, host, port), as the vendor documents them."""

from __future__ import annotations

from urllib.parse import quote


def rest_url(base_url: str, path: str) -> str:
    """Give the URL of a REST call; `path` starts with a slash and is quoted already."""
    return f"{base_url.rstrip('/')}/rest{path}"


def token_url(base_url: str) -> str:
    """Give the URL that access tokens come from: the one call that is not below `/rest`."""
    return f"{base_url.rstrip('/')}/oauth/token"


def status_path(transaction_id: str) -> str:
    """Give the path of the status call; the id is opaque, so everything in it is quoted.

    A lone surrogate, which only a hand can have put into a ledger, becomes a question mark.
    """
    return f"/channels/sms/sends/{quote(transaction_id, safe='', errors='replace')}/status"
