"""Why no plan can be made, masked, for the formats that replace an earlier plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Finding


class PlanFailure(NamedTuple):
    """Why a project cannot be planned for a target.

    `findings` are the problems of its files; without any, `message` says what failed. `hint` is a command or
    an instruction. All texts are masked, and untrusted. `run_url` is the address of the run that failed.
    """

    target: str
    findings: Sequence[Finding]
    message: str
    hint: str | None = None
    run_url: str | None = None
