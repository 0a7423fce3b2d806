"""The ids of programs and published messages in the specs, compared with the vendor's lists."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.compare import is_finished
from sendspec.due import is_too_late
from sendspec.identity import identify
from sendspec.model import PROGRAM_PROPERTY, RuleSetting, message_property
from sendspec.render import render
from sendspec.rules import RULES, RuleContext, run_rules
from sendspec.selection import ALL
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.model import Finding, LedgerState, Project, Target, VendorCatalog


class PendingIds(Struct, frozen=True):
    """The sends of a project that are neither finished nor expired, whose ids the vendor must know."""

    context: RuleContext

    @classmethod
    def of(cls, project: Project, target: Target, state: LedgerState, now: datetime) -> PendingIds:
        """Return the pending sends by the ledger.

        Raises:
            SpecError: the specs cannot be rendered.
        """
        sends = render(project, target, require_files=False)
        ledger = identify(sends, state, ALL).ledger
        others = {rule.id: RuleSetting(off=True) for rule in RULES if not rule.only_online}
        pending = [
            send
            for send in sends
            if not is_finished(send, ledger.sends.get(send.address)) and not is_too_late(send, now)
        ]
        rules = {**project.rules, **others}
        return cls(RuleContext(replace(project, rules=rules), target, pending, ledger, now))

    @property
    def named(self) -> Mapping[str, int]:
        """How many sends name a program, and how many a published message, by the id of the rule."""
        counts = Counter[str]()
        for send in self.context.sends:
            counts["program"] += bool(send.payload.get(PROGRAM_PROPERTY))
            counts["published-message"] += message_property(send) is not None
        return counts

    def findings(self, catalog: VendorCatalog) -> tuple[Finding, ...]:
        """Return the findings of the rules that `plan --online` adds; no list of contacts is read."""
        return run_rules(replace(self.context, catalog=catalog), known={}).findings
