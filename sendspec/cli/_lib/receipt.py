"""How an apply ends, and the file that says so: opened first, written whatever happened."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import reason
from sendspec.errors import ExitCode, SendspecError

if TYPE_CHECKING:
    from typing import TextIO

    from sendspec.apply import Receipt
    from sendspec.cli._lib.console import Console


@dataclass
class Ending:
    """What is known of how an apply ends, filled in as it comes to be known."""

    target: str
    receipt: Receipt | None = None
    error: SendspecError | None = None

    @property
    def code(self) -> ExitCode:
        """What became of the sends weighs most, then what kept them from being begun."""
        sends = ExitCode.OK if self.receipt is None else self.receipt.exit_code
        return sends or (ExitCode.OK if self.error is None else self.error.exit_code)


class ReceiptFile:
    """Where `--receipt` wants it; nowhere for None, and `-` is standard output."""

    def __init__(self, name: str | None) -> None:
        """Open the file, empty: neither a mistyped name nor the receipt of another run outlasts this one.

        Raises:
            SendspecError: it cannot be written.
        """
        self.is_stdout = name == "-"
        self._name = name
        self._file: TextIO | None = None
        if name is not None and not self.is_stdout:
            try:
                # A name that is not UTF-8 comes as surrogates, which JSON can write only as escapes.
                self._file = open(name, "w", errors="backslashreplace", encoding="utf-8")  # noqa: PTH123, SIM115 - see `write`
            except (OSError, ValueError) as error:
                raise SendspecError(
                    f"cannot write {name}: {reason(error)}: nothing was sent",
                    hint="name a file for the receipt that can be written",
                ) from error

    def write(self, console: Console, ending: Ending) -> ExitCode:
        """Write the receipt; give the exit code, which no receipt that cannot be written makes better."""
        if self._name is None:
            return ending.code
        try:
            self._write(console, ending)
        except Exception as error:  # noqa: BLE001 - what became of the sends weighs more than any of it
            where = "standard output" if self.is_stdout else self._name
            console.error(f"cannot write the receipt to {where}: {reason(error)}")
            return ending.code or ExitCode.ERROR
        return ending.code

    def _write(self, console: Console, ending: Ending) -> None:
        from sendspec.report.receipt import receipt_json

        text = receipt_json(ending.target, ending.receipt, ending.error, ending.code)
        if self._file is not None:
            with self._file as file:
                with suppress(OSError):  # a pipe, which cannot and need not be
                    file.truncate(0)  # of what another run may have written meanwhile
                file.write(text)
        elif not console.data(text):
            raise SendspecError("its reader has left")
