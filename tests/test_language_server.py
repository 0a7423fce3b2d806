"""yaml-language-server with the schemas: an editor underlines, proposes and explains what `validate` does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bad import BAD, CAMPAIGN, SETTINGS, properties, settings, yaml
from tests.editor.language_server import installed_server, running_server
from tests.test_bad_input import project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bad import Bad
    from tests.editor.language_server import LanguageServer

ROOT = Path(__file__).resolve().parents[1]
HEADERS = {
    BAD: f"# yaml-language-server: $schema={(ROOT / 'schemas/campaign.schema.json').as_uri()}\n",
    SETTINGS: f"# yaml-language-server: $schema={(ROOT / 'schemas/project.schema.json').as_uri()}\n",
}
CHARACTERS_MAX = 10_000
"""Longer files are attacks on a parser, and the server crashes on some of them."""

_HOSTS = "only sendspec knows which hosts are allowed"
_RESULT = "the server sees the template, not its result"
_SEVERAL = "a schema checks one value, and this defect is between several"
_SIMILAR = "a schema cannot list all characters that look like others"
DIFFERENCES = {
    "properties: an id twice": _SEVERAL,
    "properties: a date that does not exist": "a schema does not count the days of a month",
    "properties: a blank published message": _RESULT,
    "properties: a time zone that does not exist": "editors accept the names of zones that are new",
    "properties: a value with a Cyrillic letter": _SIMILAR,
    "properties: a value with a dash": _SIMILAR,
    "properties: a value with a typographic quote": _SIMILAR,
    "properties: an expected number that renders words": _RESULT,
    "properties: an expected range that renders words": _RESULT,
    "settings: a foreign host": _HOSTS,
    "settings: a host that looks like the vendor's": _HOSTS,
    "settings: a port that does not exist": _HOSTS,
    "settings: a sandbox elsewhere": _HOSTS,
    "settings: an empty file": "the server does not check an empty file",
    "settings: the vendor without encryption": _HOSTS,
}
"""Files whose errors in an editor are at other lines than those of `validate`, and the reason."""

__all__ = ["project"]


def small_files(bad: Bad) -> Iterator[tuple[str, str]]:
    """Yield name and text of the YAML files of a kind of bad input, unless one is not text or is long."""
    for name, content in bad.change.items() if isinstance(bad.change, dict) else ():
        if name in HEADERS and isinstance(content, str) and len(content) <= CHARACTERS_MAX:
            yield name, content


TABLES = {"properties": properties, "settings": settings}
CASES = {
    f"{name}: {case}": (file, text)
    for name, table in TABLES.items()
    for case, bad in table.CASES.items()
    for file, text in small_files(bad)
}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LanguageServer]:
    """Yield one session for all tests of this module."""
    script = installed_server()
    if script is None:
        pytest.skip("yaml-language-server is not installed; .ci/run installs it")
    with running_server(script, tmp_path_factory.mktemp("editor")) as session:
        yield session


def errors_of_validate(cli, project: Path, file: str, text: str) -> set[int]:
    """Return the lines of the errors that `validate` reports about a file, without those of rules."""
    (project / file).write_text(text)
    done = cli("validate")
    found = re.findall(rf"^specs/{re.escape(file)}:(\d+):\d+: error: ", done.err, re.MULTILINE)
    return {int(line) for line in found}


def test_an_editor_underlines_the_lines_that_validate_reports(server, cli, project, tmp_path):
    """Each schema error of the tables of bad input is at the same lines in both, with listed exceptions."""
    sound = {BAD: CAMPAIGN, SETTINGS: "version: 1\n"}
    paths = {}
    for index, (name, (file, text)) in enumerate(CASES.items()):
        paths[name] = tmp_path / f"{index}.yaml"
        server.open(paths[name], HEADERS[file] + text)
    differences = {}
    for name, (file, text) in CASES.items():
        for other, content in sound.items():
            (project / other).write_text(content)
        expected = errors_of_validate(cli, project, file, text)
        found = {each.line - 1 for each in server.diagnostics(paths[name])}
        if found != expected:
            differences[name] = (found, expected)
    assert differences.keys() == DIFFERENCES.keys(), differences


def test_an_editor_says_what_a_value_must_be(server, tmp_path):
    """The message about a value of another form has words, not the pattern."""
    text = "campaign: Sale\nsends:\n  - {id: a, endpoint: contacts, notAfter: 2036-01-01}\n"
    server.open(tmp_path / "file.yaml", HEADERS[BAD] + text)
    messages = {each.message for each in server.diagnostics(tmp_path / "file.yaml")}
    assert "This must be a lower-case name such as spring-sale." in messages
    assert "This must be a date and time with an offset, such as 2036-03-20T14:00:00-04:00." in messages


def test_an_editor_reports_what_is_not_yaml(server, tmp_path):
    """A file of the table of bad YAML has an error in an editor, unless YAML itself allows it."""
    allowed = {"an anchor", "an alias", "a directive", "two documents", "an empty file", "only a comment"}
    files = {case: text for case, bad in yaml.CASES.items() for name, text in small_files(bad) if name == BAD}
    for index, text in enumerate(files.values()):
        server.open(tmp_path / f"{index}.yaml", HEADERS[BAD] + text)
    silent = {case for index, case in enumerate(files) if not server.diagnostics(tmp_path / f"{index}.yaml")}
    assert silent == allowed


def good_files() -> list[Path]:
    """Return the campaigns and settings of the example and of the projects for tests."""
    folders = [ROOT / "specs", ROOT / "tests" / "good", *sorted((ROOT / "tests" / "rules").glob("*/good*"))]
    return [path for folder in folders for path in sorted(folder.rglob("*.yaml"))]


def test_an_editor_accepts_every_valid_file(server):
    """The example, the good projects and the good cases of the rules have no error in an editor."""
    files = good_files()
    for path in files:
        text = path.read_text(encoding="utf-8")
        own = text.startswith("# yaml-language-server")
        header = "" if own else HEADERS[SETTINGS if path.name == SETTINGS else BAD]
        server.open(path, header + text)
    assert {path: found for path in files if (found := server.diagnostics(path))} == {}
    assert len(files) > 100


def test_an_editor_finds_the_schemas_of_a_new_project(server, cli, tmp_path):
    """The files of `init` name schemas beside them: valid, and explained without a network."""
    cli("init")
    campaign, project = tmp_path / "specs/campaigns/spring-sale.yaml", tmp_path / "specs/sendspec.yaml"
    for path, word in ((campaign, "matrix:"), (project, "exclude:")):
        text = path.read_text(encoding="utf-8")
        server.open(path, text)
        assert server.diagnostics(path) == []
        lines = text.splitlines()
        line = next(index for index, each in enumerate(lines) if each.strip() == word)
        assert "Source: [" in server.hover(path, line, lines[line].index(word) + 2)


SEND = """\
campaign: sale
purpose: marketing
sends:
  - id: one
    endpoint: contacts
"""


def place(text: str) -> tuple[str, int, int]:
    """Return a text without its `|`, and the line and column of that mark."""
    before, _, after = text.partition("|")
    return before + after, before.count("\n"), len(before) - (before.rfind("\n") + 1)


@pytest.fixture
def complete(server, tmp_path):
    """Return a function that completes at the `|` of a text."""

    def completed(file: str, text: str) -> Mapping[str, str]:
        text, line, column = place(HEADERS[file] + text)
        server.open(tmp_path / "file.yaml", text)
        return server.complete(tmp_path / "file.yaml", line, column)

    return completed


@pytest.fixture
def hover(server, tmp_path):
    """Return a function that points at the `|` of a text."""

    def shown(file: str, text: str) -> str:
        text, line, column = place(HEADERS[file] + text)
        server.open(tmp_path / "file.yaml", text)
        return server.hover(tmp_path / "file.yaml", line, column)

    return shown


def test_an_editor_proposes_the_properties_of_the_endpoint(complete):
    """A send has the properties of its endpoint, in the order in which people write them."""
    contacts = [*complete(BAD, f"{SEND}    |")]
    assert {"channelQualifier", "content", "contacts", "databaseFields", "notBefore"} <= {*contacts}
    assert not {"contactSourceId", "publishedMessageId", "id", "endpoint"} & {*contacts}
    assert contacts.index("content") < contacts.index("contacts") < contacts.index("allow")
    source = complete(BAD, f"{SEND.replace('contacts', 'contact-source')}    |")
    assert {"contactSourceId", "publishedMessageId", "scheduledDate"} <= source.keys()
    assert not {"channelQualifier", "content", "contacts"} & source.keys()


@pytest.mark.parametrize(
    ("file", "text", "label", "documentation"),
    [
        (BAD, "campaign: a\npurpose: |", "marketing", "Advertises something."),
        (BAD, "campaign: a\nsends:\n  - endpoint: |", "external-consent", "does not check their consent"),
        (BAD, f"{SEND}    allow:\n      - rule: |", "quiet-hours", "A marketing text arrives at night"),
        (BAD, f"{SEND}    con|", "contacts", "Recipients: a list of contacts"),
        (SETTINGS, "version: 1\nrules:\n  |", "state-hours", "outside the hours of its state"),
        (SETTINGS, "version: 1\nrules:\n  |", "people", "reach the wrong recipients"),
        (SETTINGS, "version: 1\nrules:\n  quiet-hours: |", "off", "Disables the rule."),
        (SETTINGS, "version: 1\nrules:\n  quiet-hours:\n    |", "purposes", "The purposes of campaigns"),
        (SETTINGS, "version: 1\nrules:\n  overlap:\n    purpose: |", "any", "Transactional texts count"),
        (SETTINGS, "version: 1\ntargets:\n  a:\n    pod: |", "eu-1", "api-campaign-eu-1.goacoustic.com"),
        (SETTINGS, "version: 1\ntargets:\n  a:\n    ledger: |", "git", ""),
    ],
)
def test_an_editor_proposes_values_with_descriptions(file, text, label, documentation, complete):
    """Names of rules, levels, options and enumerated values are proposed, each with its meaning."""
    assert documentation in str(complete(file, text)[label].get("documentation", ""))


@pytest.mark.parametrize(
    ("file", "text", "shown"),
    [
        (BAD, f'{SEND}    channel|Qualifier: "1"\n', ["id of the SMS program", '```yaml\n"148372"']),
        (BAD, "campaign: a\npurpose: mark|eting\n", ["`transactional`: Answers something"]),
        (
            SETTINGS,
            "version: 1\nrules:\n  late-|send: error\n",
            ["Nothing stops an immediate", "`warning`:"],
        ),
        (SETTINGS, "version: 1\nrules:\n  overlap: {with|in: 24h}\n", ["such as 90m, 24h or 7d"]),
    ],
)
def test_an_editor_explains_a_property(file, text, shown, hover):
    """A property shows its description, an example and the meaning of its values."""
    found = hover(file, text)
    assert [part for part in shown if part not in found] == []
