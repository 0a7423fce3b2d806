"""`sendspec validate`: its findings, their formats, and that it reads nothing but the specs."""

from __future__ import annotations

import json

from tests.bad import CAMPAIGN
from tests.projects import CONTACTS, GATE, TEASER, as_marketing, people, project

MARKETING = as_marketing(GATE) + ("    ttlInMinutes: 60\n    exclude: [../contacts/people.csv]\n")


def test_valid_specs(cli, tmp_path):
    """Without findings standard output is empty, and standard error has the counts."""
    project(tmp_path / "specs", CONTACTS, GATE)
    done = cli("validate")
    assert (done.code, done.out) == (0, "")
    assert done.err == "2 sends of 2 campaigns: 0 errors, 0 other findings\n"


def test_findings_and_exit_codes(cli, tmp_path):
    """An error exits 3; a warning, or an allowed error, exits 0."""
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
    """`--format json` lists the findings with locations, to standard output or to a file."""
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
    """The error names an output file that cannot be written."""
    project(tmp_path / "specs", MARKETING)
    done = cli("validate", "-o", "missing/found.txt")
    assert done.code == 64
    assert done.err == (
        "error: cannot write missing/found.txt: No such file or directory\n  hint: name another file\n"
    )


def test_neither_ledger_nor_network_nor_credentials(cli, tmp_path):
    """`validate` ignores a corrupt lockfile, an unreachable host and missing credentials."""
    settings = "version: 1\ntargets: {production: {pod: us-1}}\nrules: {fictional-number: off}\n"
    specs = project(tmp_path / "specs", CONTACTS, settings=settings)
    (specs / "sendspec.production.lock").write_text("{")
    before = sorted(specs.rglob("*"))
    assert cli("validate", "--target", "production").code == 0
    assert sorted(specs.rglob("*")) == before


def test_sends_of_the_past_stay_valid(cli, tmp_path):
    """A job in the past and an expired window are not errors for `validate`."""
    past = TEASER.replace("2099-12-01", "2020-12-01")
    late = MARKETING.replace("marketing", "transactional") + '    notAfter: "2020-01-01T00:00:00Z"\n'
    project(tmp_path / "specs", past, late)
    done = cli("validate")
    assert (done.code, done.out) == (0, "")
    assert cli("plan").code == 3


def test_another_directory(cli, tmp_path):
    """Locations start with the directory as the person named it."""
    campaign = CAMPAIGN.replace("content:", "contnt:")
    project(tmp_path / "teams" / "north", campaign)
    done = cli("validate", "teams/north")
    assert done.code == 1
    assert "teams/north/campaigns/c0.yaml:7:5: error: unknown property 'contnt'\n" in done.err
    assert "./teams" not in done.err


def broken(name: str, text: str = MARKETING) -> str:
    return text.replace("campaign: gate", f"campaign: {name}")


def test_files_as_a_hook_passes_them(cli, tmp_path):
    """Files select the findings about them; the others are counted, and only the shown ones decide."""
    specs = project(tmp_path / "specs", broken("a"), broken("b"), CONTACTS)
    done = cli("validate", "specs/campaigns/c1.yaml", "specs/campaigns/c2.yaml")
    assert done.code == 3
    assert [line.partition(":")[0] for line in done.out.splitlines() if ": error [" in line] == [
        "specs/campaigns/c1.yaml"
    ]
    assert done.err == "3 sends of 3 campaigns: 1 error, 0 other findings, 1 about other files not shown\n"
    done = cli("validate", "specs/campaigns/c2.yaml")
    assert (done.code, done.out) == (0, "")
    assert cli("validate", "specs/campaigns").code == 3
    assert cli("validate", "specs", "specs/campaigns/c2.yaml").code == 3
    (specs / "sendspec.yaml").write_text(
        'version: 1\nvars: {db: "postgresql://ann:kV7w2m9Q@db.acme.example/x"}\n'
    )
    done = cli("validate", "specs/campaigns/c2.yaml")
    assert (done.code, "specs/sendspec.yaml:2:" in done.out) == (3, True), "it blocks the whole project"


def test_a_list_as_a_hook_passes_it(cli, tmp_path):
    """A list selects the findings about the campaigns that use it, also as an exclude list."""
    specs = project(tmp_path / "specs", CONTACTS, broken("a"), broken("b").replace("people.csv", "other.csv"))
    (specs / "contacts" / "other.csv").write_text("phoneNumber\n12015550100\n")
    (specs / "contacts" / "people.csv").write_text(people(3) + "12015550100,Ada\n")
    done = cli("validate", "specs/contacts/people.csv")
    assert done.code == 3
    assert ("[duplicate-contact]" in done.out, "c1.yaml:5:15: error" in done.out) == (True, True)
    assert "c2.yaml" not in done.out
    assert cli("validate", "specs/contacts/unused.csv").code == 64


def test_files_of_two_projects(cli, tmp_path):
    """Each project is checked once; a file outside any project is an error."""
    project(tmp_path / "one", broken("a"))
    project(tmp_path / "two", GATE)
    done = cli("validate", "one/campaigns/c0.yaml", "two/campaigns/c0.yaml", "one/sendspec.yaml")
    assert done.code == 3
    assert done.err.count("1 send of 1 campaign") == 2
    (tmp_path / "two" / "campaigns" / "c0.yaml").write_text("campaign: [\n")
    done = cli("validate", "one/campaigns/c0.yaml", "two/campaigns/c0.yaml", "--format", "json")
    assert (done.code, json.loads(done.out)["findings"][0]["file"]) == (1, "two/campaigns/c0.yaml")
    (tmp_path / "other.yaml").write_text(GATE)
    assert "error: other.yaml is not part of a project: " in cli("validate", "other.yaml").err
