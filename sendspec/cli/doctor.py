"""`sendspec doctor`: checks of everything that sendspec needs, each with its remedy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.outputs import choose_outputs, write_outputs
from sendspec.cli._lib.screen import stream_screen
from sendspec.errors import ExitCode

if TYPE_CHECKING:
    from sendspec.cli._lib.outputs import Output


@click.command("doctor")
@options.directory_argument
@options.target_option
@options.format_option("text", "json")
@options.output_option
def command(*, directory: str, target_name: str, outputs: tuple[Output, ...], output: str | None) -> int:
    """Check machine, credentials, host, ledger and settings on GitHub, each with its remedy.

    It sends nothing, and writes nothing to the ledger or to GitHub. With a token of GitHub in
    GITHUB_TOKEN it also reads the settings of the repository. Exits 1 if a check fails; a check that
    could not be made is not a failure.
    """
    from sendspec.cli._lib.examination import examine
    from sendspec.doctor import CheckState, run_checks
    from sendspec.report.doctor import doctor_json, doctor_text

    console = Console()
    outputs = choose_outputs(outputs, output)
    is_shown = sys.stderr.isatty() and not in_ci()
    results = run_checks(examine(directory, target_name, console.draw if is_shown else lambda _: None))
    console.erase()
    screen = stream_screen(sys.stdout)
    write_outputs(
        console,
        outputs,
        {
            "text": lambda: doctor_text(target_name, results, screen),
            "json": lambda: doctor_json(target_name, results),
        },
    )
    return ExitCode.ERROR if any(result.state is CheckState.FAIL for result in results) else ExitCode.OK
