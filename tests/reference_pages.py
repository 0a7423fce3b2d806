"""Pages that are generated from the schemas and from click: docs/reference/specs.md and commands.md."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sendspec.cli import VERBS, commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "reference"

_SENDS: Final = ("contact-source-send", "contacts-send", "external-consent-send")
_PARTS: Final = (
    "contacts",
    "columns",
    "external-columns",
    "expected",
    "audience",
    "source-audience",
    "allowance",
)
_SPECS: Final = """\
The tables are those of the JSON Schemas, which `sendspec schema NAME` prints.
[The spec format](../spec-format.md) explains how the properties work together. A description that starts
with API is of a property of the vendor's API, under its own name.
"""
_COMMANDS: Final = """\
`sendspec VERB --help` prints the same. [The command line](../command-line.md) explains how the verbs
behave in scripts and in CI.
"""
_NOTE: Final = "<!-- `python -m tests.reference` writes this page. -->\n"


def specs_page() -> str:
    """Return the tables of every property of sendspec.yaml and of a campaign."""
    campaign, project = (_schema(name) for name in ("campaign", "project"))
    parts = [
        f"{_NOTE}\n# Properties of the specs\n",
        _SPECS,
        f"## sendspec.yaml\n\n{_table(project, project)}\n",
        f"## A target\n\n{_table(project['$defs']['target'], project)}\n",
        f"## A campaign\n\n{_table(campaign, campaign)}\n",
    ]
    for name in _SENDS:
        schema = campaign["$defs"][name]
        title = name.removesuffix("-send")
        parts.append(f"## A send of {title}\n\n{schema['description']}\n\n{_table(schema, campaign)}\n")
    for name in _PARTS:
        schema = campaign["$defs"][name]
        parts.append(f"## {name}\n\nIt is {schema['title']}.\n\n{_table(schema, campaign)}\n")
    return "\n".join(parts)


def commands_page() -> str:
    """Return the arguments and options of every verb."""
    parts = [
        f"{_NOTE}\n# Commands\n",
        _COMMANDS,
    ]
    for verb in VERBS:
        command = import_module(f"sendspec.cli.{verb}").command
        parts += _command(f"sendspec {verb}", command)
    return "\n".join(parts)


def _command(name: str, command: click.Command) -> Iterator[str]:
    # A command keeps the help option of its first context, so it needs the settings of all verbs here, too.
    context = click.Context(command, info_name=name, **commands.context_settings)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    # The character keeps the lines of a paragraph on a terminal.
    help_lines = (command.help or "").replace("\b\n", "").strip().splitlines()
    help_text = "\n".join(line.strip() for line in help_lines)
    rows = [
        f"| `{_cell(', '.join(parameter.opts) + _metavar(parameter))}` | {_cell(parameter.help or '')} |"
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
    ]
    table = "\n".join(["", "| option | |", "|---|---|", *rows, ""]) if rows else ""
    yield f"## {name}\n\n```sh\n{usage}\n```\n\n{help_text}\n{table}"
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from _command(f"{name} {child.name}", child)


def _metavar(option: click.Option) -> str:
    return "" if option.is_flag or not option.metavar else f" {option.metavar}"


def _schema(name: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads(
        (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return value


def _table(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    rows = [
        f"| `{name}`{_required(name, schema)} | {_description(part, root)} | {_example(part, root)} |"
        for name, part in schema["properties"].items()
    ]
    return "\n".join(["| property | meaning | example |", "|---|---|---|", *rows])


def _required(name: str, schema: Mapping[str, Any]) -> str:
    return " (required)" if name in schema.get("required", ()) else ""


def _description(part: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    text = _keyword("description", part, root) or _keyword("title", part, root) or ""
    values = _keyword("enum", part, root)
    if isinstance(values, list):
        meanings = _keyword("enumDescriptions", part, root) or [""] * len(values)
        text += " " + " ".join(
            f"`{value}`: {meaning}" for value, meaning in zip(values, meanings, strict=True)
        )
    return _cell(text.strip())


def _example(part: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    examples = _keyword("examples", part, root)
    return f"`{_cell(json.dumps(examples[0], ensure_ascii=False))}`" if examples else ""


def _keyword(name: str, part: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """Return a keyword of a schema, or of the definition that it refers to."""
    if name in part:
        return part[name]
    reference = part.get("$ref", "")
    return _keyword(name, root["$defs"][reference.removeprefix("#/$defs/")], root) if reference else None


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write() -> None:
    """Write both pages."""
    (FOLDER / "specs.md").write_text(specs_page(), encoding="utf-8")
    (FOLDER / "commands.md").write_text(commands_page(), encoding="utf-8")
