"""`sendspec fmt`: canonical specs with the same values and comments."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sendspec.cli._lib.spec_files import SpecFile
from sendspec.errors import SendspecError, SpecError
from sendspec.fmt.formatter import canonical_text
from tests.bad import yaml as bad_yaml
from tests.projects import GATE, TEASER, project
from tests.rule_cases import CASES
from tests.spec_texts import campaign_text

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MIXED = """\
# yaml-language-server: $schema=x
# The opening.
purpose:   'marketing'
campaign: "spring"   # its name

sends:
# The first.
-   endpoint: contacts # which
    # The text.
    content: 'it''s %%NAME%%'
    id: "teaser"
    contacts: {columns: {personalization: {NAME: n}, contactId: phone},file: x.csv }
    channelQualifier: 148372
    # later: notAfter


vars:
    footer: >
        Reply STOP
          to opt out.
    hours: 21:00
"""
CANONICAL = """\
# yaml-language-server: $schema=x
campaign: "spring"   # its name
# The opening.
purpose: marketing

vars:
  footer: >
      Reply STOP
        to opt out.
  hours: "21:00"

sends:
  # The first.
  - id: teaser
    endpoint: contacts # which
    channelQualifier: "148372"
    # The text.
    content: "it's %%NAME%%"
    contacts: {file: x.csv, columns: {contactId: phone, personalization: {NAME: n}}}
    # later: notAfter
"""


def formatted(text: str | bytes, schema: str = "campaign") -> str:
    content = text.encode() if isinstance(text, str) else text
    return canonical_text(content, "c.yaml", schema).decode()


def values(text: str):
    """Return a document as ruamel reads it, with every scalar as text."""
    return YAML(typ="base").load(text)


def test_keys_quotes_and_indentation():
    """Keys have the order of the schema; comments stay with their entries, block scalars as they are."""
    assert formatted(MIXED) == CANONICAL
    assert formatted(CANONICAL) == CANONICAL


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_any_layout(seed):
    """The values and the comments of any campaign stay, and a second run changes nothing."""
    text = campaign_text(seed)
    result = formatted(text)
    assert values(result) == values(text)
    assert sorted(re.findall(r"# c\d+", result)) == sorted(re.findall(r"# c\d+", text))
    assert formatted(result) == result


def specs() -> list[tuple[str, str, str]]:
    """Return the name, schema and text of each spec in the repository, good or bad."""
    files = [*ROOT.glob("specs/**/*.yaml"), *ROOT.glob("tests/good/**/*.yaml"), *CASES.glob("**/*.yaml")]
    found = [
        (str(file), "project" if file.name == "sendspec.yaml" else "campaign", file.read_text())
        for file in sorted(files)
    ]
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        texts = FENCE.findall(page.read_text())
        found += [(str(page), "campaign" if "campaign:" in text else "project", text) for text in texts]
    return found


def test_every_spec_of_the_repository(record_property):
    """The formatter accepts every spec that the parser accepts, and a second run changes nothing."""
    count = 0
    for name, schema, text in specs():
        try:
            result = formatted(text, schema)
        except SpecError:
            continue
        assert formatted(result, schema) == result, name
        count += 1
    assert count > 400
    record_property("specs formatted", count)


def test_the_examples_are_canonical(cli, monkeypatch):
    """`fmt --check` passes in specs/ and in the good projects of the tests."""
    monkeypatch.chdir(ROOT)
    for directory in ["specs", *sorted(ROOT.glob("tests/good/*"))]:
        done = cli("fmt", "--check", directory)
        assert (done.code, done.out) == (0, "")


def test_files_that_the_parser_refuses(tmp_path):
    """A file that the parser refuses is refused; any other bad file is formatted."""
    refused = 0
    for number, case in enumerate(bad_yaml.CASES.values()):
        case.make(tmp_path / str(number))
        for file in (tmp_path / str(number)).rglob("*.yaml"):
            try:
                formatted(file.read_bytes())
            except SpecError:
                refused += 1
    assert refused > 30


STYLES = {
    "no quotes around names": ('id: "teaser"', "id: teaser"),
    "quotes around digits that are text": ("channelQualifier: 0123", 'channelQualifier: "0123"'),
    "no quotes around numbers": ("revision: 2", "revision: 2"),
    "a name that is a boolean in YAML 1.1": ("id: 'no'", 'id: "no"'),
    "a date": ("notAfter: 2026-12-01T00:00:00Z", 'notAfter: "2026-12-01T00:00:00Z"'),
    "double quotes": ("content: 'it''s 20% off'", 'content: "it\'s 20% off"'),
    "single quotes around double ones": (r'content: "say \"hi\""', "content: 'say \"hi\"'"),
    "an escape stays": (r'content: "it\u2019s"', r'content: "it\u2019s"'),
    "a text without quotes stays": ("content: Hello there", "content: Hello there"),
    "a text before a comment stays": ("content: 5 #1", "content: 5 #1"),
    "quotes before a comment stay": ('id: "teaser" # x', 'id: "teaser" # x'),
    "a list": ("exclude: [ a.csv,b.csv ]", "exclude: [a.csv, b.csv]"),
    "a list of several lines stays": ("exclude: [ a.csv,\n   b.csv ]", "exclude: [ a.csv,\n   b.csv ]"),
    "an unknown key is last": ("contnet: x", "contnet: x"),
    "an empty value": ("content:", "content:"),
    "null": ("content: ~", "content: ~"),
    "an aligned comment": ("content: 'a'     # x", 'content: "a"     # x'),
    "digits and an aligned comment": ("content: 'a''b'     # x", 'content: "a\'b"      # x'),
}


@pytest.mark.parametrize("style", STYLES)
def test_styles(style):
    """Each value has its canonical quotes and spaces."""
    before, after = (f"sends:\n  - {line}\n".replace("\n   b", "\n     b") for line in STYLES[style])
    assert formatted(before) == after
    assert formatted(after) == after


LAYOUTS = {
    "a byte order mark and Windows line breaks": (
        "\ufeffpurpose: a\r\ncampaign: b",
        "campaign: b\npurpose: a\n",
    ),
    "blank lines": ("\n\ncampaign: a\n\n\n\npurpose: b \n\n", "campaign: a\n\npurpose: b\n"),
    "a header apart from the first key": (
        "# all\n\npurpose: b\ncampaign: a\n",
        "# all\n\ncampaign: a\npurpose: b\n",
    ),
    "a document start": ("---\npurpose: b\ncampaign: a\n", "---\ncampaign: a\npurpose: b\n"),
    "a document in braces stays": ("{purpose: b,campaign: a}\r\n\n", "{purpose: b,campaign: a}\n"),
    "explicit keys stay": ("? purpose\n: b\n", "? purpose\n: b\n"),
    "a last line of a block without its break": ("a: |\n  x", "a: |-\n  x\n"),
    "variables keep their order": ("vars: {z: 1,a: 2}\n", "vars: {z: 1, a: 2}\n"),
    "comments at the ends of blocks": (
        "sends:\n- id: a\n  # of a\n# of b\n- id: b\n",
        "sends:\n  - id: a\n    # of a\n  # of b\n  - id: b\n",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    """Documents have one form of line breaks, blank lines, headers and comments."""
    before, after = LAYOUTS[layout]
    assert formatted(before) == after
    assert formatted(after) == after


def test_a_long_file_of_comments():
    """The time for many comments grows with their number only."""
    text = "campaign: a\nvars:\n  a:\n    b: c\n" + "   # x\n" * 50_000
    assert formatted(text).count("  # x\n") == 50_000


UNSORTED = GATE.replace("    endpoint: external-consent\n", "").replace(
    "    contacts:", "    endpoint: external-consent\n    contacts:"
)


def test_files_are_rewritten(cli, tmp_path):
    """`fmt` writes what is not canonical, keeps the mode of the file, and `render` prints the same."""
    specs = project(tmp_path / "specs", UNSORTED, TEASER)
    file = specs / "campaigns" / "c0.yaml"
    file.chmod(0o640)
    rendered = cli("render").out
    done = cli("fmt")
    assert (done.code, done.out) == (0, "")
    assert done.err == "reformatted specs/campaigns/c0.yaml\n1 file reformatted, 2 unchanged\n"
    assert (file.read_text(), file.stat().st_mode & 0o777) == (GATE, 0o640)
    assert cli("render").out == rendered
    assert cli("fmt").err == "0 files reformatted, 3 unchanged\n"
    assert sorted(path.name for path in file.parent.iterdir()) == ["c0.yaml", "c1.yaml"]


def test_check_and_diff_write_nothing(cli, tmp_path):
    """`--check` exits 1 and names the files; `--diff` prints the changes with masked numbers."""
    file = project(tmp_path / "specs", UNSORTED) / "campaigns" / "c0.yaml"
    done = cli("fmt", "--check")
    assert (done.code, done.out) == (1, "would be reformatted: specs/campaigns/c0.yaml\n")
    assert done.err == "1 file would be reformatted, 1 unchanged\n"
    done = cli("fmt", "--diff")
    assert (done.code, done.out.splitlines()[:2]) == (
        0,
        ["--- specs/campaigns/c0.yaml", "+++ specs/campaigns/c0.yaml"],
    )
    assert "\n-    endpoint: external-consent\n" in done.out
    assert "\n+    endpoint: external-consent\n" in done.out
    assert "12125550123" not in done.out
    assert cli("fmt", "--check", "--diff").code == 1
    assert file.read_text() == UNSORTED


def test_a_diff_can_be_applied(cli, tmp_path):
    """Git applies a diff without masked numbers, and its result is what `fmt` writes."""
    text = TEASER.replace("endpoint: contact-source", 'endpoint: "contact-source"').rstrip()
    file = project(tmp_path / "specs", text) / "campaigns" / "c0.yaml"
    diff = cli("fmt", "--diff").out
    subprocess.run(["git", "apply", "-p0", "-"], input=diff, text=True, cwd=tmp_path, check=True)
    assert file.read_text() == TEASER


def test_named_files_and_folders(cli, tmp_path):
    """A file or folder selects specs of its project, also in several projects."""
    for name in ("a", "b"):
        specs = project(tmp_path / name, UNSORTED, settings="version: 1\nvars: {a: 1,b: 2}\n")
        (specs / "campaigns" / "x").mkdir()
        (specs / "campaigns" / "x" / "c1.yml").write_text(UNSORTED.replace("gate", "other"))
    done = cli("fmt", "a/campaigns/x", "b/sendspec.yaml", "b/campaigns/c0.yaml")
    assert done.err.splitlines() == [
        "reformatted a/campaigns/x/c1.yml",
        "reformatted b/sendspec.yaml",
        "reformatted b/campaigns/c0.yaml",
        "3 files reformatted, 0 unchanged",
    ]
    assert "endpoint: external-consent\n    contacts" in (tmp_path / "a/campaigns/c0.yaml").read_text()
    assert (
        cli("fmt", "--check", "b/", "b/campaigns/", tmp_path / "b").err
        == "1 file would be reformatted, 2 unchanged\n"
    )


def test_a_file_above_the_current_directory(cli, tmp_path, monkeypatch):
    """The project of a file is the nearest one above it, wherever the command runs."""
    project(tmp_path / "specs", UNSORTED)
    monkeypatch.chdir(tmp_path / "specs" / "campaigns")
    assert cli("fmt", "c0.yaml").err.startswith("reformatted ../campaigns/c0.yaml\n")


def test_a_file_with_a_problem(cli, tmp_path):
    """A file that cannot be parsed is unchanged; the others are formatted; the exit code is 1."""
    specs = project(tmp_path / "specs", UNSORTED, "campaign: [x\n")
    done = cli("fmt")
    assert done.code == 1
    assert done.err.splitlines() == [
        "reformatted specs/campaigns/c0.yaml",
        "1 file reformatted, 1 unchanged, 1 with errors",
        "specs/campaigns/c1.yaml:2:1: error: the list in brackets is not closed",
        "  hint: write ] after its last entry",
        "error: 1 problem in the specs",
    ]
    assert (specs / "campaigns" / "c1.yaml").read_text() == "campaign: [x\n"


def test_paths_that_are_not_specs(cli, tmp_path):
    """A list, a hidden file, a missing file and a file outside any project are errors."""
    specs = project(tmp_path / "specs", GATE)
    (specs / "campaigns" / ".old.yaml").write_text(GATE)
    (tmp_path / "other.yaml").write_text(GATE)
    (specs / "contacts" / "people.csv").write_text("contactId\n")
    done = cli("fmt", "specs/contacts/people.csv", "specs/campaigns/.old.yaml")
    assert (done.code, done.err.count("error: this file is not a spec\n")) == (1, 2)
    done = cli("fmt", "other.yaml")
    assert (done.code, done.err.splitlines()[0]) == (
        64,
        "error: other.yaml is not part of a project: sendspec.yaml not found in any folder above it",
    )
    assert cli("fmt", "specs/campaigns/none.yaml").err.startswith(
        "error: specs/campaigns/none.yaml: file not"
    )
    assert cli("fmt", "").code == 64


@pytest.mark.parametrize("name", ["nope.yaml", "lists/nope.CSV", "specs/campaigns/nope.yaml"])
@pytest.mark.parametrize("verb", ["fmt", "validate"])
def test_a_file_that_does_not_exist(verb, name, cli, tmp_path):
    """A name of a file is never taken for a project directory, inside and outside a project."""
    project(tmp_path / "specs", GATE)
    done = cli(verb, name)
    assert (done.code, done.err.splitlines()[0]) == (64, f"error: {name}: file not found")


def test_links(cli, tmp_path):
    """A link inside the project stays one; the file behind it is formatted. One that leaves it is refused."""
    specs = project(tmp_path / "specs", GATE)
    (specs / "shared").mkdir()
    (specs / "shared" / "text.yaml").write_text(UNSORTED.replace("gate", "shared"))
    (tmp_path / "outside.yaml").write_text(UNSORTED)
    inside, leaving = specs / "campaigns" / "a.yaml", specs / "campaigns" / "b.yaml"
    inside.symlink_to("../shared/text.yaml")
    leaving.symlink_to("../../outside.yaml")
    done = cli("fmt")
    assert (done.code, inside.is_symlink(), leaving.is_symlink()) == (1, True, True)
    assert (specs / "shared" / "text.yaml").read_text() == GATE.replace("gate", "shared")
    assert (tmp_path / "outside.yaml").read_text() == UNSORTED
    assert "specs/campaigns/b.yaml:1:1: error: the file is outside the project directory\n" in done.err


def test_a_file_that_changes_meanwhile(tmp_path):
    """A file whose content is not the one that was read is not replaced."""
    specs = project(tmp_path / "specs", GATE)
    file = SpecFile(specs / "campaigns" / "c0.yaml", "campaign", specs)
    with pytest.raises(SendspecError, match="changed while it was formatted; it was not written"):
        file.replace(UNSORTED.encode(), b"campaign: other\n")
    assert [path.name for path in (specs / "campaigns").iterdir()] == ["c0.yaml"]
    assert file.path.read_text() == GATE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written(cli, tmp_path):
    """A file without write permission stays as it is."""
    file = project(tmp_path / "specs", UNSORTED) / "campaigns" / "c0.yaml"
    file.chmod(0o440)
    done = cli("fmt")
    assert (done.code, "cannot write specs/campaigns/c0.yaml: permission denied" in done.err) == (1, True)
