"""Real values of recipients: only with `plan --show-pii`, and only for the person who runs it."""

from __future__ import annotations

import os
import pty
import re
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from sendspec.audience import scan_together
from sendspec.load import load_project
from sendspec.model import LedgerState
from sendspec.plan import plan_project
from sendspec.report.formats import PLAN_FORMAT_NAMES, PLAN_FORMATS, View, plan_texts
from sendspec.structs import replace
from tests.audiences import inline, us
from tests.page_projects import NOW
from tests.projects import SENDSPEC, project

if TYPE_CHECKING:
    from pathlib import Path

SPECS = """\
campaign: table
purpose: transactional
sends:
  - id: booked
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your table is booked, %%NAME%%."
    contacts: {file: ../contacts/people.csv, columns: {contactId: phone, personalization: {NAME: name}}}
    personalizationDefaults: {NAME: guest}
"""
PEOPLE = "phone,name\n12125550147,Balthazarine\n12125550158,Wilhelmína\n12125550169,Łucja\n12125550170,\n"
NAMES = ("Balthazarine", "Wilhelmína", "Łucja")
SETTINGS = "version: 1\nrules: {fictional-number: off, quiet-hours: off}\n"
TEXT = ("--show-pii", "--full", "-o", "plan.txt")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    folder = project(tmp_path / "specs", SPECS, settings=SETTINGS)
    (folder / "contacts" / "people.csv").write_text(PEOPLE)
    return folder


def found(text: str) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name in text)


@pytest.mark.red_team(26)
def test_values_are_shown_in_text_and_on_the_page(specs: Path, cli, tmp_path: Path) -> None:
    """The texts have the names of chosen recipients, but numbers stay away; a notice says so."""
    done = cli("plan", *TEXT, "--format", "text", "--format", "html=plan.html")
    text, page = (tmp_path / "plan.txt").read_text(), (tmp_path / "plan.html").read_text()
    assert (done.code, done.out, found(done.err)) == (0, "", ())
    assert (found(text), found(page)) == (NAMES, NAMES)
    assert "| Acme: your table is booked, Balthazarine.\n" in text
    for output in (text, page):
        assert "this plan shows real values of recipients; do not share it" in output
        assert not re.search("55501(47|58|69|70)", output)
    assert "recipients are masked" not in page


@pytest.mark.parametrize("earlier", [None, 0o644])
def test_only_the_owner_can_read_the_files(earlier: int | None, specs: Path, cli, tmp_path: Path) -> None:
    """A file with values has the mode 600, also if it replaces one that others could read."""
    names = [tmp_path / "plan.txt", tmp_path / "plan.html"]
    for name in names if earlier else ():
        name.write_text("an earlier plan")
        name.chmod(earlier)
    assert cli("plan", *TEXT, "--format", "text", "--format", "html=plan.html").code == 0
    assert [stat.S_IMODE(name.stat().st_mode) for name in names] == [0o600, 0o600]


def test_a_terminal_shows_values(specs: Path, tmp_path: Path) -> None:
    """A person at a terminal reads the values without a file."""
    mine, theirs = pty.openpty()
    command = [SENDSPEC, "plan", "--show-pii", "--full"]
    run = subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(mine, 4096):
            shown += chunk
    except OSError:  # The process closed its side.
        pass
    os.close(mine)
    assert run.wait(60) == 0
    assert found(shown.decode()) == NAMES


@pytest.mark.red_team(26)
@pytest.mark.parametrize(
    "refused",
    [
        ((), None, "standard output is not a terminal"),
        (("-o", "-"), None, "standard output is not a terminal"),
        (("-o", "/dev/stdout"), None, "standard output is not a terminal"),
        (("-o", "/dev/stderr"), None, "does not write to /dev/stderr"),
        (("-o", "/dev/fd/2"), None, "does not write to /dev/fd/2"),
        (("--format", "html", "--format", "text=plan.txt"), None, "standard output is not a terminal"),
        ((*TEXT[2:], "--save", "plan.json"), None, "exclude each other"),
        (TEXT[2:], "CI", "in CI"),
        (TEXT[2:], "GITHUB_ACTIONS", "in CI"),
        (TEXT[2:], "BUILDKITE", "in CI"),
        *(
            ((*TEXT[2:], "--format", name, "--format", "html=plan.html"), None, f"format '{name}'")
            for name in PLAN_FORMAT_NAMES
            if name not in ("text", "html")
        ),
    ],
)
def test_refused_outputs(refused, cli, tmp_path: Path, monkeypatch) -> None:
    """A log, a comment, a machine's format, a saved plan and CI are refused before anything is read."""
    words, variable, reason = refused
    if variable is not None:
        monkeypatch.setenv(variable, "true")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "sendspec.yaml").write_text("version: not a version")
    done = cli("plan", "--show-pii", *words)
    assert (done.code, done.out) == (64, "")
    assert reason in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["specs"]


@pytest.mark.parametrize("verb", ["apply", "preview", "validate", "render"])
def test_no_other_verb_has_the_option(verb: str, specs: Path, cli) -> None:
    """What is sent or served never depends on the option."""
    done = cli(verb, "--show-pii")
    assert (done.code, "--show-pii" in done.err) == (64, True)


def test_values_are_masked_by_default(specs: Path, cli, tmp_path: Path) -> None:
    """Without the option, no format has a value, and the digest is the same as with it."""
    formats = [word for name in PLAN_FORMAT_NAMES for word in ("--format", f"{name}=out.{name}")]
    assert cli("plan", "--full", *formats).code == 0
    texts = {name: (tmp_path / f"out.{name}").read_text() for name in PLAN_FORMAT_NAMES}
    assert {name: found(text) for name, text in texts.items() if found(text)} == {}
    assert cli("plan", *TEXT).code == 0
    digest = re.search(r"Digest: (\w+)", texts["text"])
    assert digest is not None
    assert digest.group() in (tmp_path / "plan.txt").read_text()


def test_each_step_masks_unless_it_is_asked(specs: Path) -> None:
    """The scan keeps no real text unless asked, and a format shows none unless asked."""
    loaded = load_project(specs)
    state = LedgerState("sandbox", "sandbox")
    masked, real = (
        plan_project(loaded, loaded.targets["sandbox"], state, NOW, **options)
        for options in ({}, {"real_values": True})
    )
    [without], [with_values] = masked.sends, real.sends
    assert without.facts is not None
    assert with_values.facts is not None
    kinds = ("typical", "longest", "shortest", "defaults_only", "flipping")
    examples = [getattr(without.facts.text, kind) for kind in kinds]
    revealed = [getattr(with_values.facts.text, kind) for kind in kinds]
    assert [example.real_text for example in examples] == [None] * len(kinds)
    assert all(example.real_text for example in revealed)
    assert [replace(example, real_text=None) for example in revealed] == examples
    assert [name for name in NAMES if name in repr(real)] == []
    assert (real.digest, real.findings) == (masked.digest, masked.findings)
    for view in (View(full=True), View(full=True, show_values=True)):
        for plan in (masked, real):
            shown = {name: found(text()) for name, text in plan_texts(plan, view, lambda each: each).items()}
            expected = NAMES if view.show_values and plan is real else ()
            assert {name: names for name, names in shown.items() if names} == (
                {"text": expected, "html": expected} if expected else {}
            )
    assert set(PLAN_FORMATS) == {"text", "json", "html", "markdown"}


def test_texts_of_a_base_stay_masked() -> None:
    """The texts of a base, which a comparison reads, never get real values."""
    send = inline({"contactId": us(1), "personalization": {"NAME": "Balthazarine"}}, content="Hi %%NAME%%")
    facts = scan_together([send], other_texts=[send], real_values=True)
    texts = [each.text.longest.real_text for each in facts if each and each.text and each.text.longest]
    assert texts == ["Hi Balthazarine", None]
    [masked] = scan_together([send])
    assert masked == facts[1]
