"""URLs of the API's calls below a base URL (scheme, host, port), as the vendor documents them."""

from __future__ import annotations

from urllib.parse import quote


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


def programs_path(page: int | None = None) -> str:
    """Return the path of one page of the list of SMS programs; None is the first page."""
    return f"/channels/sms/programs{_page(page)}"


def published_messages_path(page: int | None = None) -> str:
    """Return the path of one page of the list of published SMS; None is the first page."""
    return f"/channels/SMS/publishedmessages{_page(page)}"


def _page(page: int | None) -> str:
    return "" if page is None else f"?page={page}"
