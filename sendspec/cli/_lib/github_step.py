"""The files that a step of GitHub Actions writes for the next steps; their names are in the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.cli._lib.outputs import Output

_GITHUB: Final = "github"
_OUTPUT_VARIABLE: Final = "GITHUB_OUTPUT"


def write_step_outputs(outputs: Iterable[Output], values: Mapping[str, str]) -> None:
    """Append the outputs of a step to the file of `$GITHUB_OUTPUT`, if `github` is among the formats.

    Raises:
        SendspecError: the file cannot be written.
    """
    name = os.environ.get(_OUTPUT_VARIABLE)
    if not name or all(output.format != _GITHUB for output in outputs):
        return
    from sendspec.report.github import outputs_text

    try:
        # The runner created the file for this step, and earlier commands of it may have written to it.
        with open(name, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:  # noqa: PTH123
            file.write(outputs_text(values))
    except (OSError, ValueError) as error:
        raise SendspecError(
            f"cannot write the file of {_OUTPUT_VARIABLE}: {error_reason(error)}",
            hint=f"remove {_OUTPUT_VARIABLE} from the environment, or free disk space",
        ) from error
