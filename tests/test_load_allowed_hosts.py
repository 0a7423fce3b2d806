"""Hosts that credentials may be sent to: the vendor's, loopback, and those of the environment."""

from __future__ import annotations

import pytest

from sendspec.errors import SpecError
from sendspec.load import load_project
from sendspec.load.allowed_hosts import PODS
from tests.specs_on_disk import load_problems, write_project

ELSEWHERE = "'baseUrl' is not https on a host of the vendor"
MALFORMED = "'baseUrl' must be only scheme, host and port"

ACCEPTED = {
    "https://api-campaign-eu-1.goacoustic.com": "https://api-campaign-eu-1.goacoustic.com",
    "https://API-Campaign-EU-1.goacoustic.com:443/": "https://api-campaign-eu-1.goacoustic.com",
    "https://api4.silverpop.com": "https://api4.silverpop.com",
    "https://apiA.ibmmarketingcloud.com": "https://apia.ibmmarketingcloud.com",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
    "http://localhost:80/": "http://localhost",
    "https://127.8.9.10:8443": "https://127.8.9.10:8443",
    "http://[::1]:9000": "http://[::1]:9000",
}
REFUSED = {
    "https://example.com": ELSEWHERE,
    "http://api-campaign-us-1.goacoustic.com": ELSEWHERE,
    "https://api-campaign-us-1.goacoustic.com.example.com": ELSEWHERE,
    "https://goacoustic.com": ELSEWHERE,
    "https://example.com:443": ELSEWHERE,
    "http://10.0.0.1": ELSEWHERE,
    "http://0.0.0.0": ELSEWHERE,
    "http://2130706433": ELSEWHERE,
    "http://127.1": ELSEWHERE,
    "http://localhost.example.com": ELSEWHERE,
    "https://api-campaign-us-1.goacoustic.com.": MALFORMED,
    "https://user@api-campaign-us-1.goacoustic.com": MALFORMED,
    "https://user:word@127.0.0.1": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com@example.com": MALFORMED,
    "https://127.0.0.1\\\\@example.com": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com/rest": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com?a": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com#a": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com:": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com:65536": MALFORMED,
    "https://api-campaign-us-1.goacoustic.com\\n": MALFORMED,
    "https://аpi-campaign-us-1.goacoustic.com": MALFORMED,  # noqa: RUF001 - the first letter is Cyrillic
    "ftp://127.0.0.1": MALFORMED,
    "//127.0.0.1": MALFORMED,
    "https://": MALFORMED,
    "api-campaign-us-1.goacoustic.com": MALFORMED,
}


def project(url: str, name: str = "other") -> str:
    return f'version: 1\ntargets:\n  {name}: {{baseUrl: "{url}"}}\n'


@pytest.mark.parametrize(("url", "base_url"), ACCEPTED.items())
def test_accepted(url: str, base_url: str, tmp_path) -> None:
    """The vendor's hosts and loopback are accepted and normalized, because a ledger belongs to a host."""
    loaded = load_project(write_project(tmp_path, project=project(url)))
    assert loaded.targets["other"].base_url == base_url


@pytest.mark.parametrize(("url", "message"), REFUSED.items())
def test_refused(url: str, message: str, tmp_path) -> None:
    """Any other host that a pull request may write is refused, so the token is not sent to it."""
    assert load_problems(write_project(tmp_path, project=project(url))) == [f"sendspec.yaml:3:20 {message}"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://proxy.example.com", "proxy.example.com"),
        ("https://proxy.example.com", "a.example.com, PROXY.example.com"),
        ("https://proxy.example.com", "https://proxy.example.com:443"),
        ("https://proxy.example.com:8443", "proxy.example.com:8443"),
        ("http://sandbox", "http://sandbox"),
        ("http://sandbox:8080", "http://sandbox:8080"),
    ],
)
def test_allowed_by_the_environment(url: str, allowed: str, tmp_path) -> None:
    """The environment may name further hosts, with or without a port."""
    loaded = load_project(write_project(tmp_path, project=project(url)), {"SENDSPEC_ALLOWED_HOSTS": allowed})
    assert loaded.targets["other"].base_url == url


@pytest.mark.parametrize(
    "allowed",
    [
        "",
        ",",
        "example.com",
        "*",
        "*.example.com",
        "proxy.example.com",
        "proxy.example.com:443",
        "proxy.example.com.au:8443",
        "http://proxy.example.com:8443",
        "proxy.example.com:8443/rest",
    ],
)
def test_not_allowed_by_the_environment(allowed: str, tmp_path) -> None:
    """Only the whole name allows a host: a wildcard, a parent domain or another port does not."""
    write_project(tmp_path, project=project("https://proxy.example.com:8443"))
    assert load_problems(tmp_path, {"SENDSPEC_ALLOWED_HOSTS": allowed}) == [f"sendspec.yaml:3:20 {ELSEWHERE}"]


@pytest.mark.red_team(16)
@pytest.mark.parametrize("url", ["http://proxy.example.com", "https://proxy.example.com:8443"])
@pytest.mark.parametrize(
    "allowed", ["proxy.example.com", "https://proxy.example.com", "proxy.example.com:443"]
)
def test_a_host_alone_allows_https_on_its_port(url: str, allowed: str, tmp_path) -> None:
    """An entry without scheme and port allows neither http nor another port."""
    write_project(tmp_path, project=project(url))
    assert load_problems(tmp_path, {"SENDSPEC_ALLOWED_HOSTS": allowed}) == [f"sendspec.yaml:3:20 {ELSEWHERE}"]


def test_the_sandbox_is_always_local(tmp_path) -> None:
    """The default target is always a server on this machine."""
    write_project(tmp_path, project=project("http://127.0.0.1:8080", "sandbox"))
    assert load_project(tmp_path).targets["sandbox"].base_url == "http://127.0.0.1:8080"
    write_project(tmp_path, project=project("https://api-campaign-us-1.goacoustic.com", "sandbox"))
    assert load_problems(tmp_path) == ["sendspec.yaml:3:22 'baseUrl' of the sandbox must be on loopback"]
    environ = {"SENDSPEC_ALLOWED_HOSTS": "api-campaign-us-1.goacoustic.com"}
    assert load_problems(tmp_path, environ) == [
        "sendspec.yaml:3:22 'baseUrl' of the sandbox must be on loopback"
    ]
    write_project(tmp_path, project="version: 1\ntargets: {sandbox: {pod: us-1}}\n")
    assert load_problems(tmp_path) == ["sendspec.yaml:2:21 unknown property 'pod'"]


def test_pods(tmp_path) -> None:
    """Every pod of the vendor is known to the schema, with its own host and account."""
    lines = "".join(f"  on-{pod}: {{pod: {pod}}}\n" for pod in PODS)
    targets = load_project(write_project(tmp_path, project=f"version: 1\ntargets:\n{lines}")).targets
    assert {name: target.account for name, target in targets.items()} == {
        "sandbox": "sandbox",
        **{f"on-{pod}": f"api-campaign-{pod}.goacoustic.com" for pod in PODS},
    }


def test_pod_or_base_url(tmp_path) -> None:
    """A target has exactly one of pod and base URL."""
    text = "version: 1\ntargets:\n  a: {pod: us-1, baseUrl: 'http://localhost'}\n  b: {ledger: git}\n"
    assert load_problems(write_project(tmp_path, project=text)) == [
        "sendspec.yaml:3:6 'pod' and 'baseUrl' exclude each other",
        "sendspec.yaml:4:6 one of 'pod' and 'baseUrl' is required here",
    ]


def test_hint_about_a_refused_host(tmp_path) -> None:
    """The error about a refused host has a hint with both alternatives."""
    with pytest.raises(SpecError) as caught:
        load_project(write_project(tmp_path, project=project("https://example.com")))
    assert (
        caught.value.problems[0].hint
        == "use pod, or add example.com to SENDSPEC_ALLOWED_HOSTS in the environment of sendspec"
    )
