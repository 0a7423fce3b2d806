"""What a rule is: an id, a level, options, a page, and up to three ways of looking.

A rule never raises on what it reads, never changes anything, and keeps no state between two
inspections. Its module's docstring is its page, shown by `sendspec explain`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.compare import Comparison
    from sendspec.model import (
        AudienceFacts,
        Contact,
        Duplicate,
        LedgerState,
        Level,
        Location,
        Project,
        Send,
        SendRecord,
        Target,
    )


class Violation(NamedTuple):
    """What a rule found at one place, before levels and `allow` are applied.

    `level` None means the rule's own. `send` is set only by `check_project`; what is said while one
    send is looked at belongs to that send.
    """

    message: str
    location: Location
    hint: str | None = None
    level: Level | None = None
    send: Send | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a rule: its default, what it means, and what is wrong with a value (or None)."""

    default: Any
    summary: str
    complaint: Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules may know; `now` is aware, and the only clock there is.

    `offline` says that no ledger was asked: what seems new may be over.
    """

    project: Project
    target: Target
    sends: Sequence[Send]
    ledger: LedgerState
    now: datetime
    offline: bool = False

    def option(self, rule: Rule, name: str) -> Any:
        """Give the project's value of an option of `rule`, or its default."""
        setting = self.project.rules.get(rule.id)
        given = {} if setting is None else setting.options
        return given.get(name, rule.options[name].default)


@dataclass(frozen=True, slots=True)
class CheckedSend:
    """One send after the pass over its contacts, and how it stands against the ledger."""

    send: Send
    facts: AudienceFacts | None
    record: SendRecord | None
    comparison: Comparison

    @property
    def pending(self) -> bool:
        """Whether some request of this send would still go out."""
        return bool(self.comparison.pending)


class Watch:
    """Sees the contacts of one send as they pass, a thousand at a time, and reports afterwards.

    Its memory must not grow with the list: count, keep three examples (`rows.Rows`), forget.
    """

    def see(self, contacts: Sequence[Contact]) -> None:
        """Take note of recipients, duplicates already taken out."""

    def see_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        """Take note of contacts that came before."""

    def reports(self) -> Iterable[Violation]:
        """Say what was found, once the last contact has passed."""
        return ()


class Rule:
    """The base of every rule; one module, one rule, one id.

    A level that a project sets replaces the rule's own. What a rule grades differently (a blank name
    is an error, a space at its edge a warning) keeps its grade, but never weighs more than the level
    that was set.
    """

    id: ClassVar[str]
    level: ClassVar[Level]
    options: ClassVar[Mapping[str, Option]] = {}

    @property
    def page(self) -> str:
        """The rule's page: what, why, source, a bad and a good spec."""
        return (sys.modules[type(self).__module__].__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.partition("\n")[0]

    def check_project(self, context: Context) -> Iterable[Violation]:
        """Look at all sends together; called once."""
        return ()

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Look at one send; called once a send."""
        return ()

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Give what should see the contacts of `send`, or None where there is nothing to look for."""
        return None


def text_of(send: Send) -> str | None:
    """Give the text that goes out, None where it is the vendor's: `contentId` wins over `content`."""
    content = send.payload.get("content")
    return content if isinstance(content, str) and not send.payload.get("contentId") else None
