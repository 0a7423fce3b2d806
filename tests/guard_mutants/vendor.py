"""Defects of the guards around the vendor's answers."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_OUTCOME: Final = "test_outcome.py::"
_REDACT: Final = "test_redact.py::"

MUTANTS: Final = (
    GuardMutant(
        "takes another name that exists already for its own",
        "acoustic/outcome.py",
        "own = all(body.has_name(name, endpoint) for name in names)",
        "own = True",
        _OUTCOME + "test_another_name_says_nothing",
    ),
    GuardMutant(
        "believes the busy text within another text",
        "acoustic/outcome.py",
        "all(_BUSY_SENTENCE.fullmatch(text) for text in texts)",
        "all(_BUSY_SENTENCE.search(text) for text in texts)",
        _OUTCOME + "test_the_busy_text_must_be_the_whole_sentence",
    ),
    GuardMutant(
        "believes the busy text of its own body",
        "acoustic/outcome.py",
        " and not body.contains(_BUSY_TEXT)",
        "",
        _OUTCOME + "test_the_busy_text_of_our_own_body_means_nothing",
    ),
    GuardMutant(
        "believes the busy text of a gateway",
        "acoustic/outcome.py",
        "    if not is_vendor_refusal(answer, envelope):\n",
        "    if _BUSY_TEXT in answer.body.decode(errors='replace').lower():\n"
        "        return Verdict.BUSY, OutcomeReason.BUSY\n"
        "    if not is_vendor_refusal(answer, envelope):\n",
        _OUTCOME + "test_first_attempt",
    ),
    GuardMutant(
        "treats 409, 425 and 499 as definite refusals",
        "acoustic/outcome.py",
        "frozenset({408, 409, 425, 429, 499})",
        "frozenset({408, 429})",
        _OUTCOME + "test_first_attempt",
    ),
    GuardMutant(
        "keeps the contacts of a request in its evidence",
        "acoustic/outcome.py",
        "redactor.foreign(text, body.personal, body.public_ids)",
        "redactor.foreign(text, (), body.public_ids)",
        _OUTCOME + "test_nothing_personal_gets_into_evidence",
    ),
    GuardMutant(
        "masks text of the vendor like its own messages",
        "acoustic/outcome.py",
        "redactor.foreign(text, body.personal, body.public_ids)",
        "redactor(text)",
        _OUTCOME + "test_nothing_personal_gets_into_evidence",
    ),
    GuardMutant(
        "keeps e-mail addresses",
        "redact.py",
        "text = _EMAIL.sub(EMAIL, text)",
        "",
        _OUTCOME + "test_nothing_personal_gets_into_evidence",
    ),
    GuardMutant(
        "masks a secret only as a whole",
        "redact.py",
        "frozenset(run for text in spellings for run in _runs_of(text))",
        "frozenset()",
        _REDACT + "test_a_secret_that_was_cut_is_masked",
    ),
    GuardMutant(
        "does not know base64",
        "redact.py",
        "spellings |= {inner,",
        "{inner,",
        _REDACT + "test_a_secret_is_masked_in_every_encoding",
    ),
    GuardMutant(
        "masks dates as phone numbers",
        "redact.py",
        "for match in _KEPT.finditer(text):",
        "for match in _KEPT.finditer(''):",
        _REDACT + "test_dates_and_times_are_not_phone_numbers",
    ),
    GuardMutant(
        "records the vendor's own words as the reason of a failure",
        "status.py",
        "contact.reason.value for contact in answer.failed",
        "contact.message for contact in answer.failed",
        "test_vendor_privacy.py::test_reasons_of_failures_are_codes",
    ),
    GuardMutant(
        "logs the keys of its TLS sessions",
        "acoustic/transport.py",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
        "context = ssl.create_default_context()",
        "test_acoustic_transport.py::test_no_log_of_session_keys",
    ),
)
