"""Defects of the guards of identity: spellings of one value, and lookalikes of another."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "field/test_identity.py::"
_PEOPLE: Final = "field/test_shared_people.py::"
_SHIFTED: Final = "field/test_shifted_sends.py::"

MUTANTS: Final = (
    GuardMutant(
        "accepts a value that looks like another one",
        "load/project.py",
        "if character := refused_character(str(value)):",
        "if character := refused_character(''):",
        _TEST + "test_a_value_that_looks_like_another_one_is_refused",
    ),
    GuardMutant(
        "keeps the order of axes in the file",
        "load/project.py",
        'for axis, values in sorted(send.get("matrix", {}).items())',
        'for axis, values in send.get("matrix", {}).items()',
        _TEST + "test_another_spelling_of_a_matrix_sends_nothing",
    ),
    GuardMutant(
        "keeps the Unicode form of a value",
        "load/address_values.py",
        'return text if text.isascii() else unicodedata.normalize("NFC", text)',
        "return text",
        _TEST + "test_the_ledger_of_an_older_version_is_recognised",
    ),
    GuardMutant(
        "compares the text of a renamed send only",
        "compare.py",
        "return stretched_digest(recorded.salt or address, facts.digest) == recorded.digest",
        "return recorded.salt is not None",
        _TEST + "test_a_rename_after_the_send_is_an_error",
    ),
    GuardMutant(
        "sends a former address to two sends",
        "identity/matching.py",
        "if owner is not send:",
        "if owner is None:",
        _TEST + "test_a_record_belongs_to_one_send",
    ),
    GuardMutant(
        "compares new sends only with addresses that left the specs",
        "rules/_lib/same_messages.py",
        "_present_records(context, checked_sends))",
        "())",
        _SHIFTED + "test_campaigns_that_take_the_name_of_the_next",
    ),
    GuardMutant(
        "reports a list that its send still has",
        "identity/left_records.py",
        "return own is None or own.digest != facts.digest",
        "return True",
        _SHIFTED + "test_a_raised_revision_keeps_its_list",
    ),
    GuardMutant(
        "forgets the sends whose lists were not read",
        "identity/left_records.py",
        "self._unread[text, count].append(own.address)",
        "pass",
        _SHIFTED + "test_values_of_a_matrix_that_move_on",
    ),
    GuardMutant(
        "does not compare a raised revision with other addresses",
        "rules/renamed_send.py",
        "yield from _first_match(checked_send, context, is_raised=True)",
        "yield from ()",
        _SHIFTED + "test_a_raised_revision_takes_what_another_address_had",
    ),
    GuardMutant(
        "compares the names of tags",
        "identity/message_text.py",
        'text = TAG.sub("%%%%", text).casefold()',
        "text = text.casefold()",
        _SHIFTED + "test_a_rename_with_a_sorted_list_and_a_small_edit",
    ),
    GuardMutant(
        "compares the case of ids",
        "identity/message_text.py",
        "return text.lower()",
        "return text",
        _SHIFTED + "test_the_id_of_a_message_in_capitals",
    ),
    GuardMutant(
        "does not warn about copies",
        "rules/_lib/same_messages.py",
        "copies.setdefault(checked_send.send.address, other)",
        "pass",
        _SHIFTED + "test_a_copy_of_a_send_is_a_warning",
    ),
    GuardMutant(
        "does not notice the same text within a day",
        "rules/overlap.py",
        "yield _same_text(shared)",
        "pass",
        _SHIFTED + "test_a_copy_within_a_day_is_an_error",
    ),
    GuardMutant(
        "compares no list with that of a finished send",
        "rules/_lib/calendar_lists.py",
        "start - dated.at >= compared.within",
        "start - dated.at >= compared.within * 0",
        _SHIFTED + "test_a_copy_within_a_day_is_an_error[True]",
    ),
    GuardMutant(
        "takes the list of a finished send as it is now",
        "rules/_lib/calendar_lists.py",
        "is_same = has_recorded_list(checked_send) or (",
        "is_same = True or (",
        _PEOPLE + "test_a_person_who_got_another_text_today",
    ),
    GuardMutant(
        "forgets the people of a finished send whose list was edited",
        "rules/overlap.py",
        "for sends in (calendar.known, calendar.sends):",
        "for sends in (calendar.known,):",
        _PEOPLE + "test_the_same_text_after_a_changed_row",
    ),
    GuardMutant(
        "takes an edited list for a new one",
        "rules/overlap.py",
        "return then <= _SIZE_RATIO_MAX * dated.recipients and dated.recipients <= _SIZE_RATIO_MAX * then",
        "return False",
        _PEOPLE + "test_the_same_text_after_a_changed_row",
    ),
    GuardMutant(
        "takes an edited text for another message",
        "rules/_lib/other_texts.py",
        "_similarity(*sorted(map(str, texts))) < _SIMILARITY_MAX",
        "one != other",
        "field/test_identity.py::test_a_text_that_may_be_an_edit_is_a_rename",
    ),
    GuardMutant(
        "takes an unknown text for another one",
        "rules/_lib/other_texts.py",
        "return None not in texts and",
        "return None in texts or",
        "field/test_identity.py::test_a_text_that_may_be_an_edit_is_a_rename",
    ),
    GuardMutant(
        "reads only the newest text of a send that left the specs",
        "rules/renamed_send.py",
        "are_other_texts(send.payload, record.payload) for record in former.record.revisions",
        "are_other_texts(send.payload, record.payload) for record in (former.record,)",
        "field/test_identity.py::test_a_text_that_may_be_an_edit_is_a_rename",
    ),
    GuardMutant(
        "takes a rewritten text of a campaign for another message",
        "rules/renamed_send.py",
        "if _campaign(send.address) == _campaign(former.address):",
        "if False:",
        "field/test_identity.py::test_a_text_that_may_be_an_edit_is_a_rename",
    ),
    GuardMutant(
        "stops at the first other message to a list",
        "rules/renamed_send.py",
        "            others.append(former)\n            continue\n",
        "            others.append(former)\n            break\n",
        "field/test_identity.py::test_a_warning_hides_no_rename",
    ),
    GuardMutant(
        "accepts any number of recipients",
        "rules/audience_change.py",
        "abs(facts.count - send.expected.recipients) > send.expected.difference_max",
        "False",
        _PEOPLE + "test_a_list_that_is_not_the_expected_one",
    ),
    GuardMutant(
        "prints an address that the ledger does not have",
        "rules/_lib/resolve_command.py",
        "context.identities.sent_under.get(key.address, key.address)",
        "key.address",
        _SHIFTED + "test_a_job_is_stopped_under_either_address",
    ),
    GuardMutant(
        "stops a job only under its newest address",
        "resolve.py",
        "name = name._replace(address=state.address_of(name.address))\n    revisions",
        "revisions",
        _SHIFTED + "test_a_job_is_stopped_under_either_address",
    ),
)
