"""`sendspec fmt`: canonical order, quotes and layout of specs."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.errors import ExitCode, SendspecError, SpecError, Usage
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.cli._lib.project_check import ProjectCheck
    from sendspec.cli._lib.project_paths import ProjectPaths
    from sendspec.cli._lib.spec_files import SpecFile
    from sendspec.model import Problem, Project


@click.command("fmt")
@options.paths_argument
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes as a unified diff.")
@click.option(
    "--fix",
    "rule",
    type=click.Choice(["ucs2-character"]),
    help="Instead, replace the characters that this rule reports by their plain twins.",
)
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    help="With --fix: target to use; without it, the local sandbox.",
)
def command(
    names: tuple[str, ...], rule: str | None, target_name: str | None, *, check: bool, diff: bool
) -> int:
    """Format specs: order of keys, quotes, indentation and blank lines.

    PATH is a project directory, or a file or folder in one; without it, the project directory of any
    other verb. Without --fix, values and comments stay the same.
    """
    from sendspec.cli._lib.project_paths import group_by_project
    from sendspec.cli._lib.spec_files import spec_files

    if target_name is not None and rule is None:
        raise Usage("--target works only with --fix", hint="add --fix ucs2-character, or omit --target")
    run = _Run("reformatted" if rule is None else "fixed", check=check, diff=diff)
    for project in group_by_project(names):
        try:
            if rule is not None:
                _replace_with_twins(run, project, rule, target_name or "sandbox")
                continue
            for file in spec_files(project):
                run.format(file)
        except SpecError as error:
            run.problems += error.problems
    return run.finish()


def _replace_with_twins(run: _Run, project: ProjectPaths, rule: str, target_name: str) -> None:
    """Replace the characters of texts that the rule reports and no `allow` entry excepts."""
    from sendspec.cli._lib.project_check import check_project
    from sendspec.cli._lib.spec_files import spec_files
    from sendspec.fmt.twin_fix import replace_with_twins
    from sendspec.text_defects import shown_character

    console = Console()
    files = {file.shown: file for file in spec_files(project)}
    contents = {name: file.read() for name, file in files.items()}
    checked = check_project(project, target_name, console)
    reported = _reported(checked, rule, has_settings=any(file.schema == "project" for file in files.values()))
    sent = reported & _sent_addresses(checked.project)
    if sent:
        console.info(f"note: the text of {pluralize(len(sent), 'send')} stays: already sent")
    fix = replace_with_twins(checked.project, checked.target, reported - sent, contents, os.environ)
    for name, file in files.items():
        run.write(file, contents[name], fix.contents.get(name, contents[name]))
    run.replaced += fix.replaced
    for location, character in fix.left:
        console.info(f"{location}: note: {shown_character(character)} stays; replace it by hand")


def _reported(checked: ProjectCheck, rule: str, *, has_settings: bool) -> set[str]:
    """Return the sends among the paths whose texts have typographic characters that the rule reports.

    With `has_settings` these are all sends, because variables of sendspec.yaml may be in their texts.
    """
    files = checked.project.campaigns
    campaigns = {each.name for each in files if has_settings or checked.paths.contains(each.file.as_posix())}
    return {
        finding.address
        for finding in checked.plan.findings
        if (finding.rule, finding.reason, finding.allowed) == (rule, "typography", None)
        and finding.address
        and finding.address.partition("/")[0] in campaigns
    }


def _sent_addresses(project: Project) -> set[str]:
    """Return the sends that are in the file ledger of a real target.

    Another text of such a send would be an error in the next plan, and no recipient would get it.
    """
    from sendspec.cli._lib.context import ledger_for

    addresses: set[str] = set()
    for target in project.targets.values():
        if target.is_real and target.ledger == "file":
            with suppress(SendspecError):  # A ledger that cannot be read is the subject of `plan`.
                addresses |= ledger_for(project, target).read().sends.keys()
    return addresses


class _Run:
    """The files that one run changes, with their outcomes."""

    def __init__(self, done: str, *, check: bool, diff: bool) -> None:
        self.problems: list[Problem] = []
        self.replaced = 0
        self._done = done
        self._console = Console()
        self._check, self._diff = check, diff
        self._changed = self._unchanged = self._failed = 0

    def format(self, file: SpecFile) -> None:
        """Format one file, or show what would change; remember its problems."""
        from sendspec.fmt.formatter import canonical_text

        with self._collecting():
            before = file.read()
            self.write(file, before, canonical_text(before, file.shown, file.schema))

    def write(self, file: SpecFile, before: bytes, after: bytes) -> None:
        """Write another content of a file, or show the change; remember its problems."""
        if after == before:
            self._unchanged += 1
            return
        with self._collecting():
            self._change(file, before, after)
            self._changed += 1

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        try:
            yield
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
            from sendspec.report.escape.plain import escape_text

            self._console.write_data(f"would be {self._done}: {escape_text(file.shown)}\n")
        else:
            file.replace(before, after)
            self._console.info(f"{self._done} {file.shown}")

    def finish(self) -> int:
        """Print the counts, and return the exit code.

        Raises:
            SpecError: some files have problems.
        """
        done = f"would be {self._done}" if self._check or self._diff else self._done
        counts = [f"{pluralize(self._changed, 'file')} {done}", f"{self._unchanged:,} unchanged"]
        if self.replaced:
            counts.append(pluralize(self.replaced, "character"))
        if self._failed:
            counts.append(f"{self._failed:,} with errors")
        self._console.info(", ".join(counts))
        if self.problems:
            raise SpecError(self.problems)
        return ExitCode.ERROR if self._failed or (self._check and self._changed) else ExitCode.OK
