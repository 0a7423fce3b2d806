"""Personal data that the vendor repeats: it gets into no ledger, receipt, plan, log or status."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.ledger import Delivered
from sendspec.model import Delivery, RequestKey
from tests.projects import project
from tests.servers import ScriptedServer, envelope, response, serving

RULES = "rules: {leftover: off}\n"
SETTINGS = (
    "version: 1\nrules: {{leftover: off}}\ntargets:\n  production: {{baseUrl: '{url}', sandbox: true}}\n"
)
TARGET = ("--target", "production")
SPEC = """\
campaign: gate
purpose: transactional
sends:
  - id: change
    endpoint: external-consent
    channelQualifier: "14837200"
    content: "Acme: hi %%NAME%%, gate %%GATE%%."
    contacts:
      - {phoneNumber: "12125550123", personalization: {NAME: "Zoë Quintana", GATE: Kq7}}
      - {phoneNumber: "12125550124", personalization: {NAME: Xu, GATE: "zoe.q@example.com"}}
"""
ECHO = (
    "id_12125550123x of ZOË QUINTANA (Xu, kq7) at zoe.q%40example.com, other.person@example.org, "
    "%2B12125550124, program 14837200"
)
PERSONAL = ("5550123", "5550124", "quintana", "xu,", "kq7", "zoe.q", "other.person")
"""Parts of personal data, in lower case."""


class Vendor:
    """A vendor that repeats what it received, in its answers to sends or to status calls."""

    def __init__(self, *, refuses: bool) -> None:
        self._refuses = refuses

    def __call__(self, request) -> bytes:
        if request.path == "/oauth/token":
            return response(200, {"access_token": "t0ken-of-the-run", "expires_in": 14400})
        if request.method == "GET":
            contacts = [
                {"smsSent": False, "phoneNumber": "12125550123", "message": f"No consent: {ECHO}"},
                {"smsSent": False, "phoneNumber": "12125550124", "message": f"Sorry, {ECHO}"},
            ]
            data = {"totalContacts": 2, "contactsProcessed": 2, "contactStatus": contacts}
            errors = ["some of 12125550123x and other.person@example.org failed"]
            return response(200, envelope({**data, "errors": errors}))
        if self._refuses:
            return response(400, envelope(None, [ECHO], {f"contacts.{ECHO}": ECHO}))
        return response(202, envelope({"id": "1a2b-3c-4d"}))


@pytest.fixture
def run(cli, tmp_path, monkeypatch):
    """Return a function that runs verbs against a vendor and returns all that they printed and wrote."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"SENDSPEC_{name}", f"secret-{name}")

    def everything(vendor: Vendor, *commands: tuple[str, ...]) -> str:
        with ScriptedServer((serving(vendor),)) as server:
            project(tmp_path / "specs", SPEC, settings=SETTINGS.format(url=server.base_url))
            cli("init", "--ledger", *TARGET)
            printed = [f"{done.out}{done.err}" for done in (cli(*words, *TARGET) for words in commands)]
        files = [path for path in tmp_path.rglob("*") if path.is_file() and "campaigns" not in path.parts]
        return "\n".join((*printed, *(path.read_text() for path in files)))

    return everything


@pytest.mark.red_team(9)
def test_a_refusal_that_repeats_contacts(run):
    """Lockfile, spool, receipt, plan and log have the refusal, without a part of any contact."""
    everything = run(
        Vendor(refuses=True),
        ("apply", "--auto-approve", "--receipt", "receipt.json"),
        ("plan", "--format", "json"),
        ("plan",),
    )
    assert everything.count("answered 400: ") >= 4
    assert "program 14837200" in everything
    assert [part for part in PERSONAL if part in everything.casefold()] == []


@pytest.mark.red_team(9)
def test_reasons_of_failures_are_codes(run):
    """The status of failed contacts has codes for the vendor's words, and nothing else of them."""
    everything = run(
        Vendor(refuses=False),
        ("apply", "--auto-approve"),
        ("status", "--interval", "0", "--format", "json"),
        ("status",),
    )
    assert '"no-consent": 1' in everything
    assert '"other": 1' in everything
    assert "1 x no consent\n" in everything
    assert [part for part in PERSONAL if part in everything.casefold()] == []


@pytest.mark.red_team(9)
def test_words_in_an_older_lockfile_become_codes(cli, tmp_path):
    """A lockfile with the vendor's own words is read, shown and written again with codes."""
    project(tmp_path / "specs", SPEC, settings=f"version: 1\n{RULES}")
    assert cli("apply", "--auto-approve").code == 0
    assert cli("status", "--interval", "0").code == 0
    specs = tmp_path / "specs"
    ledger = ledger_for(*open_project(str(specs), "sandbox"))
    words = {"No consent of Ann": 1, "Ann has no phone": 1}
    with ledger.open() as session:
        delivery = Delivery(2, 2, 0, 2, words, datetime(2026, 12, 1, tzinfo=UTC))
        session.append([Delivered(RequestKey("gate/change", 1, 1), delivery)])
    shown = cli("status").out
    assert "1 x no consent\n" in shown
    assert "1 x another reason" in shown
    assert "Ann" not in shown
