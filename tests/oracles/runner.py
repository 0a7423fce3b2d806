"""What the runner of GitHub Actions, and the agent of Azure Pipelines, take for a command in a log.

Written after the rules of actions/runner, src/Runner.Common/ActionCommand.cs, as of 2026-11. Every name
counts as that of a command, because runners register more of them over time.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SPACE = "".join(
    map(chr, [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029])
) + "\u202f\u205f\u3000"  # fmt: skip


class Command(NamedTuple):
    """A command as the runner reads it."""

    name: str
    properties: dict[str, str]
    data: str


def read_command(line: str) -> Command | None:
    """Return the command in a line, None if it is only text."""
    return _with_colons(line) or _with_brackets(line)


def read_log(text: str) -> list[Command]:
    """Return the commands in a log; the runner ends a line at a line feed and at a carriage return."""
    return [command for line in re.split("\r\n|\r|\n", text) if (command := read_command(line))]


def _with_colons(line: str) -> Command | None:
    line = line.lstrip(_SPACE)
    if not line.startswith("::") or (end := line.find("::", 2)) < 0:
        return None
    name, _, written = line[2:end].partition(" ")
    properties = {}
    for part in filter(None, written.strip(_SPACE).split(",")):
        key, _, value = part.lstrip("=").partition("=")
        if key and (value := value.lstrip("=")):
            properties[key] = _decoded(value, ("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","))
    return Command(name, properties, _decoded(line[end + 2 :], ("%0D", "\r"), ("%0A", "\n")))


def _with_brackets(line: str) -> Command | None:
    found = re.search(r"##\w*\[([^\]]*)\]", line)
    return found and Command(found[1].partition(" ")[0], {}, line[found.end() :])


def _decoded(text: str, *codes: tuple[str, str]) -> str:
    for code, char in (*codes, ("%25", "%")):
        text = text.replace(code, char)
    return text


class OutputFileError(Exception):
    """A file of outputs that the runner refuses as a whole."""


def read_outputs(content: str) -> dict[str, str]:
    """Return the outputs in a file of `$GITHUB_OUTPUT`, as src/Runner.Worker/FileCommandManager.cs does.

    Raises:
        OutputFileError: the runner fails the step because of the file.
    """
    outputs: dict[str, str] = {}
    lines = iter(content.removesuffix("\n").split("\n") if content else [])
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if not line:
            continue
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            outputs[line[:equals]] = line[equals + 1 :]
        elif heredoc > 0 and (delimiter := line[heredoc + 2 :]):
            value = []
            for inner in lines:
                if inner == delimiter:
                    break
                value.append(inner)
            else:
                raise OutputFileError(delimiter)
            outputs[line[:heredoc]] = "\n".join(value)
        else:
            raise OutputFileError(line)
    return outputs
