"""Completion of a shell: proposals for names, without an error, a query or a call of the network."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from click.shell_completion import CompletionItem

from sendspec.cli._lib.project_directory import DEFAULT_DIRECTORY, nearest_project
from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import click

VARIABLE: Final = "_SENDSPEC_COMPLETE"
"""Variable of the environment with which the script of a shell asks for proposals, as click names it."""

_SAFE: Final = lazy_pattern(r"[\w./\[\],+@#:=%-]+")
"""Names without characters that a shell would expand or execute, because it inserts them without quotes."""


def answer(run: Callable[[], object]) -> int:
    """Return the exit code of a run that answers a shell; it writes nothing to standard error."""
    with Path(os.devnull).open("w", encoding="utf-8") as null:
        sys.stderr = null
        try:
            run()
        except SystemExit as end:
            return int(end.code or 0)
        except Exception:  # noqa: BLE001 - a person is typing, and the verb itself reports the error later
            return 1
        finally:
            sys.stderr = sys.__stderr__ or null
    return 0


def complete_target(context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return the targets of the project."""
    from sendspec.cli._lib.project_names import target_names

    return _matching(target_names(_directory(context)), start)


def complete_send(context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return campaigns, and the addresses of a campaign as soon as only one matches."""
    return _matching(_campaigns_or_addresses(_directory(context), start), start)


def complete_request(context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return the requests whose outcome is unknown; if none is known here, campaigns and addresses."""
    from sendspec.cli._lib.project_names import open_requests

    directory = _directory(context)
    requests = open_requests(directory, str(context.params.get("target_name") or "sandbox"))
    return _matching(requests or _campaigns_or_addresses(directory, start), start)


def complete_rule(_context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return rules and groups with their summaries, which the schema for editors has too."""
    from sendspec.shipped_schemas import schema_text

    settings = json.loads(schema_text("project"))["properties"]["rules"]["properties"]
    return [
        CompletionItem(name, help=setting["description"])
        for name, setting in settings.items()
        if name.startswith(start)
    ]


def complete_schema(_context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Return the names of the schemas."""
    from sendspec.shipped_schemas import NAMES

    return _matching(NAMES, start)


def complete_directory(
    _context: click.Context, _parameter: click.Parameter, start: str
) -> list[CompletionItem]:
    """Let the shell complete folders."""
    return [CompletionItem(start, type="dir")]


def complete_file(_context: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Let the shell complete files."""
    return [CompletionItem(start, type="file")]


def _campaigns_or_addresses(directory: Path, start: str) -> Iterator[str]:
    from sendspec.cli._lib.project_names import addresses, campaign_files

    name, slash, _ = start.partition("/")
    files = campaign_files(directory)
    found = {campaign: path for campaign, path in files.items() if campaign.startswith(name)}
    if slash:
        found = {name: files[name]} if name in files else {}
    else:
        yield from found
    if len(found) == 1:
        [(campaign, path)] = found.items()
        yield from addresses(campaign, path)


def _directory(context: click.Context) -> Path:
    """Return the project directory of a command line that is being typed."""
    # click leaves the arguments before an option without its value in `args`.
    named = (*context.args, context.params.get("directory"), nearest_project())
    folders = [Path(name) for name in named if isinstance(name, str)]
    return next((each for each in folders if (each / "sendspec.yaml").is_file()), Path(DEFAULT_DIRECTORY))


def _matching(names: Iterable[str], start: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(start) and _SAFE.fullmatch(name)]
