"""Result of an apply and its receipts, whose files are created first and always written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.cli._lib.console import error_reason
from sendspec.errors import ExitCode, SendspecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.apply import Receipt
    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.output_file import OutputFile
    from sendspec.cli._lib.outputs import Output


class ApplyResult(Struct):
    """The result of an apply so far: its receipt once it sent anything, and the error that ended it.

    `sent_nothing` is whether that error came before the first request, which `apply` prints after it.
    `plan_digest` is that of the plan that was shown, also if nothing of it was sent.
    """

    target: str
    directory: str = "specs"
    receipt: Receipt | None = None
    error: SendspecError | None = None
    sent_nothing: bool = False
    plan_digest: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the sends, or of the error that prevented them."""
        sends = ExitCode.OK if self.receipt is None else self.receipt.exit_code
        return sends or (ExitCode.OK if self.error is None else self.error.exit_code)


class Receipts:
    """The receipts of an apply: a file of each format, or standard output for one of them."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        """Create the files and remove old receipts, so that a wrong name is found before any send.

        Raises:
            SendspecError: a file cannot be written, or it has something else than a receipt.
        """
        self.use_stdout = any(output.file is None for output in outputs)
        self._outputs = [(output, _create(output.file)) for output in outputs]

    def write(self, console: Console, result: ApplyResult) -> ExitCode:
        """Write the receipts, and return the exit code; a failed write turns 0 into 1."""
        exit_code = result.exit_code
        for output, file in self._outputs:
            try:
                _write(console, file, _text(output.format, result))
            except Exception as error:  # noqa: BLE001 - the outcome of the sends matters more than any of these
                destination = output.file or "standard output"
                console.error(f"cannot write the receipt to {destination}: {error_reason(error)}")
                exit_code = exit_code or ExitCode.ERROR
        return exit_code


def _create(name: str | None) -> OutputFile | None:
    if name is None:
        return None
    from sendspec.cli._lib.output_file import OutputFile

    try:
        replaces_receipt = _has_receipt(name)
        file = OutputFile(name)
        if replaces_receipt:
            Path(name).unlink()
    except (OSError, ValueError) as error:
        raise SendspecError(
            f"cannot write {name}: {error_reason(error)}; nothing was sent",
            hint="choose another file for the receipt",
        ) from error
    return file


def _write(console: Console, file: OutputFile | None, text: str) -> None:
    if file is not None:
        file.write(text)
    elif not console.write_data(text):
        raise SendspecError("the reader closed the pipe")


def _text(form: str, result: ApplyResult) -> str:
    if form == "json":
        from sendspec.report.receipt_json import receipt_json

        return receipt_json(
            result.target,
            result.receipt,
            result.error,
            result.exit_code,
            plan_digest=result.plan_digest,
        )
    from sendspec.report.run_markdown import run_markdown
    from sendspec.report.run_review import review_run

    review = review_run(result.target, result.receipt, result.error, plan_digest=result.plan_digest)
    return run_markdown(review, result.directory)


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
    if content.startswith(b"<!-- sendspec:"):
        return True
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and {"exitCode", "requests"} <= value.keys()
