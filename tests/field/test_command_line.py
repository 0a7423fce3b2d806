"""The command line where people and programs meet it: JSON of broken specs, CI, approval, Windows."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sendspec import schema
from sendspec.model import Location, Locations
from tests.processes.runs import clean_environment, zygote
from tests.projects import CONTACTS, GATE, project, sendspec
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = {
    "yaml": (GATE.replace("sends:", "sends: ["), "specs/campaigns/c0.yaml"),
    "schema": (GATE.replace("endpoint:", "endpont:"), "specs/campaigns/c0.yaml"),
    "list": (CONTACTS, "specs/contacts/people.csv"),
}


@pytest.mark.field_case(24)
@pytest.mark.parametrize("verb", ["plan", "validate"])
@pytest.mark.parametrize("kind", BROKEN)
def test_problems_of_specs_are_findings_in_json(kind, verb, cli, tmp_path: Path) -> None:
    """With --format json standard output has each problem with its place and hint, and the code is 1."""
    campaign, file = BROKEN[kind]
    specs = project(tmp_path / "specs", campaign)
    (specs / "contacts" / "people.csv").write_text('contactId,NAME\n12125550123,"Ada\n')
    done = cli(verb, "--format", "json")
    document = json.loads(done.out)
    assert schema.check("findings", document, Locations(Location("findings"))) == []
    first = document["findings"][0]
    assert (first["rule"], first["reason"], first["level"]) == ("spec", "unreadable", "error")
    assert (first["file"], first["line"] >= 1, first["column"] >= 1) == (file, True, True)
    assert first["message"] in done.err
    assert done.code == 1


CI = ("CI", "JENKINS_URL", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID")


@pytest.mark.field_case(27)
@pytest.mark.red_team(15)
@pytest.mark.parametrize("variable", CI)
def test_ci_gets_plain_lines_on_its_terminal(variable, tmp_path: Path) -> None:
    """On a pseudo-terminal of a CI service, apply asks nothing and prints a line for each request."""
    with sandboxed(tmp_path / "specs", GATE):
        run = zygote().start("apply", where=tmp_path, **{variable: "1", "TERM": "xterm-256color"})
        run.begin()
        done = run.end()
    assert done.code == 0
    assert "\nsent      gate/change#1" in f"\n{done.err}"
    assert "\x1b" not in done.err + done.out


@pytest.mark.red_team(15)
@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_a_person_can_say_that_it_is_not_ci(value, cli, monkeypatch, tmp_path: Path) -> None:
    """A variable that says no does not approve a plan."""
    project(tmp_path / "specs", GATE)
    monkeypatch.setenv("CI", value)
    done = cli("apply")
    assert (done.code, "cannot ask for approval" in done.err) == (1, True)


@pytest.mark.red_team(15)
@pytest.mark.parametrize("variable", CI)
def test_ci_refuses_a_file_ledger_behind_a_tunnel(variable, cli, monkeypatch, tmp_path: Path) -> None:
    """A loopback address may lead to the vendor, so without `sandbox: true` its guards are on."""
    settings = "version: 1\ntargets: {production: {baseUrl: 'http://127.0.0.1:1'}}\n"
    project(tmp_path / "specs", GATE, settings=settings)
    monkeypatch.setenv(variable, "1")
    done = cli("plan", "--target", "production")
    assert (done.code, "target 'production' has a file ledger" in done.err) == (1, True)


@pytest.mark.red_team(15)
def test_a_pod_cannot_be_called_a_sandbox(cli, tmp_path: Path) -> None:
    """`sandbox: true` is possible only on loopback."""
    for where in ("pod: us-1", "baseUrl: 'https://api-campaign-us-1.goacoustic.com'"):
        settings = f"version: 1\ntargets: {{production: {{{where}, sandbox: true}}}}\n"
        project(tmp_path / "specs", GATE, settings=settings)
        done = cli("validate")
        assert (done.code, "specs/sendspec.yaml:2:" in done.err) == (1, True)


QUESTIONS = {
    "a sandbox": (
        "sandbox: true, ",
        GATE,
        3,
        "yes",
        "Send to 2 recipients through target here, starting now? ",
    ),
    "a small list": (
        "",
        CONTACTS,
        1000,
        "yes",
        "Send to 1,000 recipients through target here, starting now? ",
    ),
    "a large list": ("", CONTACTS, 1001, "1001", "Only the number of recipients approves"),
}


@pytest.mark.field_case(32)
@pytest.mark.parametrize("case", QUESTIONS)
@pytest.mark.parametrize("answered", ["yes", "1001", "no"])
def test_the_question_names_target_people_and_start(answered, case, tmp_path: Path) -> None:
    """For a real target with more than 1,000 recipients only their number approves."""
    kind, campaign, count, expected, question = QUESTIONS[case]
    rules = "rules: {fictional-number: off, time: off}\n"
    with sandboxed(tmp_path / "specs", campaign, count=count) as client:
        file = tmp_path / "specs" / "sendspec.yaml"
        url = file.read_text().partition("baseUrl: '")[2].partition("'")[0]
        file.write_text(f"version: 1\ntargets: {{here: {{{kind}baseUrl: '{url}'}}}}\n{rules}")
        if not kind:
            assert sendspec("init", "--ledger", "--target", "here", "--empty", where=tmp_path).code == 0
        run = zygote().start("apply", "--target", "here", where=tmp_path)
        run.begin()
        assert run.asked(question=b"approves: ")
        run.answer(answered)
        done = run.end()
        sent = len(client.received())
    assert question in done.err
    assert (done.code == 0, sent > 0) == (answered == expected, answered == expected), done.err


@pytest.mark.field_case(28)
@pytest.mark.parametrize("words", [[], ["plan"], ["--version"]], ids=" ".join)
def test_windows_gets_one_sentence(words, tmp_path: Path) -> None:
    """Without the modules of POSIX, every command ends with one sentence that names WSL."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('fcntl', 'pwd', 'termios')));"
        "import sendspec.cli; sys.platform = 'win32'; sendspec.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: sendspec needs Linux or macOS; on Windows, use it in WSL\n"


def test_the_versions_for_a_report(cli) -> None:
    """`--version -v` names Python, the platform, git and each library that matters."""
    lines = cli("--version", "-v").out.splitlines()
    assert lines[0] == cli("--version").out.strip()
    names = [line.split()[0] for line in lines]
    assert names[1:5] == ["Python", "platform", "git", "click"]
    assert {"httpcore", "jsonschema", "phonenumbers", "ruamel.yaml"} <= set(names)
    assert cli("-v").code == 64
