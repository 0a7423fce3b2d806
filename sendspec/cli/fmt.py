"""`sendspec fmt`: canonical order, quotes and layout of specs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.errors import ExitCode, SendspecError, SpecError
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.cli._lib.spec_files import SpecFile
    from sendspec.model import Problem


@click.command("fmt")
@options.paths_argument
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes as a unified diff.")
def command(names: tuple[str, ...], *, check: bool, diff: bool) -> int:
    """Format specs: order of keys, quotes, indentation and blank lines.

    PATH is a project directory, or a file or folder in one; without it, the project directory of any
    other verb. Values and comments never change.
    """
    from sendspec.cli._lib.project_paths import group_by_project
    from sendspec.cli._lib.spec_files import spec_files

    run = _FormatRun(check=check, diff=diff)
    for project in group_by_project(names):
        try:
            for file in spec_files(project):
                run.format(file)
        except SpecError as error:
            run.problems += error.problems
    return run.finish()


class _FormatRun:
    """The files that one run formats, with their outcomes."""

    def __init__(self, *, check: bool, diff: bool) -> None:
        self.problems: list[Problem] = []
        self._console = Console()
        self._check, self._diff = check, diff
        self._changed = self._unchanged = self._failed = 0

    def format(self, file: SpecFile) -> None:
        """Format one file, or show what would change; remember its problems."""
        from sendspec.fmt import canonical_text

        try:
            before = file.read()
            after = canonical_text(before, file.shown, file.schema)
            if after == before:
                self._unchanged += 1
                return
            self._change(file, before, after)
            self._changed += 1
        except SpecError as error:
            self.problems += error.problems
            self._failed += 1
        except SendspecError as error:
            self._console.report_error(error)
            self._failed += 1

    def _change(self, file: SpecFile, before: bytes, after: bytes) -> None:
        if self._diff:
            from sendspec.report.unified_diff import unified_diff

            self._console.write_data(unified_diff(file.shown, before.decode(), after.decode()))
        elif self._check:
            from sendspec.report.escape import escape_text

            self._console.write_data(f"would reformat {escape_text(file.shown)}\n")
        else:
            file.replace(before, after)
            self._console.info(f"reformatted {file.shown}")

    def finish(self) -> int:
        """Print the counts, and return the exit code.

        Raises:
            SpecError: some files have problems.
        """
        writes = not (self._check or self._diff)
        counts = [
            f"{pluralize(self._changed, 'file')} {'reformatted' if writes else 'would be reformatted'}",
            f"{self._unchanged:,} unchanged",
        ]
        if self._failed:
            counts.append(f"{self._failed:,} with errors")
        self._console.info(", ".join(counts))
        if self.problems:
            raise SpecError(self.problems)
        return ExitCode.ERROR if self._failed or (self._check and self._changed) else ExitCode.OK
