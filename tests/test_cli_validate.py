"""`sendspec validate`: what it finds, how it says so, and that it looks at nothing but the specs."""

from __future__ import annotations

import json

from tests.bad import CAMPAIGN
from tests.projects import CONTACTS, GATE, TEASER, people, project

MARKETING = GATE.replace("purpose: transactional", "purpose: marketing")


def test_sound_specs(cli, tmp_path):
    """Without findings nothing goes to standard output, and the count is told beside it."""
    project(tmp_path / "specs", CONTACTS, GATE)
    done = cli("validate")
    assert (done.code, done.out) == (0, "")
    assert done.err == "2 sends of 2 campaigns: 0 errors, 0 other findings\n"


def test_findings_and_exit_codes(cli, tmp_path):
    """An error exits 3; a warning alone, or an error that was allowed, exits 0."""
    specs = project(tmp_path / "specs", MARKETING)
    done = cli("validate")
    assert done.code == 3
    assert done.out.startswith("specs/campaigns/c0.yaml:5:15: error [marketing-consent]: ")
    assert done.err == "1 send of 1 campaign: 1 error, 0 other findings\n"
    (specs / "campaigns" / "c0.yaml").write_text(
        f"{MARKETING}    allow: [{{rule: marketing-consent, reason: signed}}]\n"
    )
    done = cli("validate")
    assert (done.code, "  allowed: signed\n" in done.out) == (0, True)
    (specs / "campaigns" / "c0.yaml").write_text(CONTACTS)
    (specs / "contacts" / "people.csv").write_text(people(3) + "12015550100,Ada\n")
    done = cli("validate")
    assert (done.code, "warning [duplicate-contact]" in done.out) == (0, True)
    assert done.err == "1 send of 1 campaign: 0 errors, 1 other finding\n"


def test_findings_for_machines(cli, tmp_path):
    """`--format json` lists the findings with their places, to standard output or to a file."""
    project(tmp_path / "specs", MARKETING)
    done = cli("validate", "--format", "json")
    document = json.loads(done.out)
    [finding] = document["findings"]
    assert (done.code, document["version"]) == (3, 1)
    assert (finding["rule"], finding["level"]) == ("marketing-consent", "error")
    assert (finding["file"], finding["line"], finding["column"]) == ("specs/campaigns/c0.yaml", 5, 15)
    assert finding["address"] == "gate/change"
    assert cli("validate", "--format", "json", "-o", "found.json").out == ""
    assert json.loads((tmp_path / "found.json").read_text()) == document


def test_a_file_that_cannot_be_written(cli, tmp_path):
    """An output that cannot be written is told in a sentence."""
    project(tmp_path / "specs", MARKETING)
    done = cli("validate", "-o", "gone/found.txt")
    assert (done.code, done.err) == (1, "error: cannot write gone/found.txt: No such file or directory\n")


def test_neither_ledger_nor_network_nor_credentials(cli, tmp_path):
    """A damaged lockfile, an unreachable host and missing credentials are nothing to validate."""
    settings = "version: 1\ntargets: {production: {pod: us-1}}\nrules: {fictional-number: off}\n"
    specs = project(tmp_path / "specs", CONTACTS, settings=settings)
    (specs / "sendspec.production.lock").write_text("{")
    before = sorted(specs.rglob("*"))
    assert cli("validate", "--target", "production").code == 0
    assert sorted(specs.rglob("*")) == before


def test_what_is_over_stays_sound(cli, tmp_path):
    """A job that was sent before its time, and a window that closed, are no error a year later."""
    past = TEASER.replace("2099-12-01", "2020-12-01")
    late = MARKETING.replace("marketing", "transactional") + '    notAfter: "2020-01-01T00:00:00Z"\n'
    project(tmp_path / "specs", past, late)
    done = cli("validate")
    assert (done.code, done.out) == (0, "")
    assert cli("plan").code == 3


def test_another_directory(cli, tmp_path):
    """The directory that is named begins every place, as a person would open it from where they are."""
    campaign = CAMPAIGN.replace("content:", "contnt:")
    project(tmp_path / "teams" / "north", campaign)
    done = cli("validate", "teams/north")
    assert done.code == 1
    assert "teams/north/campaigns/c0.yaml:7:5: error: unknown property 'contnt'\n" in done.err
    assert "./teams" not in done.err
