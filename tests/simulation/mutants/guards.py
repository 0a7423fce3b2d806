"""Defects of the machine's own checks, of the limits, and of the written form of an entry."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import LIMITS, NO_CHECK, NO_GUARD, Mutant

_INVARIANTS: Final = {
    "open by stage": "counted and all(",
    "window": "len(snapshot.open) <= snapshot.window",
    "limit": "not snapshot.posts or ",
    "durable intent": "all(request.durable or ",
    "queued intents": "queued == recording",
    "plan order": "all(before < after ",
    "header first": "isinstance(entry, RevisionStarted) and entry.address in intended",
    "outcomes queued": "snapshot.ledger_failed or settled ==",
    "progress": "snapshot.finished or snapshot.wakes",
}
"""The text of each invariant that its mutant replaces."""

_RELATIONS: Final = {
    "a run is lost before its last outcome is recorded": (
        "INTENT_SECONDS_MAX: Final = 360.0",
        "INTENT_SECONDS_MAX: Final = 600.0",
    ),
    "an exchange outlasts the life of a run": (
        "EXCHANGE_SECONDS_MAX: Final = 120.0",
        "EXCHANGE_SECONDS_MAX: Final = 300.0",
    ),
    "a push outlasts the life of a run": (
        "PUSH_SECONDS_MAX: Final = 120.0",
        "PUSH_SECONDS_MAX: Final = 600.0",
    ),
    "a busy request outlasts its intent": (
        "BUSY_ATTEMPTS_MAX: Final = 12",
        "BUSY_ATTEMPTS_MAX: Final = 24",
    ),
    "an unsent request outlasts its intent": (
        "UNSENT_ATTEMPTS_MAX: Final = 5",
        "UNSENT_ATTEMPTS_MAX: Final = 50",
    ),
    "the window is smaller than the concurrency": (
        "OPEN_REQUESTS_MAX: Final = 10",
        "OPEN_REQUESTS_MAX: Final = 9",
    ),
    "a repeated attempt does not wait": (
        "BACKOFF_SECONDS_MIN: Final = 0.5",
        "BACKOFF_SECONDS_MIN: Final = 0.0",
    ),
    "an append has no time for a slow call of git": (
        "GIT_CALL_SECONDS_MAX: Final = 60.0",
        "GIT_CALL_SECONDS_MAX: Final = 116.0",
    ),
    "the pauses of a repeated request outlast its intent": (
        "REPEAT_PAUSE_SECONDS_MIN: Final = 60.0",
        "REPEAT_PAUSE_SECONDS_MIN: Final = 125.0",
    ),
    "a job is too old before its run is lost": (
        "RUN_LOST_SECONDS: Final = 900.0",
        "RUN_LOST_SECONDS: Final = 90_000.0",
    ),
    "a request has no attempt": (
        "REPEAT_ATTEMPTS_MAX: Final = 3",
        "REPEAT_ATTEMPTS_MAX: Final = 0",
    ),
}
"""For each relation of limits a number that breaks it; `limits` refuses to load."""

MUTANTS: Final = (
    NO_GUARD,
    NO_CHECK,
    Mutant(
        "accepts the end of an append that is not in progress",
        "protocol/record_queue.py",
        "        if not self.in_progress:\n            raise",
        "        if self.in_progress is None:\n            raise",
        ("guarded",),
        noticed_by="misreports",
    ),
    Mutant(
        "accepts an answer to a request of another run",
        "protocol/machine.py",
        "        if request is None:\n            raise ProtocolDefect",
        "        if request is None:\n            return next(iter(self._requests.values()))\n"
        "            raise ProtocolDefect",
        ("guarded", "exit code"),
        noticed_by="misreports",
    ),
    Mutant(
        "posts after an impossible event",
        "protocol/machine.py",
        "        self.stopping = True\n        if not self.defective:",
        "        if not self.defective:",
        ("guarded",),
        noticed_by="misreports",
    ),
    Mutant(
        "keeps a refusal that an impossible event contradicts",
        "protocol/machine.py",
        "request.make_unknown(OutcomeReason.INTERNAL_ERROR)",
        "None",
        ("guarded",),
        noticed_by="misreports",
    ),
    Mutant(
        "treats a request as not sent after an impossible answer",
        "protocol/machine.py",
        "request.doubted = request.ambiguous = True",
        "request.doubted = True",
        ("guarded",),
        noticed_by="misreports",
    ),
    *(
        Mutant(
            f"does not check an invariant: {name}",
            "protocol/invariants.py",
            text,
            f"True or {text}",
            ("consistent", "never stuck"),
            noticed_by="broken_states",
        )
        for name, text in _INVARIANTS.items()
        if name != "header first"
    ),
    Mutant(
        "does not check an invariant: header first",
        "protocol/invariants.py",
        _INVARIANTS["header first"],
        f"False and {_INVARIANTS['header first']}",
        ("consistent",),
        noticed_by="broken_states",
    ),
    *(
        Mutant(name, "protocol_limits.py", number, broken, (LIMITS,))
        for name, (number, broken) in _RELATIONS.items()
    ),
    Mutant(
        "reads back an outcome without who settled it",
        "ledger/journal_entries.py",
        "            settled_by=request.settled_by,\n",
        "",
        ("readable",),
    ),
    Mutant(
        "reads back an intent without its attempts",
        "ledger/record_json.py",
        '                int(value["attempts"]),\n',
        '                int(value["attempts"] and 0),\n',
        ("readable",),
    ),
    Mutant(
        "writes an outcome without its reason",
        "ledger/journal_entries.py",
        "            reason=request.reason,\n",
        "",
        ("readable",),
    ),
)
