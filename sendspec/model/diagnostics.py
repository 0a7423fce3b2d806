"""Diagnostics: problems that make a file unreadable, and findings of rules about a readable one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from sendspec.model.locations import Location


class Problem(NamedTuple):
    """A reason why a file cannot be used; sorts by location."""

    location: Location
    message: str
    hint: str | None = None


class Level(StrEnum):
    """The weight of a finding: an error blocks apply, a warning and an info never do."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(Struct, frozen=True):
    """A violation of a rule at one location; `address` is None if it concerns the whole project.

    `reason` is the rule's own code for this kind of violation. `allowed` is the reason of the `allow`
    entry that excepts the finding, else None; an allowed finding blocks nothing.
    `blocks_only_its_send`, `applies_to_finished_sends` and `only_online` are copied from the rule.
    """

    rule: str
    reason: str
    level: Level
    message: str
    location: Location
    address: str | None = None
    hint: str | None = None
    allowed: str | None = None
    blocks_only_its_send: bool = False
    applies_to_finished_sends: bool = False
    only_online: bool = False
