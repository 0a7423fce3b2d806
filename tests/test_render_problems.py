"""Problems of rendering, with location, message and hint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sendspec.errors import SpecError
from sendspec.render import render
from sendspec.structs import replace
from tests.rendering import SPECS, contacts, project, sends_of, single_send, source

BAD = {
    "an unknown name": (contacts(content="'{{ nme }}'"), 9, "'nme' is undefined", "known names: campaign"),
    "a later line of a text": (
        contacts(content="|-\n      one\n      {{ nme }}"),
        9,
        "'nme' is undefined, in line 2 of the text",
        None,
    ),
    "not a template": (contacts(content="'{{ a'"), 9, "template syntax error", "{% raw %}"),
    "a default": (contacts(personalizationDefaults="\n      A: '{{ x }}'"), 12, "'x' is undefined", None),
    "a contact": (contacts(contacts="\n      - contactId: '{{ x }}'"), 11, "'x' is undefined", None),
    "a column": (
        contacts(contacts="\n      file: ../c.csv\n      columns:\n        contactId: '{{ x }}'"),
        13,
        "'x' is undefined",
        None,
    ),
    "a reason": (contacts(allow="\n      - {rule: a, reason: '{{ x }}'}"), 12, "'x' is undefined", None),
    "not an integer": (
        contacts(ttlInMinutes="'{{ 1.5 }}'"),
        11,
        "'ttlInMinutes' must be an integer, but the template renders '1.5'",
        None,
    ),
    "an integer over 64 bits": (
        source(contactSourceId="'{{ 9 }}99999999999999999{{ 9 }}'"),
        10,
        "9223372036854775807",
        None,
    ),
    "an integer of 20 digits": (
        source(contactSourceId="'{{ 9 }}9999999999999999999'"),
        10,
        "must be an integer",
        None,
    ),
    "a negative integer": (source(preBlockingHours="'{{ -1 }}'"), 10, "'preBlockingHours'", None),
    "not a boolean": (
        contacts(characterSwapEnabled="'{{ 1 }}'"),
        11,
        "'characterSwapEnabled' must be true or false, but the template renders '1'",
        None,
    ),
    "a required text that comes out empty": (
        contacts(channelQualifier="\"{{ '' }}\""),
        8,
        "'channelQualifier'",
        None,
    ),
    "no id for the path": (
        source(publishedMessageId="\"{{ '' }}\""),
        8,
        "'publishedMessageId' must be the id",
        None,
    ),
    "a blank id for the path": (
        source(publishedMessageId="' '"),
        8,
        "'publishedMessageId' must be the id",
        None,
    ),
    "a dot for the path": (source(publishedMessageId="."), 8, "is not a UUID: '.'", None),
    "dots for the path": (source(publishedMessageId="'..'"), 8, "is not a UUID: '..'", None),
    "a text that is not a UUID": (contacts(contentId="nope"), 11, "'contentId' is not a UUID", None),
    "a control character": (
        contacts(content="'{{ \"\\x07\" }}'"),
        9,
        "'content' contains the character U+0007",
        "remove it",
    ),
    "half a character": (
        contacts(content="'{{ \"\\ud83d\" }}'"),
        9,
        "U+D83D, which cannot be sent",
        "remove it",
    ),
    "a line break in a name": (
        source(messageName="|\n      hi"),
        9,
        "'messageName' contains a line break",
        "|-",
    ),
    "a line break in a file": (
        contacts(contacts="\n      file: |\n        ../c.csv"),
        11,
        "'file' contains a line break or a tab",
        "|-",
    ),
    "a date-time without offset": (
        contacts(notBefore="2036-12-01T14:00:00"),
        11,
        "'notBefore' has no offset",
        "2026-12-01T14:00:00-05:00",
    ),
    "a day instead of a date-time": (
        contacts(notAfter="2036-12-01"),
        11,
        "'notAfter' is not a date-time",
        "a date, a time and an offset",
    ),
    "an instant that does not exist": (
        contacts(notAfter="2036-02-30T14:00:00Z"),
        11,
        "does not exist",
        "check month",
    ),
    "a date-time before year 1": (
        contacts(notAfter="0001-01-01T00:00:00+10:00"),
        11,
        "does not exist",
        None,
    ),
    "an offset that does not exist": (
        contacts(notAfter="2036-02-20T14:00:00+25:00"),
        11,
        "does not exist",
        None,
    ),
    "another format of a date-time": (contacts(notAfter="20361201T140000Z"), 11, "is not a date-time", None),
    "a day that does not exist": (
        contacts(allow="[{rule: a, reason: b, until: 2036-02-30}]"),
        11,
        "'until' does not exist",
        None,
    ),
    "a naive end of an exception": (
        contacts(allow="\n      - {rule: a, reason: b, until: '2036-02-20T00:00:00'}"),
        12,
        "'until' has no offset",
        None,
    ),
    "no file": (
        contacts(contacts="{file: ../c.cvs}"),
        10,
        "the file does not exist: '../c.cvs'",
        "did you mean 'c.csv'?",
    ),
    "an empty file name": (contacts(contacts="{file: \"{{ '' }}\"}"), 10, "'file' is empty", None),
    "an absolute file": (
        contacts(contacts="{file: /etc/passwd}"),
        10,
        "a path must not be absolute",
        "../contacts/",
    ),
    "a drive": (contacts(contacts="{file: 'C:/c.csv'}"), 10, "a path must not be absolute", None),
    "a backslash": (contacts(contacts="{file: '..\\c.csv'}"), 10, "a path must contain / instead of", None),
    "a file outside": (
        contacts(contacts="{file: ../../outside.csv}"),
        10,
        "the file is outside the project directory",
        None,
    ),
    "a missing file outside": (contacts(contacts="{file: ../../none.csv}"), 10, "../../none.csv", None),
    "a symlink out": (
        contacts(contacts="{file: ../out.csv}"),
        10,
        "the file is outside the project directory",
        None,
    ),
    "a folder that leads out": (
        contacts(contacts="{file: ../outer/outside.csv}"),
        10,
        "outside the project",
        None,
    ),
    "a symlink to itself": (contacts(contacts="{file: ../loop.csv}"), 10, "../loop.csv", None),
    "a folder": (
        contacts(contacts="{file: ../campaigns}"),
        10,
        "this is not a regular file: '../campaigns'",
        None,
    ),
    "a pipe": (contacts(contacts="{file: ../pipe}"), 10, "this is not a regular file: '../pipe'", None),
    "a name that is too long": (
        contacts(contacts=f"{{file: {'x' * 300}}}"),
        10,
        "cannot find the file",
        None,
    ),
    "a null character in a name": (contacts(contacts="{file: '{{ \"a\\0b\" }}'}"), 10, "U+0000", None),
}


@pytest.mark.parametrize(("properties", "line", "message", "hint"), BAD.values(), ids=BAD)
def test_problems(tmp_path: Path, properties: str, line: int, message: str, hint: str | None) -> None:
    """A send that cannot be rendered is one problem with location and hint."""
    (tmp_path / "outside.csv").write_text("phone\n")
    directory = tmp_path / "specs"
    directory.mkdir()
    (directory / "c.csv").write_text("contactId\n12125550101\n")
    (directory / "out.csv").symlink_to(tmp_path / "outside.csv")
    (directory / "outer").symlink_to(tmp_path, target_is_directory=True)
    (directory / "loop.csv").symlink_to(directory / "loop.csv")
    os.mkfifo(directory / "pipe")
    specs = single_send(directory, properties)
    with pytest.raises(SpecError) as caught:
        render(specs, specs.targets["sandbox"])
    [problem] = caught.value.problems
    assert message in problem.message
    assert (problem.location.file, problem.location.line) == (
        (directory / "campaigns/c.yaml").as_posix(),
        line,
    )
    assert hint is None or hint in (problem.hint or "")
    assert not problem.message.endswith(".")


def test_suggestions_stay_inside_the_project(tmp_path: Path) -> None:
    """The hint about a misspelt file never names a file outside the project directory."""
    (tmp_path / "private.csv").touch()
    (tmp_path / "specs").mkdir()
    specs = single_send(tmp_path / "specs", contacts(contacts="{file: ../../privat.csv}"))
    with pytest.raises(SpecError) as caught:
        sends_of(specs, "sandbox")
    assert not any("private.csv" in str(problem) for problem in caught.value.problems)


def test_all_problems_together(tmp_path: Path) -> None:
    """All problems of all sends are reported together, each once, sorted by location."""
    campaign = SPECS["campaigns/spring-sale.yaml"]
    campaign = campaign.replace("{{ campaign }}-teaser", "{{ campain }}").replace(
        "vip-{{ locale }}", "{{ locale }}"
    )
    campaign = campaign.replace("{{ cities[locale] }}", "{{ cities.de }}").replace(
        "2036-12-01T00:00:00Z", "soon"
    )
    gate = SPECS["campaigns/gate-change.yaml"].replace("{{ gate }}", "{{ gat }}")
    specs = project(tmp_path, **{"campaigns/spring-sale.yaml": campaign, "campaigns/gate-change.yaml": gate})
    with pytest.raises(SpecError) as caught:
        sends_of(specs)
    lines = [
        f"{Path(location.file).stem}:{location.line}: {message}"
        for location, message, _ in caught.value.problems
    ]
    assert lines == [
        "gate-change:11: 'gat' is undefined",
        "spring-sale:10: 'campain' is undefined",
        "spring-sale:18: 'de' not found in a mapping",
        "spring-sale:20: the file does not exist: '../lists/en.csv'",
        "spring-sale:20: the file does not exist: '../lists/fr.csv'",
        "spring-sale:26: 'notBefore' is not a date-time: 'soon'",
    ]


def test_work_limit_of_a_campaign(tmp_path: Path) -> None:
    """Templates that exceed the limit only together are one problem, at the campaign."""
    variables = f"{{long: {'x' * 8000}}}"
    matrix = f"{{n: {list(range(1000))}}}"
    specs = single_send(
        tmp_path, contacts(matrix=matrix, content="'" + "{{ long }}" * 5 + "'", source="'{{ x }}'"), variables
    )
    with pytest.raises(SpecError) as caught:
        sends_of(specs, "sandbox")
    lines = [(problem.location.line, problem.message) for problem in caught.value.problems]
    assert [line for line, _ in lines] == [1, 12]
    assert lines[0][1] == "the templates of this campaign exceed the limit of 20,000,000 steps of work"


def test_repeated_addresses(tmp_path: Path) -> None:
    """Two sends with one address are a problem even if they were not loaded from files."""
    specs = project(tmp_path)
    campaign = specs.campaigns[0]
    twice = replace(specs, campaigns=(replace(campaign, sends=campaign.sends * 2),))
    with pytest.raises(SpecError) as caught:
        sends_of(twice)
    assert "the address gate-change/now" in caught.value.problems[0].message
