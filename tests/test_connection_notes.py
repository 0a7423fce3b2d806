"""Notes about what sendspec does not use: proxies, certificates, and a refresh token that was replaced."""

from __future__ import annotations

import pytest

from tests.projects import CONTACTS, GATE, project
from tests.servers import ScriptedServer, envelope, response, serving

SETTINGS = "version: 1\ntargets:\n  production: {{baseUrl: '{url}', sandbox: true, concurrency: 2}}\n"
TARGET = ("--target", "production")
VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY")


class Vendor:
    """A vendor that accepts everything; its grants have these properties."""

    def __init__(self, **grant: object) -> None:
        self._grant = {
            "access_token": "t0ken-of-the-run",
            "token_type": "bearer",
            "expires_in": 14400,
            **grant,
        }
        self._number = 0

    def __call__(self, request) -> bytes:
        if request.path == "/oauth/token":
            return response(200, self._grant)
        self._number += 1
        return response(202, envelope({"id": f"1a2b-{self._number}"}))


@pytest.fixture
def apply(cli, tmp_path, monkeypatch):
    """Return a function that applies two sends at a vendor, and returns the messages and the paths called."""
    for name in (*VARIABLES, "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"SENDSPEC_{name}", f"secret-{name}")

    def applied(vendor: Vendor, **environment: str) -> tuple[str, list[str]]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with ScriptedServer((serving(vendor),)) as server:
            specs = project(tmp_path / "specs", GATE, CONTACTS, settings=SETTINGS.format(url=server.base_url))
            cli("init", "--ledger", *TARGET, specs)
            done = cli("apply", "--auto-approve", *TARGET, specs)
        assert done.code == 0, done.err
        return done.err, server.paths()

    return applied


@pytest.mark.field_case(31)
@pytest.mark.parametrize("rotated", ["another-refresh-token", "x" * 40, "1"])
def test_a_replaced_refresh_token_is_noted_once(rotated, apply):
    """A note says that the vendor replaced the refresh token, and does not show it."""
    messages, _ = apply(Vendor(refresh_token=rotated))
    assert messages.count("note: the vendor replaced the refresh token") == 1
    assert "hint: if the next run reports refused credentials, create a new token" in messages
    assert len(rotated) < 4 or rotated not in messages


@pytest.mark.field_case(31)
@pytest.mark.parametrize("grant", [{}, {"refresh_token": None}, {"refresh_token": "secret-REFRESH_TOKEN"}])
def test_an_unchanged_refresh_token_is_not_noted(grant, apply):
    """Without a new refresh token there is no note."""
    assert "note:" not in apply(Vendor(**grant))[0]


@pytest.mark.field_case(31)
@pytest.mark.parametrize("lifetime", [0, -5, 1, "0", "30", 59.5])
def test_a_short_lifetime_costs_one_token_call(lifetime, apply):
    """A run of less than a minute requests one token, whatever lifetime the vendor grants."""
    _, paths = apply(Vendor(expires_in=lifetime))
    assert paths.count("POST /oauth/token") == 1
    assert len(paths) == 3


@pytest.mark.field_case(31)
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_an_ignored_proxy_is_noted_once(name, apply):
    """A note names the variable and the direct connection that sendspec needs."""
    messages, _ = apply(Vendor(), **{name: "http://127.0.0.1:9"})
    assert messages.count("note: ") == 1
    assert f"note: {name} is set, but sendspec does not use it" in messages
    assert "hint: allow a direct connection to 127.0.0.1:" in messages


@pytest.mark.field_case(31)
@pytest.mark.parametrize(
    "environment",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "example.com, 127.0.0.1"},
        {"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "*"},
        {"HTTPS_PROXY": "http://127.0.0.1:9"},
        {"SSL_CERT_FILE": "/certificates.pem"},
        {"HTTP_PROXY": ""},
    ],
)
def test_variables_that_would_change_nothing_are_not_noted(environment, apply):
    """A proxy for other hosts or schemes, and certificates for a connection without TLS, need no note."""
    assert "note:" not in apply(Vendor(), **environment)[0]
