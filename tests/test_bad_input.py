"""Whatever somebody writes into a project directory: told with its place, nothing sent, no traceback."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sendspec.cli import run
from tests.bad import (
    BAD,
    CAMPAIGN,
    CSV,
    contacts,
    content,
    files,
    ledger,
    plans,
    properties,
    settings,
    templates,
    yaml,
)
from tests.projects import GATE, people, sendspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bad import (
        Bad,
    )

TABLES = (yaml, properties, templates, files, contacts, settings, ledger, plans)
CASES = {
    f"{table.__name__.rpartition('.')[2]}: {name}": bad
    for table in TABLES
    for name, bad in table.CASES.items()
}
PATIENCE = 60
"""Seconds after which a verb is taken to wait for ever; none of them needs one."""
IN_A_PROCESS = (
    "files: a pipe as contact file",
    "ledger: a journal that is a pipe",
    "properties: 801 characters",
    "templates: a string that doubles",
    "yaml: a billion laughs",
)


class Stuck(BaseException):
    """A verb does not come back; nothing in it may take this for an error of its own."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    def stuck(*_: object) -> None:
        raise Stuck

    before = signal.signal(signal.SIGALRM, stuck)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A sound project in the working directory, with one campaign to spoil and one beside it."""
    specs = tmp_path / "specs"
    (specs / "campaigns").mkdir(parents=True)
    (specs / "contacts").mkdir()
    (specs / "sendspec.yaml").write_text("version: 1\n")
    (specs / "campaigns" / "good.yaml").write_text(GATE)
    (specs / BAD).write_text(CAMPAIGN)
    (specs / CSV).write_text(people(3))
    monkeypatch.chdir(tmp_path)
    return specs


def arguments(verb: str, bad: Bad) -> list[str]:
    return [verb, *bad.options, *(["--auto-approve"] if verb == "apply" else [])]


def everything(directory: Path) -> dict[str, bytes | str | None]:
    """All that is in a directory, links not followed; but for the lock that a run leaves behind, empty."""
    found = {}
    for path in directory.rglob("*"):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif name not in {"specs/.sendspec", "specs/.sendspec/sandbox.holder"}:
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def check(bad: Bad, told: str) -> None:
    """See that the place begins a line, or follows `error: `, and that nothing looks like a crash."""
    location = re.escape(f"specs/{bad.told}")
    assert re.search(rf"^(error: )?{location}", told, re.MULTILINE), told
    assert bad.end in told
    assert "Traceback" not in told


@pytest.mark.parametrize("bad", CASES.values(), ids=CASES)
def test_bad_input_is_told_with_its_place_and_nothing_is_sent(bad, project, capsys):
    """Each verb exits 1 or 3 (4 for a saved plan), names file and line, and leaves every file as it was."""
    bad.make(project)
    capsys.readouterr()
    before = everything(project.parent)
    for verb in bad.verbs:
        with within(PATIENCE):
            code = run(arguments(verb, bad))
        told = "".join(capsys.readouterr())
        assert code == bad.code, told
        check(bad, told)
        assert everything(project.parent) == before


@pytest.mark.parametrize("name", IN_A_PROCESS)
def test_a_process_says_the_same(name, project):
    """As a person runs it: the same exit code and place, nothing sent."""
    CASES[name].make(project)
    done = sendspec(*arguments("apply", CASES[name]), where=project.parent)
    assert done.code == CASES[name].code
    check(CASES[name], done.out + done.err)
    assert not (project / ".sendspec" / "sandbox").exists()


def test_the_sound_project_is_sent(project, capsys):
    """Without a mistake the same project is sent, so that what is refused above is the mistake."""
    assert run(["apply", "--auto-approve"]) == 0
    assert "2 requests sent, 0 not sent, 0 unknown" in capsys.readouterr().err


def test_all_problems_of_all_files_are_told_at_once(project, capsys):
    """A mistake in the settings, one in each of two campaigns: three problems, in the order of the files."""
    (project / "sendspec.yaml").write_text("version: 2\n")
    (project / BAD).write_text(CAMPAIGN.replace("content:", "contnt:"))
    (project / "campaigns" / "good.yaml").write_text(GATE.replace("purpose: transactional", "purpose: spam"))
    assert run(["validate"]) == 1
    told = capsys.readouterr().err
    locations = re.findall(r"^(specs/\S+): error: ", told, re.MULTILINE)
    assert locations == [
        "specs/campaigns/bad.yaml:4:5",
        "specs/campaigns/bad.yaml:7:5",
        "specs/campaigns/good.yaml:2:10",
        "specs/sendspec.yaml:1:10",
    ]
    assert "error: 4 problems in the specs" in told


USAGE = {
    "an unknown verb": (["aply"], "no such command 'aply'"),
    "an unknown option": (["plan", "--onlin", "x"], "no such option '--onlin'. Did you mean '--online'?"),
    "an option without a value": (["plan", "--target"], "option '--target' requires an argument"),
    "one argument too many": (["plan", "specs", "more"], "got unexpected extra argument (more)"),
    "an unknown format": (
        ["plan", "--format", "yaml"],
        "format 'yaml' does not exist\n  hint: choose one of: text, json, html, markdown, github, sarif",
    ),
    "words for seconds": (
        ["status", "--timeout", "soon"],
        "invalid value for '--timeout': 'soon' is not a valid float range",
    ),
    "a port that does not exist": (
        ["sandbox", "--port", "70000"],
        "invalid value for '--port': 70000 is not in the range",
    ),
    "no rule": (["explain"], "missing argument 'RULE'"),
    "an unknown rule": (
        ["explain", "scedule"],
        "rule 'scedule' does not exist\n  hint: did you mean 'schedule'?",
    ),
    "an unknown schema": (
        ["schema", "campain"],
        "schema 'campain' does not exist\n  hint: did you mean 'campaign'?",
    ),
    "a target to begin with": (["init", "--target", "production"], "--target works only with --ledger"),
    "no target to make a ledger for": (
        ["init", "--ledger"],
        "--ledger needs a target\n  hint: add --target NAME",
    ),
}


@pytest.mark.parametrize(("words", "told"), USAGE.values(), ids=USAGE)
def test_wrong_usage_exits_64(words, told, project, capsys):
    """A wrong command line is told in the voice of every other mistake, and nothing is done."""
    before = everything(project.parent)
    assert run(words) == 64
    out, err = capsys.readouterr()
    assert (out, f"error: {told}" in err) == ("", True), err
    assert everything(project.parent) == before


@pytest.mark.parametrize("verb", ["validate", "plan", "apply", "render", "status"])
def test_a_directory_or_target_that_does_not_exist(verb, project, capsys):
    """A project directory or a target of another name is named, with the way out."""
    assert run([verb, "gone"]) == 1
    assert "error: gone: directory not found\n  hint: run `sendspec init`" in capsys.readouterr().err
    assert run([verb, "--target", "prod"]) == 1
    assert (
        "target 'prod' does not exist in specs/sendspec.yaml\n  hint: choose one of: "
        in capsys.readouterr().err
    )


def test_no_text_of_a_spec_becomes_a_command_of_the_runner(project, capsys):
    """Whatever a spec says, no line of plan or errors begins with `::` or contains `##[`."""
    hostile = "::error::##[error]\\n::set-env name=A::b\\n##[command]\\u00a0::x ##\\u200b[x]"
    (project / BAD).write_text(content(f'"{hostile}"')[BAD])
    spoilt = CAMPAIGN.replace("contacts/people.csv", "'##[error]'").replace(
        "{NAME: there}", "{'::error::': [1]}"
    )
    (project / "campaigns" / "worse.yaml").write_text(
        spoilt.replace("campaign: bad", "campaign: '::error::x'")
    )
    told = ""
    for verb in ("validate", "plan", "apply"):
        run([verb])
        told += "".join(capsys.readouterr())
    (project / "campaigns" / "worse.yaml").unlink()
    for words in (["validate"], ["plan"], ["plan", "--format", "json"], ["apply", "--auto-approve"]):
        run(words)
        told += "".join(capsys.readouterr())
    for words in (
        ["plan", "--target", hostile],
        ["status", "--send", hostile],
        ["explain", hostile],
        [hostile],
    ):
        run([word.replace("\\n", "\n") for word in words])
        told += "".join(capsys.readouterr())
    assert "error::" in told
    assert [line for line in told.splitlines() if line.strip().startswith("::") or "##[" in line] == []
