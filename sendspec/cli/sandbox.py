"""`sendspec sandbox`: a local server of the API, for trials."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.online import ids_in_project


@click.command("sandbox")
@options.directory_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0 chooses a free one.",
)
def command(directory: str, port: int) -> int:
    """Run the local sandbox until interrupted, and print its URL."""
    from sendspec.load.project_files import refuse_state_outside
    from sendspec.sandbox import serve

    refuse_state_outside(Path(directory))
    console = Console()

    def print_url(url: str) -> None:
        console.write_data(f"{url}\n")

    state = Path(directory) / ".sendspec" / "sandbox"
    serve("127.0.0.1", port, state, on_ready=print_url, named=partial(ids_in_project, directory))
    return 0
