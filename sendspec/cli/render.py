"""`sendspec render`: the exact requests, one JSON line each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import open_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.audience import ExcludeLists
    from sendspec.model import Send
    from sendspec.selection import Selection


@click.command("render")
@options.directory_argument
@options.target_option
@options.send_option
@options.contacts_directory_option
@options.output_option
def command(
    directory: str,
    target_name: str,
    selection: Selection,
    contacts_directory: str | None,
    output: str | None,
) -> int:
    """Print the exact requests, one JSON line each.

    The bodies are complete: this is the only verb that prints phone numbers and values unmasked.
    """
    from sendspec.audience import ExcludeLists
    from sendspec.plan import check_selection
    from sendspec.render import render
    from sendspec.report.escape.json_text import escape_json

    project, target = open_project(directory, target_name, selection, contacts_directory)
    all_sends = render(project, target, selection)
    check_selection(selection, [send.address for send in all_sends], project, "the specs")
    sends = [send for send in all_sends if selection.includes(send.address)]
    console, lists = Console(), ExcludeLists()
    if output is None:
        # A terminal or a CI service executes some characters, so there they are JSON escapes.
        escaped = sys.stdout.isatty() or in_ci()
        for line in (line for send in sends for line in _lines(send, lists)):
            if not console.write_data(escape_json(line) if escaped else line):
                break
    else:
        console.write_data("".join(line for send in sends for line in _lines(send, lists)), output)
    return 0


def _lines(send: Send, lists: ExcludeLists) -> Iterator[str]:
    from sendspec.audience import batches
    from sendspec.render import BodyTemplate, encode, request_path

    path, template = f"/rest{request_path(send)}", BodyTemplate.of(send)
    bodies = (
        [(1, template.body(b""))]
        if send.contacts is None
        else ((batch.number, template.body(batch.lines)) for batch in batches(send, lists))
    )
    for number, body in bodies:
        # The body is inserted unparsed, so that the printed bytes are the sent bytes.
        head = encode({"address": f"{send.address}#{number}", "method": "POST", "path": path}).decode()
        yield f'{head[:-1]},"body":{body.decode()}}}\n'
