"""What an answer means."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        "takes a broken exchange for one that never began",
        "acoustic/outcome.py",
        "FailureKind.BROKEN: (Verdict.UNKNOWN, OutcomeReason.NO_ANSWER),",
        "FailureKind.BROKEN: (Verdict.UNSENT, OutcomeReason.NO_ANSWER),",
        ("once", "kept", "no false not-sent"),
    ),
    Mutant(
        "believes a 408 and a 429",
        "acoustic/outcome.py",
        "definite = is_client_error(answer.status) and answer.status not in TRANSIENT",
        "definite = is_client_error(answer.status)",
        ("kept", "no false not-sent", "once"),
    ),
    Mutant(
        "believes a refusal that is not the vendor's",
        "acoustic/outcome.py",
        "return definite and envelope.vendors and envelope.data is None",
        "return definite and envelope.data is None",
        ("kept", "no false not-sent", "once"),
    ),
    Mutant(
        "needs no id",
        "acoustic/outcome.py",
        "if job_id is None and transaction_id is None:",
        "if envelope.errors and job_id is None and transaction_id is None:",
        ("no false sent",),
    ),
    Mutant(
        "takes a name that is taken for its own, on a first attempt",
        "acoustic/outcome.py",
        "    (Verdict.REFUSED, OutcomeReason.REFUSED),\n    (Verdict.SENT,",
        "    (Verdict.SENT, OutcomeReason.ACCEPTED_EARLIER),\n    (Verdict.SENT,",
        ("no false sent",),
    ),
)
