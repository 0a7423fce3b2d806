"""Loading of a project directory: its files, its model, and all problems together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sendspec.errors import SendspecError, SpecError
from sendspec.load import load_project, read_inside, resolve_inside
from sendspec.model import Endpoint, Level, Location, Purpose, RuleSetting, Target
from tests.specs_on_disk import CAMPAIGN, PROJECT, load_problems, write_project

SEVERAL = """\
campaign: spring-sale
purpose: transactional
vars: {discount: 20}
sends:
  - id: teaser
    endpoint: contact-source
    revision: 2
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: "{{ campaign }}-teaser"
    preBlockingHours: "{{ discount }}"
  - id: last-call
    endpoint: contacts
    matrix: {locale: [en, fr]}
    channelQualifier: "{{ program }}"
    contentId: abc
    contacts:
      file: "../contacts/vip-{{ locale }}.csv"
      columns: {contactId: phone, personalization: {FIRST NAME: first_name}}
    databaseFields: [FIRST NAME]
    allow: [{rule: quiet-hours, reason: agreed, until: 2026-12-31}]
"""


def test_campaign_becomes_model(tmp_path) -> None:
    """A campaign file becomes the model; its templates are not rendered."""
    [campaign] = load_project(write_project(tmp_path, SEVERAL)).campaigns
    teaser, last_call = campaign.sends
    assert (campaign.name, campaign.purpose, campaign.vars) == (
        "spring-sale",
        Purpose.TRANSACTIONAL,
        {"discount": 20},
    )
    assert campaign.file == tmp_path / "campaigns" / "a.yaml"
    assert (teaser.id, teaser.endpoint, teaser.revision) == ("teaser", Endpoint.CONTACT_SOURCE, 2)
    assert teaser.properties == {
        "publishedMessageId": "e3c3d1ea-e54b-458d-b32b-18a99f63b58c",
        "contactSourceId": 4396816,
        "messageName": "{{ campaign }}-teaser",
        "preBlockingHours": "{{ discount }}",
    }
    assert (last_call.revision, last_call.matrix) == (1, {"locale": ("en", "fr")})
    assert last_call.properties["contacts"] == {
        "file": "../contacts/vip-{{ locale }}.csv",
        "columns": {"contactId": "phone", "personalization": {"FIRST NAME": "first_name"}},
    }
    assert last_call.properties["allow"] == [
        {"rule": "quiet-hours", "reason": "agreed", "until": "2026-12-31"}
    ]


SETTINGS = """\
version: 1
targets:
  production: {pod: us-1, ledger: git, concurrency: 8, vars: {program: "148372"}}
  sandbox: {vars: {program: "1"}}
rules:
  quiet-hours: {level: error, from: "21:00", to: 08:00}
  brand-missing: off
  budget: {level: off, most: 12.50}
  max-segments: {most: 2}
  link: info
"""


def test_project_becomes_model(tmp_path) -> None:
    """Targets and rule settings become the model; off silences a rule and keeps its options."""
    project = load_project(write_project(tmp_path, project=SETTINGS.replace("to: 08:00", 'to: "08:00"')))
    file = (tmp_path / "sendspec.yaml").as_posix()
    assert project.targets == {
        "sandbox": Target("sandbox", None, vars={"program": "1"}, sandbox=True),
        "production": Target(
            "production", "https://api-campaign-us-1.goacoustic.com", "git", 8, {"program": "148372"}
        ),
    }
    assert project.rules == {
        "quiet-hours": RuleSetting(
            Level.ERROR, options={"from": "21:00", "to": "08:00"}, location=Location(file, 6, 3)
        ),
        "brand-missing": RuleSetting(off=True, location=Location(file, 7, 3)),
        "budget": RuleSetting(off=True, options={"most": 12.5}, location=Location(file, 8, 3)),
        "max-segments": RuleSetting(options={"most": 2}, location=Location(file, 9, 3)),
        "link": RuleSetting(Level.INFO, location=Location(file, 10, 3)),
    }


def test_sandbox_is_always_there(tmp_path) -> None:
    """The sandbox is a target of every project, even without settings."""
    assert load_project(write_project(tmp_path)).targets == {"sandbox": Target("sandbox", None)}


def test_campaigns_by_file_name(tmp_path) -> None:
    """Files with both suffixes are read, sorted by name; hidden files, backups and other files are not."""
    write_project(tmp_path)
    for name, campaign in (("c.yml", "third"), ("b.YAML", "second")):
        (tmp_path / "campaigns" / name).write_text(CAMPAIGN.replace("sale", campaign))
    for name in (".hidden.yaml", "a.yaml~", "notes.txt"):
        (tmp_path / "campaigns" / name).write_text("not: [yaml")
    assert [campaign.name for campaign in load_project(tmp_path).campaigns] == ["sale", "second", "third"]


def test_locations_start_with_the_given_directory(tmp_path, monkeypatch) -> None:
    """A location is a path that can be opened from the current directory."""
    write_project(tmp_path / "specs", "campaign: [")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as caught:
        load_project(Path("specs"))
    assert caught.value.problems[0].location.file == "specs/campaigns/a.yaml"
    monkeypatch.chdir(tmp_path / "specs")
    with pytest.raises(SpecError) as caught:
        load_project(Path())
    assert caught.value.problems[0].location.file == "campaigns/a.yaml"


def test_all_problems_of_all_files(tmp_path) -> None:
    """All problems of all files are reported, not only the first."""
    write_project(
        tmp_path,
        CAMPAIGN.replace("content:", "contnt:"),
        "version: 2\ntargets: {x: {pods: us-1, pod: us-1}}\n",
    )
    (tmp_path / "campaigns" / "b.yaml").write_text("a: *b\n")
    (tmp_path / "campaigns" / "c.yaml").write_text(CAMPAIGN.replace("marketing", "fun"))
    assert load_problems(tmp_path) == [
        "campaigns/a.yaml:4:5 one of 'content' and 'contentId' is required here",
        "campaigns/a.yaml:7:5 unknown property 'contnt'",
        "campaigns/b.yaml:1:4 the alias *b is not allowed",
        "campaigns/c.yaml:2:10 'purpose' must be one of marketing, transactional, got 'fun'",
        "sendspec.yaml:1:10 'version' must be 1, got the number 2",
        "sendspec.yaml:2:15 unknown property 'pods'",
    ]


def test_names_are_unique(tmp_path) -> None:
    """Campaign names and send ids are unique; the error about a duplicate points at the first."""
    second = CAMPAIGN + CAMPAIGN.partition("sends:\n")[2]
    write_project(tmp_path)
    (tmp_path / "campaigns" / "b.yaml").write_text(CAMPAIGN)
    (tmp_path / "campaigns" / "c.yaml").write_text(second.replace("sale", "other"))
    first = (tmp_path / "campaigns" / "a.yaml").as_posix()
    assert load_problems(tmp_path) == [
        f"campaigns/b.yaml:1:11 the campaign name 'sale' is already used at {first}:1:11",
        "campaigns/c.yaml:9:9 the id 'call' is already used at line 4",
    ]


def test_matrix_values_are_unique(tmp_path) -> None:
    """Values of an axis with the same text are refused, because their addresses would be equal."""
    matrix = "    matrix: {a: [en, fr, en], b: [1, '1'], c: [true, 'true']}\n"
    assert load_problems(write_project(tmp_path, CAMPAIGN + matrix)) == [
        "campaigns/a.yaml:9:26 duplicate value 'en' in the axis 'a'",
        "campaigns/a.yaml:9:38 duplicate value '1' in the axis 'b'",
        "campaigns/a.yaml:9:54 duplicate value 'true' in the axis 'c'",
    ]


def test_matrix_limit(tmp_path) -> None:
    """A matrix of more than ten thousand combinations is refused."""
    axis = ", ".join(map(str, range(101)))
    lines = load_problems(write_project(tmp_path, CAMPAIGN + f"    matrix: {{a: [{axis}], b: [{axis}]}}\n"))
    assert lines == ["campaigns/a.yaml:9:13 the matrix has 10,201 combinations, but the limit is 10,000"]


def no_project_file(root: Path) -> str:
    (write_project(root) / "sendspec.yaml").unlink()
    return "sendspec.yaml:1:1 the file does not exist"


def no_campaigns_and_no_project_file(root: Path) -> str:
    root.mkdir()
    return "sendspec.yaml:1:1 the file does not exist"


def campaigns_is_a_file(root: Path) -> str:
    root.mkdir()
    (root / "sendspec.yaml").write_text(PROJECT)
    (root / "campaigns").write_text("")
    return "campaigns:1:1 this is not a folder"


def campaigns_is_a_broken_link(root: Path) -> str:
    root.mkdir()
    (root / "sendspec.yaml").write_text(PROJECT)
    (root / "campaigns").symlink_to("elsewhere")
    return "campaigns:1:1 this is not a folder"


def campaign_is_a_folder(root: Path) -> str:
    (write_project(root) / "campaigns" / "b.yaml").mkdir()
    return "campaigns/b.yaml:1:1 this is not a regular file"


def campaign_is_a_pipe(root: Path) -> str:
    os.mkfifo(write_project(root) / "campaigns" / "b.yaml")
    return "campaigns/b.yaml:1:1 this is not a regular file"


def campaign_is_a_device(root: Path) -> str:
    (write_project(root) / "campaigns" / "b.yaml").symlink_to("/dev/zero")
    return "campaigns/b.yaml:1:1 the file is outside the project directory"


def symlink_out(root: Path) -> str:
    (root.parent / "elsewhere.yaml").write_text(CAMPAIGN)
    (write_project(root) / "campaigns" / "b.yaml").symlink_to(root.parent / "elsewhere.yaml")
    return "campaigns/b.yaml:1:1 the file is outside the project directory"


def symlink_to_nothing(root: Path) -> str:
    (write_project(root) / "campaigns" / "b.yaml").symlink_to("c.yaml.old")
    return "campaigns/b.yaml:1:1 the file does not exist"


def project_file_symlink_out(root: Path) -> str:
    no_project_file(root)
    (root.parent / "elsewhere.yaml").write_text(PROJECT)
    (root / "sendspec.yaml").symlink_to("../elsewhere.yaml")
    return "sendspec.yaml:1:1 the file is outside the project directory"


def name_with_an_escape(root: Path) -> str:
    (write_project(root) / "campaigns" / "b\x1b[2J.yaml").write_text(CAMPAIGN)
    return "campaigns:1:1 the file name 'b\\x1b[2J.yaml' cannot be printed"


def name_that_is_not_utf8(root: Path) -> str:
    Path(os.fsdecode(os.fsencode(write_project(root) / "campaigns") + b"/b\xff.yaml")).write_text(CAMPAIGN)
    return "campaigns:1:1 the file name 'b\\udcff.yaml' cannot be printed"


@pytest.mark.parametrize(
    "spoil",
    [
        no_project_file,
        no_campaigns_and_no_project_file,
        campaigns_is_a_file,
        campaigns_is_a_broken_link,
        campaign_is_a_folder,
        campaign_is_a_pipe,
        campaign_is_a_device,
        symlink_out,
        symlink_to_nothing,
        project_file_symlink_out,
        name_with_an_escape,
        name_that_is_not_utf8,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_files_that_cannot_be_read(spoil, tmp_path) -> None:
    """A file that is missing, outside the project or not a regular file is reported by its name."""
    expected = spoil(tmp_path / "specs")
    assert [
        line.removeprefix((tmp_path / "specs").as_posix()) for line in load_problems(tmp_path / "specs")
    ] == [expected]


def test_a_project_directory_that_does_not_exist(tmp_path) -> None:
    """The error names the directory without line and column, and the hint creates it."""
    with pytest.raises(SendspecError) as caught:
        load_project(tmp_path / "specs", {})
    assert str(caught.value) == f"{(tmp_path / 'specs').as_posix()}: directory not found"
    assert caught.value.hint == "run `sendspec init` to create it"


def test_symlink_loop(tmp_path) -> None:
    """A symlink to itself is reported as a file that cannot be found."""
    (write_project(tmp_path) / "campaigns" / "b.yaml").symlink_to("b.yaml")
    [line] = load_problems(tmp_path)
    assert line.startswith("campaigns/b.yaml:1:1 ")


def test_symlink_within(tmp_path) -> None:
    """Symlinks within the project directory and to the directory itself are followed."""
    write_project(tmp_path / "specs")
    shared = tmp_path / "specs" / "shared.yaml"
    shared.write_text(CAMPAIGN.replace("sale", "other"))
    (tmp_path / "specs" / "campaigns" / "b.yaml").symlink_to("../shared.yaml")
    (tmp_path / "link").symlink_to("specs")
    assert [campaign.name for campaign in load_project(tmp_path / "link").campaigns] == ["sale", "other"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied(tmp_path) -> None:
    """A file without read permission is a problem of that file, not a traceback."""
    (write_project(tmp_path) / "campaigns" / "a.yaml").chmod(0)
    assert load_problems(tmp_path) == ["campaigns/a.yaml:1:1 cannot read the file: permission denied"]


@pytest.mark.parametrize("path", ["../outside.csv", "/etc/hostname", "a/../../outside.csv", "link/hostname"])
def test_no_path_leads_out(path: str, tmp_path) -> None:
    """Dots, absolute paths and linked folders that lead out of the project directory are refused."""
    root = write_project(tmp_path / "specs")
    (tmp_path / "outside.csv").write_text("phone\n")
    (root / "link").symlink_to("/etc")
    with pytest.raises(SpecError) as caught:
        resolve_inside(root, root / path)
    assert caught.value.problems[0].message == "the file is outside the project directory"


def test_reading_stops_at_the_limit(tmp_path) -> None:
    """At most one byte more than the limit is read of a file."""
    (tmp_path / "large").write_bytes(b"x" * 100)
    assert read_inside(tmp_path, tmp_path / "large", 10) == b"x" * 11
