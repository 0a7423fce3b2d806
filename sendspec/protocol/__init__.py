"""The send protocol as a machine without input or output: told what happened, it says what to do.

    pending ──intent──▶ recording ──durable──▶ ready ──Post──▶ posting ──answer──▶ settled
                                                 ▲                 │
                                                 └── may repeat ───┘

It promises that no request is posted before its intent is durable, that none is posted again unless
nothing of the last attempt can have been accepted (or the vendor's own check of `messageName` makes
repeating safe), and that every attempt ends in a recorded outcome or is counted as unrecorded.
Threads drive it for real, a simulator drives the same code under a virtual clock.
"""

from sendspec.protocol.commands import Command, Job, Now, Post, Record, Result, Tell
from sendspec.protocol.machine import Machine
from sendspec.protocol.request import (
    BACKOFF_MOST_SECONDS,
    BUSY_ATTEMPTS,
    INTENT_LASTS_SECONDS,
    REPEAT_ATTEMPTS,
    UNSENT_ATTEMPTS,
)
from sendspec.protocol.throttle import Throttle

__all__ = [
    "BACKOFF_MOST_SECONDS",
    "BUSY_ATTEMPTS",
    "INTENT_LASTS_SECONDS",
    "REPEAT_ATTEMPTS",
    "UNSENT_ATTEMPTS",
    "Command",
    "Job",
    "Machine",
    "Now",
    "Post",
    "Record",
    "Result",
    "Tell",
    "Throttle",
]
