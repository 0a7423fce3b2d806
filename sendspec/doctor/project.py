"""The check of the project and its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.doctor.examination import Examination


def _project(examination: Examination) -> Decision:
    read = examination.project
    if read.error is not None:
        return Decision.of_error(CheckReason.PROJECT_UNUSABLE, read.error)
    if read.value is None:
        return Decision.of(CheckReason.PROJECT_MISSING, directory=examination.directory)
    return Decision.of(
        CheckReason.PROJECT_READ,
        directory=examination.directory,
        campaigns=pluralize(len(read.value.campaigns), "campaign"),
        target=examination.target_name,
    )


CHECKS: Final = (Check("project", CheckGroup.PROJECT, _project),)
