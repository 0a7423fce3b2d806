"""The outputs of a verb: each format that `--format` names, and the file or standard output for it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.cli._lib.console import Console, error_reason
from sendspec.cli._lib.github_step import write_step_outputs
from sendspec.cli._lib.repository_paths import relocate
from sendspec.errors import SendspecError, SpecError, Usage
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


_STANDARD_OUTPUT: Final = frozenset({"-", "/dev/stdout", "/dev/fd/1"})


class Output(NamedTuple):
    """One format, and the name of its file; None means standard output."""

    format: str
    file: str | None = None


def parse_output(value: str, formats: Sequence[str]) -> Output:
    """Return the output that `FORMAT` or `FORMAT=FILE` names.

    Raises:
        Usage: the format is not one of `formats`, or the file has no name.
    """
    name, equals, file = value.partition("=")
    if name not in formats:
        hint = did_you_mean(name, formats) or f"choose one of: {', '.join(formats)}"
        raise Usage(f"format '{name}' does not exist", hint=hint)
    if equals and not file.strip():
        raise Usage(f"--format {value} does not name a file", hint=f"write `--format {name}=FILE`")
    return Output(name, file if equals and file not in _STANDARD_OUTPUT else None)


def choose_outputs(
    requested: Sequence[Output], output: str | None, *, other_files: Iterable[str | None] = ()
) -> tuple[Output, ...]:
    """Return the outputs of a verb, after a check that each can be written; files come first.

    `output` is the file of `-o`, which replaces standard output. `other_files` are files that the verb
    also writes.

    Raises:
        Usage: two outputs have the same format or place, or a file cannot be written.
    """
    _check_formats(requested)
    if output is not None and all(chosen.file for chosen in requested):
        raise Usage("-o needs a format without a file", hint="omit -o, or add a format without `=FILE`")
    file = None if output in _STANDARD_OUTPUT else output
    outputs = [chosen if chosen.file else chosen._replace(file=file) for chosen in requested]
    files = [chosen.file for chosen in outputs if chosen.file is not None]
    for name in files:
        _check_writable(name)
    _check_different([*files, *(name for name in other_files if name is not None)])
    return tuple(sorted(outputs, key=lambda chosen: chosen.file is None))


def check_receipts(receipts: Sequence[Output]) -> None:
    """Check that receipts have different formats and places.

    Raises:
        Usage: two have the same format or file, or both go to standard output.
    """
    _check_formats(receipts)
    _check_different([chosen.file for chosen in receipts if chosen.file is not None])


def write_outputs(
    console: Console,
    outputs: Iterable[Output],
    texts: Mapping[str, Callable[[], str]],
    *,
    private: bool = False,
) -> None:
    """Write the outputs whose format is in `texts`; every text is made before the first is written.

    Only the owner of a `private` file can read it.

    Raises:
        SendspecError: a text cannot be written.
    """
    made = [(chosen, texts[chosen.format]()) for chosen in outputs if chosen.format in texts]
    for chosen, text in made:
        console.write_data(text, chosen.file, private=private)


@contextmanager
def write_failures(
    outputs: Sequence[Output], texts: Callable[[SendspecError], Mapping[str, Callable[[], str]]] | None = None
) -> Iterator[None]:
    """Write why the block could not make a plan, in each format that can have it.

    Problems of specs are findings. Standard error has them as text, so that format goes only to a file.
    `texts` returns a function for each further format, whose file may have an earlier plan.
    """
    try:
        yield
    except SpecError as error:
        from sendspec.report.findings_json import problem_findings
        from sendspec.report.formats import findings_texts
        from sendspec.report.github import findings_outputs

        findings = problem_findings(error.problems)
        shown = [chosen for chosen in outputs if chosen != Output("text")]
        further = {} if texts is None else texts(error)
        write_outputs(Console(), shown, {**findings_texts(findings, relocate), **further})
        write_step_outputs(outputs, lambda: findings_outputs(relocate(findings)))
        raise
    except SendspecError as error:
        from sendspec.redact import Redactor
        from sendspec.report.github import failure_outputs

        if texts is not None:
            write_outputs(Console(), outputs, texts(error))
        message = Redactor()(str(error))
        write_step_outputs(outputs, lambda: failure_outputs(message))
        raise


def _check_formats(requested: Sequence[Output]) -> None:
    if repeated := _first_repeated(chosen.format for chosen in requested):
        raise Usage(f"format '{repeated}' is given twice", hint="name each format once")
    if sum(chosen.file is None for chosen in requested) > 1:
        raise Usage(
            "only one format can go to standard output",
            hint=f"name a file for each other format, such as `--format {requested[-1].format}=FILE`",
        )


def _check_writable(name: str) -> None:
    from sendspec.cli._lib.output_file import OutputFile, is_device

    # A named pipe of a shell below /dev would end for its reader if it were opened and closed.
    if not is_device(name):
        try:
            OutputFile(name).discard()
        except (OSError, ValueError) as error:
            raise Usage(f"cannot write {name}: {error_reason(error)}", hint="name another file") from error


def _check_different(names: Sequence[str]) -> None:
    places: set[str] = set()
    for name in names:
        # The system cannot open a name with a NUL character, which is reported when it is written.
        place = name if "\0" in name else os.path.realpath(name)
        if place in places:
            raise Usage(f"two outputs have the same file {name}", hint="name another file for one of them")
        places.add(place)


def _first_repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
