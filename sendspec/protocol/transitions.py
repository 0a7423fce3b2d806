"""Transition table of a request: from each stage, the stage that each event leads to.

Every change of a stage goes through `next_stage`. The diagram in docs/lifecycle.md is `diagram()`.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import RequestKey


class Stage(StrEnum):
    """Stages of a request in one run."""

    PENDING = "pending"
    """Nothing of it is in the ledger."""
    RECORDING = "recording"
    """Its intent is being recorded."""
    READY = "ready"
    """Its intent is durable, and it is not in flight."""
    POSTING = "posting"
    """It is in flight."""
    SETTLED = "settled"
    """Its outcome is known."""
    ABANDONED = "abandoned"
    """The ledger failed while its intent was being recorded."""


class Trigger(StrEnum):
    """Events that change the stage of a request."""

    INTENDED = "intended"
    DURABLE = "intent durable"
    CONFLICT = "conflict"
    LEDGER_FAILED = "ledger failed"
    POSTED = "posted"
    RETRY = "answered, may repeat"
    ANSWERED = "answered"
    GIVEN_UP = "given up"
    WITHDRAWN = "withdrawn"
    """The command that a failed decision contained never started."""


TRANSITIONS: Final[Mapping[tuple[Stage, Trigger], Stage]] = MappingProxyType(
    {
        (Stage.PENDING, Trigger.INTENDED): Stage.RECORDING,
        (Stage.RECORDING, Trigger.DURABLE): Stage.READY,
        (Stage.RECORDING, Trigger.CONFLICT): Stage.PENDING,
        (Stage.RECORDING, Trigger.LEDGER_FAILED): Stage.ABANDONED,
        (Stage.RECORDING, Trigger.WITHDRAWN): Stage.PENDING,
        (Stage.READY, Trigger.POSTED): Stage.POSTING,
        (Stage.READY, Trigger.GIVEN_UP): Stage.SETTLED,
        (Stage.POSTING, Trigger.RETRY): Stage.READY,
        (Stage.POSTING, Trigger.WITHDRAWN): Stage.READY,
        (Stage.POSTING, Trigger.ANSWERED): Stage.SETTLED,
    }
)

OPEN_STAGES: Final = frozenset({Stage.RECORDING, Stage.READY, Stage.POSTING})
"""Stages between the decision to record an intent and the outcome."""


class ProtocolDefect(Exception):
    """A defect of sendspec itself: the state or an event is impossible.

    It is not a `SendspecError`, so no handler of user errors catches it by mistake. `key` is
    the request that it is about, if it is about one.
    """

    def __init__(self, message: str, key: RequestKey | None = None) -> None:
        super().__init__(message)
        self.key = key


class IllegalTransition(ProtocolDefect):
    """An event came at a stage in which it is impossible."""


def next_stage(stage: Stage, trigger: Trigger, key: RequestKey) -> Stage:
    """Return the stage that `trigger` leads to.

    Raises:
        IllegalTransition: the table does not have this transition.
    """
    after = TRANSITIONS.get((stage, trigger))
    if after is None:
        raise IllegalTransition(f"{key}: '{trigger}' is impossible in stage '{stage}'", key)
    return after


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    edges = [f"    {before} --> {after}: {trigger}" for (before, trigger), after in TRANSITIONS.items()]
    ends = [f"    {stage} --> [*]" for stage in (Stage.SETTLED, Stage.ABANDONED)]
    return "\n".join(("stateDiagram-v2", f"    [*] --> {Stage.PENDING}", *edges, *ends))
