"""`sendspec sandbox`: the API on this machine, for trying things out."""

from __future__ import annotations

from pathlib import Path

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console


@click.command("sandbox")
@options.directory
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0 picks a free one.",
)
def command(directory: str, port: int) -> int:
    """Serve the built-in sandbox until interrupted."""
    from sendspec.load.project_files import refuse_state_outside
    from sendspec.sandbox import serve

    refuse_state_outside(Path(directory))
    console = Console()

    def tell(url: str) -> None:
        console.data(f"{url}\n")

    serve("127.0.0.1", port, Path(directory) / ".sendspec" / "sandbox", on_ready=tell)
    return 0
