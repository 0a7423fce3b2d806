"""Defects of the meaning of an answer."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        "treats a broken exchange as a failed connection",
        "acoustic/outcome.py",
        "FailureKind.BROKEN: (Verdict.UNKNOWN, OutcomeReason.NO_ANSWER),",
        "FailureKind.BROKEN: (Verdict.UNSENT, OutcomeReason.NO_ANSWER),",
        ("once", "kept", "no false not-sent"),
    ),
    Mutant(
        "treats 408, 409 and 429 as definite refusals",
        "acoustic/outcome.py",
        "definite = is_client_error(answer.status) and answer.status not in TRANSIENT",
        "definite = is_client_error(answer.status)",
        ("kept", "no false not-sent", "once"),
    ),
    Mutant(
        "treats a refusal without the vendor's envelope as definite",
        "acoustic/outcome.py",
        "return definite and envelope.vendors and envelope.data is None",
        "return definite and envelope.data is None",
        ("kept", "no false not-sent", "once"),
    ),
    Mutant(
        "accepts a 2xx without an id",
        "acoustic/outcome.py",
        "if job_id is None and transaction_id is None:",
        "if envelope.errors and job_id is None and transaction_id is None:",
        ("no false sent",),
    ),
    Mutant(
        "treats a taken name as its own on a first attempt",
        "acoustic/outcome.py",
        "    (Verdict.REFUSED, OutcomeReason.REFUSED),\n    (Verdict.SENT,",
        "    (Verdict.SENT, OutcomeReason.ACCEPTED_EARLIER),\n    (Verdict.SENT,",
        ("no false sent",),
    ),
    Mutant(
        "believes the busy text of a gateway",
        "acoustic/outcome.py",
        "    if not is_vendor_refusal(answer, envelope):\n",
        '    if _BUSY_TEXT in answer.body.decode(errors="replace").lower():\n'
        "        return Verdict.BUSY, OutcomeReason.BUSY\n"
        "    if not is_vendor_refusal(answer, envelope):\n",
        ("kept", "no false not-sent", "once", "no blind repeat"),
    ),
    Mutant(
        "takes another request's name for its own",
        "acoustic/outcome.py",
        "own = all(body.has_name(name, endpoint) for name in names)",
        "own = endpoint.traits.repeatable",
        ("no false sent", "kept", "no false not-sent"),
    ),
)
