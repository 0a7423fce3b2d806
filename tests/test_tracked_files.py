"""`phone-in-repository` and `secret-in-spec` with real git repositories, and in CI."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.ledgers import git
from tests.projects import CONTACTS, GATE, people, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.processes.runs import Done

    Cli = Callable[..., Done]

REAL_ROW = "19492319304,Ada\n"
PHONE, SECRET = "[phone-in-repository]", "[secret-in-spec]"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A project in a repository, whose list has one real-looking number, and of which git tracks nothing."""
    git("init", "--quiet", where=tmp_path)
    directory = project(tmp_path / "specs", CONTACTS)
    (directory / "contacts" / "people.csv").write_text(people(3) + REAL_ROW)
    return directory


def track(specs: Path, *names: str) -> None:
    """Let git track files of the project."""
    git("add", "--", *names, where=specs)


def heads(done: Done, rule: str = PHONE) -> list[str]:
    """Return the first lines of the findings of a rule, without its id."""
    return [line.replace(f" {rule}", "") for line in done.out.splitlines() if rule in line]


# ── which files count


@pytest.mark.field_case(34)
def test_a_tracked_list_is_one_finding(cli: Cli, specs: Path) -> None:
    """The finding names the list, the first row and the count, in `validate` and in `plan`."""
    track(specs, ".")
    message = "git tracks this list with 1 real-looking phone number (sale/last-call)"
    for verb in ("validate", "plan"):
        done = cli(verb)
        assert (done.code, heads(done)) == (0, [f"specs/contacts/people.csv:5:1: warning: {message}"])


def test_an_untracked_or_ignored_list_is_none(cli: Cli, specs: Path) -> None:
    """A list that git does not track is not in the repository; a list that is staged will be."""
    track(specs, "sendspec.yaml", "campaigns")
    assert heads(cli("validate")) == []
    (specs / ".gitignore").write_text("contacts/\n")
    track(specs, ".")
    assert heads(cli("validate")) == []
    git("add", "--force", "contacts", where=specs)
    assert len(heads(cli("validate"))) == 1
    git("rm", "--quiet", "--cached", "-r", "contacts", where=specs)
    assert heads(cli("validate")) == []


def test_without_git_there_are_no_findings(
    cli: Cli, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a clone, and without the program git, the rule is silent, and so is standard error."""
    track(specs, ".")
    expected = cli("validate").err.replace("1 other finding", "0 other findings")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path / "nothing"))
        assert (cli("validate").out, cli("validate").err) == ("", expected)
    (tmp_path / ".git").rename(tmp_path / "not.git")
    assert (cli("validate").out, cli("validate").err) == ("", expected)


@pytest.mark.red_team(1)
def test_files_that_look_like_a_repository_decide_nothing(cli: Cli, specs: Path, tmp_path: Path) -> None:
    """Such a project directory is not used as a repository, and a command in its `config` does not run."""
    track(specs, ".")
    proof = tmp_path / "proof"
    for name in ("objects", "refs/heads"):
        (specs / name).mkdir(parents=True)
    (specs / "HEAD").write_text("ref: refs/heads/main\n")
    (specs / "config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = touch {proof}; false\n"
    )
    assert heads(cli("validate")) == []
    assert not proof.exists()


@pytest.mark.field_case(34)
def test_other_tracked_texts_are_read(cli: Cli, specs: Path) -> None:
    """Notes, unused lists, comments and inline contacts count, in files of any name; other files do not."""
    (specs / "contacts" / "people.csv").write_text(people(3))
    (specs / "notes é.md").write_text("Ask Bo: (917) 736-5000\n")
    (specs / "contacts" / "old.csv").write_text("\ufeffname,phone\nBo,19177365000\n")
    (specs / "campaigns" / "c0.yaml").write_text(CONTACTS + "    # 917-736-5000\n")
    (specs / "binary.dat").write_bytes(b"\0(917) 736-5000")
    (specs / "sendspec.sandbox.lock.bak").write_text("(917) 736-5000")
    (specs / "outside").symlink_to("../outside.md")
    (specs.parent / "outside.md").write_text("(917) 736-5000\n")
    (specs / "untracked.md").write_text("(917) 736-5001\n")
    track(specs, "campaigns", "contacts", "notes é.md", "binary.dat", "outside", "sendspec.sandbox.lock.bak")
    track(specs.parent, "outside.md")
    line = CONTACTS.count("\n") + 1
    assert sorted(head.partition(": ")[0] for head in heads(cli("validate"))) == [
        f"specs/campaigns/c0.yaml:{line}:7",
        "specs/contacts/old.csv:2:4",
        "specs/notes é.md:1:9",
    ]


@pytest.mark.field_case(34)
def test_numbers_that_recipients_read_are_public(cli: Cli, specs: Path) -> None:
    """The number of a hotline in a text or a variable is not personal data, wherever else it occurs."""
    (specs / "contacts" / "people.csv").write_text(people(3))
    text = GATE.replace("gate %%GATE%%", "gate %%GATE%%. Questions? +1 917 736 5000")
    assert text != GATE
    (specs / "campaigns" / "c0.yaml").write_text(text)
    (specs / "notes.md").write_text("The hotline is (917) 736-5000.\n")
    track(specs, ".")
    assert heads(cli("validate")) == []


def test_a_send_can_be_excepted(cli: Cli, specs: Path) -> None:
    """`allow` of a send covers its list and the lines of its entry."""
    (specs / "campaigns" / "c0.yaml").write_text(
        CONTACTS + "    # 917-736-5000\n    allow: [{rule: phone-in-repository, reason: consented}]\n"
    )
    track(specs, ".")
    done = cli("validate")
    assert (len(heads(done)), done.out.count("allowed: consented")) == (2, 2)


def test_names_are_those_of_the_command_line(cli: Cli, specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the project directory, through a link and with a full path, a spec is found once."""
    (specs / "contacts" / "people.csv").write_text(people(3))
    (specs / "campaigns" / "c0.yaml").write_text(f"{CONTACTS}    # 917-736-5000, api_key: kV7w2m9QxT4b\n")
    (specs.parent / "link").symlink_to("specs")
    track(specs, ".")
    line = CONTACTS.count("\n") + 1
    for name in ("specs", "link", str(specs)):
        done = cli("validate", name)
        assert [head.partition(" ")[0] for head in heads(done)] == [f"{name}/campaigns/c0.yaml:{line}:7:"]
    monkeypatch.chdir(specs)
    done = cli("validate", ".")
    assert [head.partition(" ")[0] for head in heads(done)] == [f"campaigns/c0.yaml:{line}:7:"]
    assert all("(sale/last-call)" in head for head in heads(done))


def test_odd_names_are_escaped(cli: Cli, specs: Path) -> None:
    """A name with a line break, a command of a workflow, or bytes that are not UTF-8 stays on one line."""
    (specs / "contacts" / "people.csv").write_text(people(3))
    names = ("a\n::error::b.md", os.fsdecode(b"caf\xe9.md"))
    for name in names:
        (specs / name).write_text("(917) 736-5000\n")
    track(specs, ".")
    for arguments in ((), ("--format", "json")):
        done = cli("validate", *arguments)
        assert done.code == 0
        assert not [line for line in done.out.splitlines() if line.startswith("::")]
        assert done.out.encode().count(b"udce9") == 1
    assert len(heads(cli("validate"))) == len(names)


def test_a_used_list_is_reported_once(cli: Cli, specs: Path) -> None:
    """The first line of JSON Lines is a contact; the scan counts it, and nothing else does."""
    (specs / "contacts" / "people.csv").unlink()
    (specs / "contacts" / "people.jsonl").write_text(
        '{"contactId": "19492319304"}\n{"contactId": "19492319305"}\n'
    )
    text = CONTACTS.replace("people.csv", "people.jsonl")
    (specs / "campaigns" / "c0.yaml").write_text(text)
    track(specs, ".")
    (head,) = heads(cli("validate"))
    assert head.startswith(
        "specs/contacts/people.jsonl:1:1: warning: git tracks this list with 2 real-looking"
    )


# ── in CI


def github(directory: Path, event: object) -> dict[str, str]:
    """Return the variables of a run on GitHub, with an event file of this content."""
    file = directory / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    return {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)}


def repository(**properties: object) -> dict[str, object]:
    return {"repository": {"full_name": "acme/sends", **properties}}


RUNS = {
    "public": (repository(private=False, visibility="public"), 3),
    "public, of an older server": (repository(private=False), 3),
    "private": (repository(private=True, visibility="private"), 0),
    "internal": (repository(private=True, visibility="internal"), 0),
    "not stated": (repository(), 0),
    "without a repository": ({}, 0),
    "a list": ([], 0),
    "not JSON": ("{", 0),
    "nested too deeply": ("[" * 100_000, 0),
}


@pytest.mark.red_team(25)
@pytest.mark.parametrize("run", RUNS)
def test_a_public_repository_is_an_error(
    run: str, cli: Cli, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event of the run states who can read the repository; without a clear statement it is a warning."""
    event, code = RUNS[run]
    track(specs, ".")
    for name, value in github(tmp_path, event).items():
        monkeypatch.setenv(name, value)
    done = cli("validate")
    assert (done.code, "everyone can read the repository" in done.out) == (code, code == 3)
    assert [f": {'error' if code else 'warning'}: " in head for head in heads(done)] == [True]


def test_other_services_and_machines(
    cli: Cli, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitLab states it in a variable; outside of CI the variables mean nothing."""
    track(specs, ".")
    monkeypatch.setenv("GITHUB_EVENT_PATH", github(tmp_path, repository(private=False))["GITHUB_EVENT_PATH"])
    monkeypatch.setenv("CI_PROJECT_VISIBILITY", "public")
    assert cli("validate").code == 0
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    monkeypatch.setenv("GITLAB_CI", "true")
    assert cli("validate").code == 3
    monkeypatch.setenv("CI_PROJECT_VISIBILITY", "internal")
    assert cli("validate").code == 0


# ── credentials


@pytest.mark.red_team(25)
@pytest.mark.field_case(35)
def test_a_credential_of_this_environment_in_a_tracked_file(
    cli: Cli, specs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The finding names the variable, never the value; of a connection, its password counts."""
    (specs / "contacts" / "people.csv").write_text(people(3))
    monkeypatch.setenv("SENDSPEC_REFRESH_TOKEN", "quiet-amber-otter")
    monkeypatch.setenv("SENDSPEC_CONNECTION_CRM", "postgresql://ann:violet-heron@db/crm")
    monkeypatch.setenv("SENDSPEC_ALLOWED_HOSTS", "acme.example")
    (specs / "notes.md").write_text("acme.example:\nquiet-amber-otter, and\n the other is violet-heron\n")
    track(specs, ".")
    done = cli("validate")
    assert done.code == 3
    assert heads(done, SECRET) == [
        "specs/notes.md:2:1: error: git tracks this file with the value of SENDSPEC_REFRESH_TOKEN",
        "specs/notes.md:3:15: error: git tracks this file with the value of SENDSPEC_CONNECTION_CRM",
    ]
    assert "otter" not in done.out + done.err + cli("validate", "--format", "json").out
    git("rm", "--quiet", "--cached", "notes.md", where=specs)
    assert heads(cli("validate"), SECRET) == []


@pytest.mark.field_case(35)
def test_a_spec_needs_no_repository_to_have_a_credential(cli: Cli, tmp_path: Path) -> None:
    """Specs and settings are checked before they are committed; the value is not printed."""
    specs = project(
        tmp_path / "specs", GATE + "    # api_key: kV7w2m9QxT4b\n", settings="version: 1\n# pwd: hunter22\n"
    )
    (specs / "other.md").write_text("client_secret: kV7w2m9QxT4b\n")
    done = cli("validate")
    line = GATE.count("\n") + 1
    message = "the value of 'api_key' looks like a credential (gate/change)"
    assert heads(done, SECRET) == [
        f"specs/campaigns/c0.yaml:{line}:16: error: {message}",
        "specs/sendspec.yaml:2:8: error: the value of 'pwd' looks like a credential",
    ]
    assert not {"kV7w2m9QxT4b", "hunter22"} & set(done.out.replace("'", " ").split())


def test_a_plan_reads_no_pipe(cli: Cli, specs: Path) -> None:
    """A tracked file that was replaced by a pipe or a folder is not read, and does not stop the plan."""
    for name in ("pipe.md", "folder.md"):
        (specs / name).write_text("(917) 736-5000")
    track(specs, ".")
    (specs / "pipe.md").unlink()
    os.mkfifo(specs / "pipe.md")
    (specs / "folder.md").unlink()
    (specs / "folder.md").mkdir()
    assert [head.partition(":")[0] for head in heads(cli("validate"))] == ["specs/contacts/people.csv"]
