"""The base that `--against` names, while a plan is compared with it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import LedgerState, Project, Target
    from sendspec.plan_difference import BaseComparison
    from sendspec.selection import Selection


@contextmanager
def compared_with(
    against: str | None, project: Project, target: Target, ledger: LedgerState, selection: Selection
) -> Iterator[BaseComparison | None]:
    """Yield the comparison of a plan with a base, None without one.

    Raises:
        SendspecError: as `open_base`.
    """
    if against is None:
        yield None
        return
    from sendspec.base_specs import open_base
    from sendspec.plan_difference import BaseComparison, read_base

    with open_base(against, project.directory) as files:
        specs = read_base(files, target, os.environ, selection, project.contacts_directory)
        yield BaseComparison(specs, project, target, ledger, selection)
