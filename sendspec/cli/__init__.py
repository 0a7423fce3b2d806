"""Command line: one module per verb, which parses arguments and prints; other packages do the work."""

from __future__ import annotations

import sys
from typing import Any

import click

from sendspec.cli import (
    apply,
    explain,
    init,
    ledger,
    plan,
    render,
    resolve,
    rules,
    sandbox,
    schema,
    status,
    validate,
)
from sendspec.cli._lib import standard_streams
from sendspec.cli._lib.console import Console
from sendspec.errors import ExitCode, SendspecError, Usage

_VERBS = (init, validate, render, plan, apply, status, resolve, ledger, rules, explain, schema, sandbox)


class _OrderedGroup(click.Group):
    """A group that lists the verbs in their usual order of use."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None  # click would print an empty line first


@click.group(
    cls=_OrderedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 error, 2 changes present (plan --detailed-exitcode), 3 findings of level "
    "error, 4 stale plan, 5 locked, 6 some requests not sent, 7 some outcomes unknown, 64 usage error.",
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


for _verb in _VERBS:
    commands.add_command(_verb.command)


def main() -> None:
    """Run the command line and end the process with one of the documented exit codes."""
    if sys.platform == "win32":
        sys.exit("error: sendspec needs Linux or macOS; on Windows, use it in WSL")
    standard_streams.prepare()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # A second Ctrl-C came while the first was reported.
        code = ExitCode.ERROR
    finally:
        standard_streams.finish()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one verb, and return its exit code; report each expected error as a message with a hint."""
    console = Console()
    try:
        code = commands.main(args=arguments, prog_name="sendspec", standalone_mode=False)
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


def _report_usage(console: Console, error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        console.info(error.format_message())
        return
    path = error.ctx.command_path if error.ctx else "sendspec"
    if error.ctx:
        console.info(error.ctx.get_usage())
    message = error.format_message().removesuffix(".")
    console.error(f"{message[:1].lower()}{message[1:]}", f"run `{path} --help` to list arguments and options")
