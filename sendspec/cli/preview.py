"""`sendspec preview`: the plan as a page in a browser, made again when a file changes."""

from __future__ import annotations

import traceback
import webbrowser
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.errors import SendspecError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.model import Plan
    from sendspec.selection import Selection


@click.command("preview")
@options.directory_argument
@options.target_option
@options.send_option
@options.contacts_directory_option
@options.against_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0 chooses a free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser of this machine.")
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    selection: Selection,
    contacts_directory: str | None,
    against: str | None,
    port: int,
    opens: bool,
) -> int:
    """Show the plan in a browser, again whenever a file changes, until interrupted.

    Prints the address of the page, which only this machine can read. Sends nothing, and does not write to
    the ledger.
    """
    from sendspec.cli._lib.context import find_contacts_directory, reject_file
    from sendspec.cli._lib.planning import make_plan
    from sendspec.loopback_server import until_signal
    from sendspec.preview import PreviewServer
    from sendspec.report.page import RELOAD_PATH, page_policy

    if Path(directory).is_file():
        reject_file(directory)
    console = Console()

    def plan() -> Plan:
        return make_plan(
            console,
            directory,
            target_name,
            selection,
            against=against,
            contacts_directory=contacts_directory,
        )

    build = partial(_page, plan)
    lists = find_contacts_directory(contacts_directory)
    watched = (Path(directory), *([] if lists is None else [lists]))
    preview = PreviewServer(watched, build, page_policy(live=True), RELOAD_PATH, port=port)
    with preview, until_signal() as stop:
        console.write_data(f"{preview.base_url}\n")
        if opens and not webbrowser.open(preview.base_url):
            console.info("warning: no browser could be opened\n  hint: open the address above")
        stop.wait()
    return 0


def _page(plan: Callable[[], Plan], version: str) -> str:
    """Return the page of the plan, or that of the error because of which there is none."""
    from sendspec.report.page import plan_page, problems_page

    try:
        return plan_page(plan(), version=version)
    except SendspecError as error:
        problems = error.problems if isinstance(error, SpecError) else ()
        return problems_page(problems, str(error), error.hint, version=version)
    except Exception as bug:  # noqa: BLE001 - the next change of a file may be one that works
        with suppress(OSError):
            traceback.print_exc()
        message = f"internal error: {type(bug).__name__}"
        return problems_page((), message, "report the traceback in the terminal", version=version)
