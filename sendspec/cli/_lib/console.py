"""Output of a verb: data to standard output or a file, messages to standard error.

Messages are masked, and control characters in them are escaped.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sendspec.errors import SendspecError, SpecError

if TYPE_CHECKING:
    from typing import TextIO

_COLUMNS: Final = 80


class Console:
    """Standard output and standard error of one run."""

    def __init__(self) -> None:
        self._drawn = 0
        """The columns of the line that `draw` left on the terminal."""

    def write_data(self, text: str, output: str | None = None, *, private: bool = False) -> bool:
        """Write the result of a verb to standard output, or to the file `output`.

        Only its owner can read a `private` file.

        Return False if the reader closed the pipe (`| head`). That is not an error: the verb ends with
        its usual exit code.

        Raises:
            SendspecError: the text cannot be written.
        """
        if output in (None, "-"):
            return _write_all(sys.stdout, "standard output", text)
        from sendspec.cli._lib.output_file import OutputFile

        try:
            OutputFile(str(output), private=private).write(text)
        except (OSError, ValueError) as error:
            raise SendspecError(
                f"cannot write {output}: {error_reason(error)}", hint="name another file, or free disk space"
            ) from error
        return True

    def write_data_to_stderr(self, text: str) -> bool:
        """Write data to standard error, because standard output has other data; see `write_data`."""
        return _write_all(sys.stderr, "standard error", text)

    def info(self, text: str) -> None:
        """Write a message to standard error, masked; a CI runner cannot read a line as a command."""
        self.erase()
        _write_if_possible("".join(f"{line}\n" for line in _masked_lines(text)))

    def draw(self, line: str) -> None:
        """Write a line that the next one replaces to the terminal of standard error, masked.

        A line that is wider than the terminal is cut after one of its parts, because a folded line could
        not be replaced. Spaces replace a longer line before it, so that no escape codes are necessary.
        """
        [shown] = _masked_lines(line)
        width = _columns() - 1
        if len(shown) > width:
            shown = shown[:width].rpartition(", ")[0] or shown[:width]
        _write_if_possible(f"\r{shown.ljust(self._drawn)}")
        self._drawn = len(shown)

    def erase(self) -> None:
        """Remove the line that `draw` wrote, if there is one."""
        if self._drawn:
            _write_if_possible(f"\r{' ' * min(self._drawn, _columns() - 1)}\r")
            self._drawn = 0

    def write_log_line(self, line: str) -> None:
        """Write a line of the outcome log unchanged: it is masked already, and masking would break ids."""
        _write_if_possible(f"{line}\n")

    def error(self, message: str, hint: str | None = None) -> None:
        """Write an error message and its hint."""
        self.info(f"error: {message}")
        if hint:
            self.info(f"  hint: {hint}")

    def report_error(self, error: SendspecError) -> None:
        """Write an error, after all problems that it has."""
        if isinstance(error, SpecError):
            from sendspec.report.text import problem_text

            for problem in error.problems:
                self.info(problem_text(problem))
        self.error(str(error), error.hint)


def error_reason(error: Exception) -> str:
    """Return why the system refused to open or write a file."""
    return getattr(error, "strerror", None) or str(error)


def _masked_lines(text: str) -> list[str]:
    from sendspec.redact import Redactor
    from sendspec.report.escape.plain import escape_text

    return [escape_text(line) for line in Redactor()(text).split("\n")]


def _columns() -> int:
    """Return the width of the terminal of standard error, 80 if it does not report one."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def _write_all(stream: TextIO, name: str, text: str) -> bool:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        return False
    except OSError as error:
        raise SendspecError(f"cannot write to {name}: {error_reason(error)}") from error
    return True


def _write_if_possible(text: str) -> None:
    # A log that cannot be written must not stop a run that is sending.
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
