"""The outputs that may have real values of recipients: those of a person at a terminal of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.ci import in_ci
from sendspec.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.cli._lib.outputs import Output

_FORMATS: Final = ("text", "html")
"""The formats that a person reads and that nothing copies further, unlike a comment or a log."""


def check_personal(outputs: Iterable[Output], plan_file: str | None) -> None:
    """Check that `--show-pii` shows values of recipients only to the person who runs it.

    Raises:
        Usage: this is CI, the plan is saved, or an output is neither text nor html, nor on a terminal or in
            a regular file.
    """
    if in_ci():
        raise Usage(
            "--show-pii is refused in CI, because other people read its logs",
            hint="run `sendspec plan --show-pii` on a terminal of your own",
        )
    if plan_file is not None:
        raise Usage("--show-pii and --save exclude each other", hint="omit one of the two")
    for chosen in outputs:
        if chosen.format not in _FORMATS:
            raise Usage(
                f"--show-pii is refused with format '{chosen.format}'", hint="use the formats text and html"
            )
        _check_place(chosen)


def _check_place(chosen: Output) -> None:
    """Check that an output goes to a terminal, or to a file that only its owner will read."""
    from sendspec.cli._lib.output_file import is_device

    if chosen.file is None and not sys.stdout.isatty():
        raise Usage(
            "--show-pii is refused because standard output is not a terminal",
            hint=f"name a file, such as `--format {chosen.format}=FILE`",
        )
    if chosen.file is not None and is_device(chosen.file):
        raise Usage(
            f"--show-pii does not write to {chosen.file}", hint="name a regular file, or use a terminal"
        )
