"""Hostile specs, lists and names of files in every format: each reader of a format finds only text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import html5lib
import pytest

from sendspec.report.formats import PLAN_FORMAT_NAMES
from tests.oracles.markdown import Shown
from tests.oracles.runner import read_log
from tests.projects import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (
    "<x-hostile onload=a></x-hostile><img src=//hostile.example>![a](//hostile.example) @hostile #4711 "
    "https://hostile.example ::error::hostile ##[error]hostile `x` $x$ $y$ | a | <!-- --> &lt; :hostile: "
    "deadbee7 </script></style></textarea> \u202egnihton\u200b"
)
SPEC = """\
campaign: {name}
purpose: marketing
owner: {text}
ticket: {text}
description: {text}
sends:
  - id: note
    endpoint: contacts
    channelQualifier: "148372"
    campaignName: {text}
    content: {text}
    allow:
      - {{rule: link, reason: {text}, until: 2036-01-01}}
    contacts:
      file: {list}
      columns: {{contactId: phone, personalization: {{A: {text}}}}}
    personalizationDefaults: {{A: {text}}}
"""
OWN_COMMANDS = {"error", "warning", "notice"}
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u202e]")
"""Characters of the project that no reader may get, because they hide or reorder others."""

PASSIVE = {"href", "src", "action", "formaction", "srcdoc", "poster", "data", "xlink:href"}


def in_terminal(text: str) -> None:
    """Check text and JSON in the log of a step."""
    assert read_log(text) == []
    assert not HIDDEN.search(text)


def in_json(text: str) -> None:
    in_terminal(text)
    assert json.loads(text)


def in_runner(text: str) -> None:
    commands = read_log(text)
    assert len(commands) == len(text.splitlines())
    assert not HIDDEN.search("".join(command.data for command in commands))
    assert {command.name for command in commands} <= OWN_COMMANDS
    assert not any("hostile" in command.properties["title"] for command in commands)


def in_comment(text: str) -> None:
    shown = Shown(text)
    assert not {"img", "script", "style", "iframe", "x-hostile"} & set(shown.elements)
    assert shown.references == []
    assert "hostile" in shown.text
    assert not HIDDEN.search(shown.text)
    assert not any("hostile" in value for value in shown.attributes)


def in_browser(page: str) -> None:
    root = html5lib.parse(page, namespaceHTMLElements=False)
    assert root.find(".//x-hostile") is None
    for element in root.iter():
        for name, value in element.items() if isinstance(element.tag, str) else ():
            assert not name.startswith("on"), element.tag
            assert name not in PASSIVE or "hostile" not in value, element.tag
    text = "".join(root.itertext())
    assert "hostile" in text
    assert not HIDDEN.search(text)


READERS: dict[str, Callable[[str], None]] = {
    "text": in_terminal,
    "json": in_json,
    "sarif": in_json,
    "github": in_runner,
    "markdown": in_comment,
    "html": in_browser,
}
"""The reader of each format; a new format needs one."""


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """Return a project whose every free text, name of a file and value is hostile."""
    settings = "version: 1\nrules: {fictional-number: off, quiet-hours: warning}\n"
    folder = project(tmp_path / "specs", settings=settings)
    text, name = json.dumps(TEXT), "##[error]@hostile <img> ![a](b).csv"
    (folder / "contacts" / name).write_text(f"phone,{TEXT}\n12125550147,\x1b[31m{TEXT}\n4711,\n")
    listed = json.dumps(f"../contacts/{name}")
    for number in range(3):
        spec = SPEC.format(name=f"c{number}", text=text, list=listed)
        (folder / "campaigns" / f"::error::@hostile {number}<img>.yaml").write_text(spec)
    return folder


@pytest.mark.parametrize("verb", ["plan", "validate"])
@pytest.mark.parametrize("is_readable", [True, False], ids=["readable", "unreadable"])
def test_every_format_shows_only_text(verb: str, is_readable: bool, specs: Path, cli, tmp_path: Path) -> None:  # noqa: FBT001
    """All formats of one run are read as their readers do, of specs that can be read and of others."""
    if not is_readable:
        for file in (specs / "campaigns").iterdir():
            file.write_text(file.read_text() + f"{json.dumps(TEXT)}: {json.dumps(TEXT)}\n")
    names = PLAN_FORMAT_NAMES if verb == "plan" else ("text", "json", "github", "sarif")
    done = cli(verb, *[word for name in names for word in ("--format", f"{name}={name}.out")])
    assert done.code == (3 if is_readable else 1), done.err
    in_terminal(done.err)
    for name in names:
        file = tmp_path / f"{name}.out"
        if is_readable or file.exists():
            READERS[name](file.read_text())
