"""Defects of what may be sent again."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "ignores an unknown request",
        "compare.py",
        "if unknown and not _repeatable(send, record, unknown):",
        "if unknown and record is None:",
        DOUBLE,
    ),
    Mutant(
        "repeats contacts in the next run, as it repeats contact sources",
        "compare.py",
        "send.endpoint.traits.repeatable\n",
        "send.endpoint is not None\n",
        DOUBLE,
    ),
    Mutant(
        "repeats an edited contact-source request",
        "compare.py",
        "        and send.payload_digest == record.payload_digest\n",
        "",
        ("no false sent", "once", "one version"),
        second=("    if all_changes:\n        state", "    if all_changes and not unknown:\n        state"),
        noticed_by="edits",
    ),
    Mutant(
        "repeats a timeout of contacts",
        "protocol/request.py",
        "Verdict.UNKNOWN: REPEAT_ATTEMPTS_MAX if self.job.endpoint.traits.repeatable else 1,",
        "Verdict.UNKNOWN: REPEAT_ATTEMPTS_MAX,",
        ("halted", *DOUBLE),
    ),
    Mutant(
        "does not mark a repetition",
        "protocol/machine.py",
        "Post(request.key, request.job.endpoint, request.ambiguous, request.latest)",
        "Post(request.key, request.job.endpoint, False, request.latest)",
        ("no blind repeat",),
    ),
    Mutant(
        "forgets that an attempt may have been accepted",
        "protocol/request.py",
        "            self.ambiguous = True\n",
        "            self.ambiguous = self.ambiguous\n",
        ("no blind repeat", "kept", "no false not-sent", "exit code"),
    ),
    Mutant(
        "ignores requests that earlier runs left unknown",
        "apply.py",
        "        ambiguous=any(request.state.is_open for request in earlier),\n",
        "        ambiguous=False,\n",
        ("no blind repeat", "kept", "no false not-sent"),
    ),
    Mutant(
        "treats a refusal after an ambiguous attempt as definite",
        "protocol/request.py",
        "return RequestState.UNKNOWN if self.ambiguous else RequestState.NOT_SENT",
        "return RequestState.NOT_SENT",
        ("no false not-sent", "kept", "no blind repeat"),
    ),
    Mutant(
        "sends sent requests again when it resumes",
        "compare.py",
        "tuple(batch for batch in all_batches if batch not in sent)",
        "tuple(batch for batch in all_batches if batch not in ())",
        DOUBLE,
    ),
    Mutant(
        "resumes with other recipients",
        "compare.py",
        "    audience_changes = _audience_changes(send, facts, record, same_list=same_list)\n",
        "    audience_changes: tuple[Change, ...] = ()\n",
        ("one version", "foldable"),
    ),
    Mutant(
        "resumes with another text",
        "compare.py",
        "    if all_changes:\n        state",
        "    if all_changes and facts is None:\n        state",
        ("one version", "no false sent", "foldable"),
    ),
    Mutant(
        "sends a lower revision",
        "compare.py",
        "if send.revision < record.revision:",
        "if send.revision < 0:",
        ("once", "no blind repeat", "complete", "kept", "one version", "no false sent"),
        noticed_by="edits",
    ),
    Mutant(
        "omits the revision from the key",
        "protocol/request.py",
        "key = RequestKey(job.address, job.header.revision, batch)",
        "key = RequestKey(job.address, 1, batch)",
        ("once", "no blind repeat", "exit code", "foldable", "kept"),
    ),
    Mutant(
        "treats a part of a send as complete",
        "compare.py",
        "and len(accepted(record)) == record.expected_requests",
        "and len(accepted(record)) > 0",
        ("complete",),
    ),
    Mutant(
        "trusts the log of another run",
        "outcome_log.py",
        "return outcome.run is not None and outcome.run == request.run",
        "return outcome.run is not None",
        ("kept", "no false not-sent", "once"),
        noticed_by="logs",
    ),
)
