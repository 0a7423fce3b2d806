"""The files that a step of GitHub Actions writes; their names are in the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.outputs import Output

_GITHUB: Final = "github"
_OUTPUT_VARIABLE: Final = "GITHUB_OUTPUT"
_SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
_SUMMARY_BYTES_MAX: Final = 1 << 20
"""The bytes of a step's summary; GitHub shows nothing of a larger one ("Job summaries", as of 2026-11)."""


def write_step_outputs(outputs: Iterable[Output], values: Callable[[], Mapping[str, str]]) -> None:
    """Append the outputs of a step to the file of `$GITHUB_OUTPUT`, if `github` is among the formats.

    Only then they are worked out.

    Raises:
        SendspecError: the file cannot be written.
    """
    if _is_used(outputs, _OUTPUT_VARIABLE):
        from sendspec.report.github import outputs_text

        _append(_OUTPUT_VARIABLE, outputs_text(values()))


def write_step_summary(console: Console, outputs: Iterable[Output], markdown: Callable[[int], str]) -> None:
    """Append Markdown to the summary of a step, if `github` is among the formats.

    `markdown` returns a text of at most so many bytes if it can. A text that is too large is left out with
    a note, because GitHub would show nothing of the summary.

    Raises:
        SendspecError: the file cannot be written.
    """
    if not _is_used(outputs, _SUMMARY_VARIABLE):
        return
    try:
        written = Path(os.environ[_SUMMARY_VARIABLE]).stat().st_size
    except OSError:  # The file does not exist yet; another cause is reported when it is written.
        written = 0
    free = _SUMMARY_BYTES_MAX - written
    text = markdown(max(free, 0))
    if len(text.encode(errors="backslashreplace")) <= free:
        _append(_SUMMARY_VARIABLE, text)
    else:
        console.info("note: the plan does not fit into the summary of this step")


def _is_used(outputs: Iterable[Output], variable: str) -> bool:
    return bool(os.environ.get(variable)) and any(output.format == _GITHUB for output in outputs)


def _append(variable: str, text: str) -> None:
    try:
        # The runner created the file for this step, and earlier commands of it may have written to it.
        with Path(os.environ[variable]).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        raise SendspecError(
            f"cannot write the file of {variable}: {error_reason(error)}",
            hint=f"remove {variable} from the environment, or free disk space",
        ) from error
