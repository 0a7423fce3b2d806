"""Command line: one module per verb, which parses arguments and prints; other packages do the work."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from sendspec.cli._lib import standard_streams
from sendspec.cli._lib.console import Console
from sendspec.errors import ExitCode, SendspecError, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

VERBS: Final[Mapping[str, str]] = {
    "init": "Create a project: settings, two small campaigns, and schemas for editors.",
    "validate": "Check specs and contact files, without the ledger or the network.",
    "render": "Print the exact requests, one JSON line each.",
    "plan": "Show what apply would send, to how many recipients, and when.",
    "preview": "Show the plan in a browser, again whenever a file changes, until interrupted.",
    "apply": "Send what plan shows, and never send a request twice.",
    "status": "Query the delivery status of each transaction, and record it in the ledger.",
    "watch": "Show what needs a person: sends that were not sent, unknown outcomes, jobs to stop.",
    "resolve": "Settle requests whose outcome is unknown, or record a stopped send job.",
    "github": "Show results on GitHub: comments of pull requests, and one issue.",
    "ledger": "Merge versions of a ledger, or adopt one.",
    "fmt": "Format specs: order of keys, quotes, indentation and blank lines.",
    "doctor": "Check machine, credentials, host, ledger and settings on GitHub, each with its remedy.",
    "rules": "List the rules with their groups, levels and summaries.",
    "explain": "Print what a rule checks, why, and how to comply.",
    "schema": "Print a JSON Schema.",
    "completion": "Print the script that lets bash, zsh or fish complete names.",
    "sandbox": "Run the local sandbox until interrupted, and print its URL.",
}
"""The verbs in their usual order of use, each with the first sentence of its help.

A verb is a module that is imported only to run it, so that `--help` takes little longer than click.
"""

SYNONYMS: Final[Mapping[str, str]] = {
    "send": "apply",
    "lint": "validate",
    "check": "validate",
    "diff": "plan",
}
"""Names that people try first, because other tools have them; the help of each verb mentions its own."""

_SHELL_ASKS: Final = "_SENDSPEC_COMPLETE"
COLLECTION_THRESHOLDS: Final = (100_000, 50, 100)
_WIDTH_MAX: Final = 100
_WIDTH_MIN: Final = 50
_WIDTH: Final = 80
_MARGIN: Final = 2


class _Verbs(click.Group):
    """A group that imports the module of a verb when the verb runs."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = import_module(f"sendspec.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that a name or a synonym means, and the other arguments.

        Raises:
            Usage: the name means no verb; a similar one is only named, never run.
        """
        name = SYNONYMS.get(args[0], args[0])
        if name not in VERBS and not name.startswith("-") and not ctx.resilient_parsing:
            from sendspec.suggest import did_you_mean

            hint = did_you_mean(name, [*VERBS, *SYNONYMS]) or "run `sendspec --help` to list the commands"
            raise Usage(f"no such command '{name}'", hint=hint)
        return super().resolve_command(ctx, [name, *args[1:]])

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        space = formatter.width - 6 - max(map(len, VERBS))
        rows = [
            (name, click.Command(name, help=text).get_short_help_str(space)) for name, text in VERBS.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None  # click would print an empty line first


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH_MAX},
    epilog="Exit codes: 0 done, 1 error, 2 changes present (plan --detailed-exitcode), 3 findings of level "
    "error, or watch found something, 4 stale plan, 5 locked, 6 some requests not sent, 7 some outcomes "
    "unknown, 64 usage error.",
    invoke_without_command=True,
    no_args_is_help=True,
)
@click.option("--version", "shows_version", is_flag=True, help="Print the version and exit.")
@click.option("-v", "--verbose", is_flag=True, help="With --version: also those of Python and libraries.")
@click.pass_context
def commands(context: click.Context, *, shows_version: bool, verbose: bool) -> None:
    """SMS sends as reviewed code: write specs, read the plan, apply at most once.

    DIR is the project directory; without it, the nearest above with sendspec.yaml, else `specs`.
    """
    if shows_version:
        from sendspec.cli._lib.versions import version_lines

        Console().write_data("".join(f"{line}\n" for line in version_lines(verbose=verbose)))
        context.exit()
    if verbose:
        raise Usage("-v works only with --version", hint="run `sendspec --version -v`")


def main() -> None:
    """Run the command line and end the process with one of the documented exit codes."""
    if sys.platform == "win32":
        sys.exit("error: sendspec needs Linux or macOS; on Windows, use it in WSL")
    # A project is many small objects that live until the end; collecting cycles among them takes a fifth of
    # the time, and almost all garbage has no cycles.
    gc.set_threshold(*COLLECTION_THRESHOLDS)
    standard_streams.prepare()
    try:
        code = _answer_shell() if os.environ.get(_SHELL_ASKS) else run(sys.argv[1:])
    except KeyboardInterrupt:  # A second Ctrl-C came while the first was reported.
        code = ExitCode.ERROR
    finally:
        standard_streams.finish()
    gc.freeze()  # The system frees the memory of the process faster than a last search for cycles.
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one verb, and return its exit code; report each expected error as a message with a hint."""
    console = Console()
    try:
        width = _terminal_width()
        code = commands.main(
            args=arguments, prog_name="sendspec", standalone_mode=False, terminal_width=width
        )
    except click.UsageError as error:
        _report_usage(console, error)
        return ExitCode.USAGE
    except click.ClickException as error:
        console.error(error.format_message())
        return ExitCode.ERROR
    except click.Abort:
        if sys.stderr.isatty():
            console.info("")  # The terminal wrote ^C into the current line.
        console.error("interrupted")
        return ExitCode.ERROR
    except SendspecError as error:
        console.report_error(error)
        return error.exit_code
    except OSError as error:
        # No package handles this error, such as a full disk while click prints the help.
        console.error(f"operating system error: {error.strerror or error}")
        return ExitCode.ERROR
    return int(code or 0)


def _answer_shell() -> int:
    """Return the exit code after the proposals, or the script, that a shell asks for."""
    from sendspec.cli._lib.completion import answer

    return answer(lambda: commands.main(args=sys.argv[1:], prog_name="sendspec", standalone_mode=False))


def _terminal_width() -> int:
    """Return the width of a help page, as click does, without the imports of `shutil.get_terminal_size`."""
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdigit() else 0
    if not width:
        try:
            width = os.get_terminal_size(1).columns
        except OSError:
            width = 0
    return max(min(width or _WIDTH, _WIDTH_MAX) - _MARGIN, _WIDTH_MIN)


def _report_usage(console: Console, error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        console.info(error.format_message())
        return
    path = error.ctx.command_path if error.ctx else "sendspec"
    if error.ctx:
        console.info(error.ctx.get_usage())
    message = error.format_message().removesuffix(".")
    console.error(f"{message[:1].lower()}{message[1:]}", f"run `{path} --help` to list arguments and options")
