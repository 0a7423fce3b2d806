"""Problems of specs as data, for programs that read the output of a verb."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import Console
from sendspec.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def print_problems(output_format: str, output: str | None) -> Iterator[None]:
    """Print the problems of specs as findings too, if the output is JSON and the block raises them."""
    try:
        yield
    except SpecError as error:
        if output_format == "json":
            from sendspec.report.findings_json import problems_json

            Console().write_data(problems_json(error.problems), output)
        raise
