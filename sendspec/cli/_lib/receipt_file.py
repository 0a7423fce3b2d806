"""The receipt of a run, read again to report why the run failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from sendspec.report.run_failure import RunFailure


def read_failure(name: str, target: str) -> RunFailure | None:
    """Return why the run of a receipt failed, None if it did not; a missing file means that it was stopped.

    Raises:
        SendspecError: the file is not the receipt of a run of this target.
    """
    from sendspec import schema
    from sendspec.model import Location, Locations
    from sendspec.report.run_failure import failure_of_receipt, failure_without_receipt

    try:
        receipt = json.loads(Path(name).read_bytes())
    except FileNotFoundError:
        return failure_without_receipt()
    except (OSError, ValueError, RecursionError) as error:
        raise SendspecError(
            f"cannot read {name}: {error_reason(error)}", hint="name the file of `apply --receipt`"
        ) from error
    if schema.check("receipt", receipt, Locations(Location(name))):
        raise SendspecError(f"{name} is not a receipt", hint="name the file of `apply --receipt`")
    if receipt["target"] != target:
        raise SendspecError(
            f"{name} is the receipt of target '{receipt['target']}', not '{target}'",
            hint="use the --target of the run",
        )
    return failure_of_receipt(receipt)
