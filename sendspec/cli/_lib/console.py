"""Where a verb's words go: data to stdout or a file, everything else to stderr, masked and made safe."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.errors import SendspecError, SpecError

if TYPE_CHECKING:
    from typing import TextIO


class Console:
    """The two streams of one run."""

    def data(self, text: str, output: str | None = None) -> bool:
        """Print what the verb was asked for, or write it to the file that was named.

        False where the reader has left (`| head`): it has what it wanted, so that is no error, and the
        verb ends with the code that it would have ended with.

        Raises:
            SendspecError: it cannot be written.
        """
        if output in (None, "-"):
            return _print(sys.stdout, "standard output", text)
        try:
            # An argument that is not UTF-8 comes as surrogates, which JSON can write only as escapes.
            Path(str(output)).write_text(text, encoding="utf-8", errors="backslashreplace")
        except (OSError, ValueError) as error:
            raise SendspecError(f"cannot write {output}: {reason(error)}") from error
        return True

    def aside(self, text: str) -> bool:
        """Print on standard error what is data too, where standard output has another's; see `data`."""
        return _print(sys.stderr, "standard error", text)

    def say(self, text: str) -> None:
        """Tell the person something that is not the data; no line of it can be a command to a runner."""
        from sendspec.redact import Redactor
        from sendspec.report.escape import escape_text

        lines = Redactor()(text).split("\n")
        _write("".join(f"{escape_text(line)}\n" for line in lines))

    def record(self, line: str) -> None:
        """Write a line of the log as it is: its evidence was masked before, and an id must not be."""
        _write(f"{line}\n")

    def error(self, message: str, hint: str | None = None) -> None:
        """Tell what went wrong and the way out."""
        self.say(f"error: {message}")
        if hint:
            self.say(f"  hint: {hint}")

    def failure(self, error: SendspecError) -> None:
        """Tell of an error, all its problems first."""
        if isinstance(error, SpecError):
            from sendspec.report.text import problem_text

            for problem in error.problems:
                self.say(problem_text(problem))
        self.error(str(error), error.hint)


def _print(stream: TextIO, name: str, text: str) -> bool:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        return False
    except OSError as error:
        raise SendspecError(f"cannot write to {name}: {reason(error)}") from error
    return True


def _write(text: str) -> None:
    # That nobody reads it any more is no reason to stop in the middle of sending.
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def reason(error: Exception) -> str:
    """Give why a file cannot be used, in the system's words."""
    return getattr(error, "strerror", None) or str(error)
