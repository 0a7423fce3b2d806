"""The scan of a finished send: only its recipients, with the same answers of all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sendspec.audience import scan_together
from sendspec.compare import is_finished
from sendspec.errors import SpecError
from sendspec.identity import identify
from sendspec.model import Recipients, RequestRecord, RequestState, SendRecord, ZoneFacts
from sendspec.rules import RULES, Rule, run_rules
from sendspec.rules._lib.rule import with_own
from sendspec.structs import replace
from tests.audiences import from_text, us
from tests.dirty_lists import dirty_sends
from tests.row_scan import result_of
from tests.rule_cases import NOW, all_cases, context_of

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.model import AudienceFacts, Send
    from tests.rule_cases import Case

OF_RECIPIENTS = ("count", "batch_digests", "duplicates", "refused", "numbers", "excluded", "lookups", "rows")
READERS = {
    rule.id
    for rule in RULES
    if rule.applies_to_finished_sends or rule in with_own(Rule.check_together, RULES)
}


class Everything:
    """An observer of lists, with which the facts of all sends are whole."""

    def other_texts(self, _sends):
        return ()

    def on_texts(self, sends, facts):
        pass

    def on_list(self, sends, people, lists):
        pass


def sent(send: Send, facts: AudienceFacts | None) -> SendRecord:
    """Return the record of a send that got other recipients, which takes no stretched digest to see."""
    recipients = None if facts is None else Recipients(facts.count + 1, "scrypt:" + "a" * 64)
    record = SendRecord(send.endpoint, send.revision, send.payload, send.payload_digest, recipients, ())
    count = record.expected_requests
    requests = (RequestRecord(batch, RequestState.SENT, NOW) for batch in range(1, count + 1))
    return replace(record, requests=tuple(requests))


@pytest.mark.parametrize("first_seed", range(0, 60, 30))
def test_facts_of_recipients_are_those_of_a_whole_scan(first_seed: int, tmp_path: Path) -> None:
    """Without texts, values and time zones, the other facts and the problems are the same."""
    for seed in range(first_seed, first_seed + 30):
        sends = dirty_sends(tmp_path, seed)
        facts, problems = result_of(lambda sends=sends: scan_together(sends))
        found, found_problems = result_of(lambda sends=sends: scan_together(sends, only_recipients=True))
        assert found_problems == problems, seed
        for whole, part in zip(facts or (), found or (), strict=True):
            for name in OF_RECIPIENTS:
                assert getattr(part, name) == getattr(whole, name), (seed, name)


def test_facts_of_recipients_have_no_texts(tmp_path: Path) -> None:
    """The text of a person who got it is in no fact any more."""
    send = from_text(tmp_path, f"contactId,A\n{us(1)},x\n")
    [facts] = scan_together([send], only_recipients=True)
    assert facts is not None
    assert (facts.text, facts.batch_segments, facts.zones, facts.area_codes) == (None, None, ZoneFacts(), {})


@pytest.mark.parametrize("case", [each for each in all_cases() if each.rule in READERS], ids=str)
def test_rules_find_the_same_about_finished_sends(case: Case) -> None:
    """Each rule that reads facts of finished sends has the same findings as with whole facts."""
    context = context_of(case.folder)
    try:
        facts = run_rules(context).facts
    except SpecError:
        pytest.skip("a list of the case cannot be read")
    records = {send.address: sent(send, facts[send.address]) for send in context.sends}
    ledger = replace(context.ledger, sends={**context.ledger.sends, **records})
    context = replace(context, ledger=ledger, identities=identify(context.sends, ledger))
    assert all(is_finished(send, ledger.sends[send.address]) for send in context.sends)
    finished, whole = run_rules(context), run_rules(context, list_observer=Everything())
    assert finished.findings == whole.findings
    assert finished.comparisons == whole.comparisons
    assert (finished.people, finished.also_get) == (whole.people, whole.also_get)
