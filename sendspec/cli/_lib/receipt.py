"""Result of an apply and its receipt file, which is opened first and always written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import error_reason
from sendspec.errors import ExitCode, SendspecError

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.output_file import OutputFile


@dataclass
class ApplyResult:
    """The result of an apply so far: its receipt once it sent anything, and the error that ended it.

    `sent_nothing` is whether that error came before the first request, which `apply` prints after it.
    """

    target: str
    receipt: Receipt | None = None
    error: SendspecError | None = None
    sent_nothing: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the sends, or of the error that prevented them."""
        sends = ExitCode.OK if self.receipt is None else self.receipt.exit_code
        return sends or (ExitCode.OK if self.error is None else self.error.exit_code)


class ReceiptFile:
    """The file of `--receipt`; `-` is standard output, and None writes nothing."""

    def __init__(self, name: str | None) -> None:
        """Create the file and remove an old receipt, so that a wrong name is found before any send.

        Raises:
            SendspecError: the file cannot be written, or it has something else than a receipt.
        """
        self.is_stdout = name == "-"
        self._name = name
        self._file: OutputFile | None = None
        if name is not None and not self.is_stdout:
            from sendspec.cli._lib.output_file import OutputFile

            try:
                replaces_receipt = _has_receipt(name)
                self._file = OutputFile(name)
                if replaces_receipt:
                    Path(name).unlink()
            except (OSError, ValueError) as error:
                raise SendspecError(
                    f"cannot write {name}: {error_reason(error)}; nothing was sent",
                    hint="choose another file for --receipt",
                ) from error

    def write(self, console: Console, result: ApplyResult) -> ExitCode:
        """Write the receipt, and return the exit code; a failed write turns 0 into 1."""
        if self._name is None:
            return result.exit_code
        try:
            self._write(console, result)
        except Exception as error:  # noqa: BLE001 - the outcome of the sends matters more than any of these
            destination = "standard output" if self.is_stdout else self._name
            console.error(f"cannot write the receipt to {destination}: {error_reason(error)}")
            return result.exit_code or ExitCode.ERROR
        return result.exit_code

    def _write(self, console: Console, result: ApplyResult) -> None:
        from sendspec.report.receipt_json import receipt_json

        text = receipt_json(result.target, result.receipt, result.error, result.exit_code)
        if self._file is not None:
            self._file.write(text)
        elif not console.write_data(text):
            raise SendspecError("the reader closed the pipe")


def _has_receipt(name: str) -> bool:
    """Return whether a file has the receipt of an earlier run, which must not be taken for that of this run.

    Raises:
        OutputRefused: the name may not be written, or the file has something else.
    """
    from sendspec.cli._lib.output_file import OutputRefused, check_output, is_device

    path = Path(name)
    if is_device(name):
        return False
    check_output(path)
    if not path.exists():
        return False
    content = path.read_bytes()
    if content.strip() and not _is_receipt(content):
        raise OutputRefused("this file exists, and is not a receipt")
    return True


def _is_receipt(content: bytes) -> bool:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and {"exitCode", "requests"} <= value.keys()
