"""Where a verb's words go: data to stdout or a file, everything else to stderr, masked."""

from __future__ import annotations

import sys
from pathlib import Path

from sendspec.errors import SendspecError, SpecError
from sendspec.redact import Redactor


class Console:
    """The two streams of one run."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        self._redact = redactor or Redactor()

    def data(self, text: str, output: str | None = None) -> None:
        """Print what the verb was asked for, or write it to the file that was named.

        Raises:
            SendspecError: the file cannot be written.
        """
        if output in (None, "-"):
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        try:
            Path(str(output)).write_text(text, encoding="utf-8")
        except OSError as error:
            raise SendspecError(f"cannot write {output}: {error.strerror or error}") from error

    def say(self, text: str) -> None:
        """Tell the person something that is not the data."""
        sys.stderr.write(self._redact(text) + "\n")
        sys.stderr.flush()

    def error(self, message: str, hint: str | None = None) -> None:
        """Tell what went wrong and the way out."""
        self.say(f"error: {message}")
        if hint:
            self.say(f"  hint: {hint}")

    def failure(self, error: SendspecError) -> None:
        """Tell of an error, all its problems first."""
        if isinstance(error, SpecError):
            from sendspec.report.text import problem_text  # noqa: PLC0415 - only a failing run pays for it

            for problem in error.problems:
                self.say(problem_text(problem))
        self.error(str(error), error.hint)
