"""Locations of parts of texts: the character in the file, however YAML writes the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.projects import project

WRITTEN = {
    "double quotes": ('    content: "Hi [NAME], welcome"\n', 7, 18),
    "single quotes": ("    content: 'Hi [NAME], it''s you'\n", 7, 18),
    "plain": ("    content: Hi [NAME] welcome\n", 7, 17),
    "literal": ("    content: |-\n      Acme\n      Hi [NAME]\n", 9, 10),
    "literal with a comment": ("    content: |- # for [NAME]\n      Hi [NAME]\n", 8, 10),
    "folded": ("    content: >-\n      Acme: one\n      two [NAME]\n", 9, 11),
    "two plain lines": ("    content: Hi\n      dear [NAME] we\n", 8, 12),
    "two quoted lines": ('    content: "Hi\n      dear [NAME]"\n', 8, 12),
    "escapes before": ('    content: "Hi\\n\\u0041 [NAME]"\n', 7, 26),
    "carriage returns": ("    content: |-\r\n      Acme\r\n      Hi [NAME]\r\n", 9, 10),
    "emoji before": ('    content: "\U0001f600 [NAME]"\n', 7, 17),
    "the second tag": ('    content: "{{ [1, 2][0] }} Hi [NAME]"\n', 7, 34),
    "an escape inside": ('    content: "Hi \\x5bNAME]"\n', 7, 14),
    "a fold inside": ("    content: Hi\n      [FIRST\n      NAME]\n", 8, 7),
    "a computed text": ("    content: \"Hi {{ '[' ~ 'NAME]' }}\"\n", 7, 14),
    "in a loop": ('    content: "{% for n in [1, 2] %}Hi [NAME]{% endfor %}"\n', 7, 14),
}


def locations(cli) -> list[tuple[str, int, int]]:
    report = json.loads(cli("validate", "--format", "json").out)["findings"]
    return [
        (each["file"], each["line"], each["column"])
        for each in report
        if each["reason"] in {"placeholder", "unfinished"}
    ]


def with_text(lines: str, vars_of_campaign: str = "", settings: str = "version: 1\n") -> None:
    campaign = (
        f"campaign: order\npurpose: transactional\n{vars_of_campaign}sends:\n  - id: ready\n"
        f'    endpoint: external-consent\n    channelQualifier: "148372"\n{lines}'
        '    contacts: [{phoneNumber: "12125550101"}]\n'
    )
    directory = project(Path("specs"), settings=settings)
    (directory / "campaigns" / "c0.yaml").write_text(campaign, encoding="utf-8", newline="")


@pytest.mark.parametrize(("lines", "line", "column"), WRITTEN.values(), ids=WRITTEN)
def test_a_finding_is_at_its_character(lines, line, column, cli):
    """The location is that of the first character; it is the text if escapes or templates hide it."""
    with_text(lines)
    assert locations(cli) == [("specs/campaigns/c0.yaml", line, column)]


VARIABLES = {
    "of the campaign": ("vars: {a: 'see [NAME]'}\n", "version: 1\n", "campaigns/c0.yaml", 3, 16),
    "of the project": ("", "version: 1\nvars:\n  a: see [NAME]\n", "sendspec.yaml", 3, 10),
    "of the target": (
        "vars: {a: 'see [NAME]'}\n",
        "version: 1\ntargets:\n  sandbox:\n    vars: {a: '[NAME]'}\n",
        "sendspec.yaml",
        4,
        16,
    ),
    "not of another one": (
        "vars: {b: '[NAME]', a: 'see [NAME]'}\n",
        "version: 1\nvars: {c: '[NAME]'}\n",
        "campaigns/c0.yaml",
        3,
        29,
    ),
}


@pytest.mark.parametrize("case", VARIABLES.values(), ids=VARIABLES)
def test_a_finding_in_a_variable_is_at_the_variable(case, cli):
    """The variable is the one that the text uses, and that overrides others."""
    variables, settings, file, line, column = case
    with_text('    content: "Hi, {{ a }}"\n', variables, settings)
    assert locations(cli) == [(f"specs/{file}", line, column)]


def test_a_finding_in_a_value_of_the_matrix_is_at_the_value(cli):
    """One of two sends of a matrix has the placeholder, in its own value."""
    with_text('    matrix: {who: [Ann, TBD]}\n    content: "Hi {{ who }}"\n')
    assert locations(cli) == [("specs/campaigns/c0.yaml", 7, 25)]
