"""Defects of the guards around the vendor's answers."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants import runs
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
        "acoustic/connections.py",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
        "context = ssl.create_default_context()",
        "test_acoustic_transport.py::test_no_log_of_session_keys",
    ),
    GuardMutant(
        "does not look at the last instant before the first byte",
        "acoustic/network_backend.py",
        "            exchange.check_latest()\n",
        "",
        "test_suspended_runs.py::test_a_suspended_run_does_not_post",
    ),
    GuardMutant(
        "reads only the clock that can be set",
        "clocks.py",
        "return clock.wall() >= self.wall or clock.elapsed() >= self.elapsed",
        "return clock.wall() >= self.wall",
        "test_clocks.py::test_a_deadline_is_over_by_either_clock",
    ),
    GuardMutant(
        "waits for a run by the clock of its machine",
        "model/records.py",
        "return self.at if self.seen_at is None else max(self.at, self.seen_at)",
        "return self.at",
        "test_other_clocks.py::test_the_guard_counts_from_the_first_sighting",
    ),
    GuardMutant(
        "does not report a second acceptance",
        "ledger/git_session.py",
        "self.double_acceptances += doubles",
        "pass",
        "test_other_clocks.py::test_two_acceptances_of_one_request_are_an_error",
    ),
    GuardMutant(
        "takes the id of another request",
        "protocol/machine.py",
        "        if owner == key:\n            return outcome\n",
        "        if owner:\n            return outcome\n",
        "test_protocol.py::test_an_id_of_another_request_is_unknown",
    ),
    GuardMutant(
        "writes on a connection that has something to read",
        "acoustic/network_backend.py",
        "if self._was_read and not exchange.request_started and self._has_unread():",
        "if exchange is None:",
        "test_acoustic_transport.py::test_bytes_before_the_first_write",
    ),
    GuardMutant(
        "takes any port and http for an allowed host",
        "load/allowed_hosts.py",
        "(scheme, host, port) in _allowed(environ)",
        "host in {name for _, name, _ in _allowed(environ)}",
        "test_load_allowed_hosts.py::test_a_host_alone_allows_https_on_its_port",
    ),
    GuardMutant(
        "requests a token before every call",
        "acoustic/token.py",
        "usable = max(_usable_seconds(grant.lifetime_seconds), GRANT_SECONDS_MIN)",
        "usable = _usable_seconds(grant.lifetime_seconds)",
        "test_acoustic_token.py::test_one_token_a_minute",
    ),
    GuardMutant(
        "replaces refused tokens without a pause",
        "acoustic/token.py",
        "        if left > 0:\n",
        "        if left > 1e9:\n",
        "test_acoustic_token.py::test_tokens_that_are_always_refused",
    ),
    GuardMutant(
        "takes any printable text for an id",
        "resolve.py",
        "transaction_id = read_transaction_id(text)",
        "transaction_id = text",
        "test_cli_resolve.py::test_an_id_that_no_answer_could_have_is_refused",
    ),
    GuardMutant(
        "ends git, but not the helpers of git",
        "ledger/git_process.py",
        "os.killpg(process.pid, signal.SIGKILL)",
        "process.kill()",
        "test_git_children.py::test_a_helper_of_git_ends_with_the_time_limit",
    ),
    GuardMutant(
        "reads pages of a list that repeat",
        "vendor_lists.py",
        "if found.next_page not in expected:",
        "if False:",
        "test_plan_online.py::test_pages_that_do_not_end",
    ),
    GuardMutant(
        "takes a list beside an error for the whole list",
        "acoustic/list_answers.py",
        "isinstance(envelope.data, list) and not envelope.errors:",
        "isinstance(envelope.data, list):",
        "test_acoustic_lists.py::test_answers_without_a_list",
    ),
    *runs.MUTANTS,
)
