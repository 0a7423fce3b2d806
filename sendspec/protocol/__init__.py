"""The send protocol as a sans-I/O state machine: events come in, commands go out.

Each request moves through the stages of `transitions.TRANSITIONS`; docs/lifecycle.md has the diagram.
The machine guarantees three things. No request is posted before its intent is durable. No request is
posted again unless the vendor cannot have accepted the last attempt, or its check of `messageName`
makes repeating safe. Every attempt ends in a recorded outcome, or counts as unrecorded.

`sendspec.driver` connects the machine to threads, tests/simulation to a virtual clock.
"""

from sendspec.protocol.machine import Machine
from sendspec.protocol.observer_events import (
    DelayObserver,
    Event,
    Observer,
    RepetitionDelayed,
    RequestSettled,
    SettledObserver,
)
from sendspec.protocol.throttle import Throttle
from sendspec.protocol.transitions import ProtocolDefect, Stage
from sendspec.protocol.types import Command, Job, Now, Post, Record, Result

__all__ = [
    "Command",
    "DelayObserver",
    "Event",
    "Job",
    "Machine",
    "Now",
    "Observer",
    "Post",
    "ProtocolDefect",
    "Record",
    "RepetitionDelayed",
    "RequestSettled",
    "Result",
    "SettledObserver",
    "Stage",
    "Throttle",
]
