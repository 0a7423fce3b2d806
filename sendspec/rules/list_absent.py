"""A list is not on this machine, so it cannot send.

What: the rule names the lists with a `sha256` that are not in the directory of `--contacts-dir` or
SENDSPEC_CONTACTS_DIR: contact files and exclude lists of sends that still need them. A plan blocks each
of these sends, with any level of this rule and with an `allow` entry too. An apply sends the others, and
exits 3 if one of these sends is due. `plan --require-lists` makes an error of each list of a due send.
Without the ledger, as in `validate`, it is an info, because the send may be finished.

Why: a plan of a fork has no secrets, so it cannot fetch the list, and the rest of the plan is useful. But
a send without its list has no recipients, and a send without an exclude list reaches people who opted out.

Source: this project's caution; 47 CFR 64.1200(a)(10), as of 2024-03-05 (89 FR 15756): a revocation of
consent must be honoured. This is not legal advice.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          file: newest.csv
          sha256: 3c5d1f0a7a2b4f6e8d9c0b1a2e3f4d5c6b7a8998a7b6c5d4e3f2a1b0c9d8e7f6

Good (the list is in the contacts directory):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          file: vip.csv
          sha256: 7eb1657faf84386610e2c46f2956cbfb5f2109f8c34a2080b134da0483466056
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.due import is_too_late
from sendspec.model import Finding, Level
from sendspec.render import absent_list_problem
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.rules._lib.settings import active_exception

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import ContactFile, Location, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ListAbsent(Rule):
    """Lists outside of the repository that this machine does not have."""

    id = "list-absent"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    blocks_only_its_send = True
    reasons: ClassVar = {
        "contacts": "the contact file of a send is not on this machine",
        "exclude-list": "an exclude list of a send is not on this machine",
    }

    def check_together(
        self, checked_sends: Sequence[CheckedSend], context: RuleContext
    ) -> Iterator[Violation]:
        """Report each list once, for all sends that need it.

        Sends with a valid `allow` entry are counted apart, so that an entry accepts only its own send.
        """
        found: dict[tuple[Location, str, bool], tuple[ContactFile, dict[str, Send]]] = {}
        for checked_send in checked_sends:
            send = checked_send.send
            absent = send.absent_lists
            if not absent or not _needs_lists(checked_send, context):
                continue
            is_allowed = active_exception(send, self, context.now)[0] is not None
            for file in absent:
                key = (file.location, file.name, is_allowed)
                found.setdefault(key, (file, {}))[1][send.address] = send
        for file, sends in found.values():
            violation = _violation(file, list(sends.values()))
            yield violation._replace(level=Level.INFO) if context.offline else violation


def absent_list_errors(sends: Sequence[Send]) -> tuple[Finding, ...]:
    """Return an error for each absent list of sends, in spite of the rule's level and `allow` entries."""
    found: dict[tuple[Location, str], tuple[ContactFile, list[Send]]] = {}
    for send in sends:
        for file in send.absent_lists:
            found.setdefault((file.location, file.name), (file, []))[1].append(send)
    return tuple(_error(_violation(file, without)) for file, without in found.values())


def _error(violation: Violation) -> Finding:
    return Finding(
        rule=ListAbsent.id,
        reason=violation.reason,
        level=Level.ERROR,
        message=violation.message,
        location=violation.location,
        address=None if violation.send is None else violation.send.address,
        hint=violation.hint,
        blocks_only_its_send=ListAbsent.blocks_only_its_send,
    )


def _needs_lists(checked_send: CheckedSend, context: RuleContext) -> bool:
    expired = is_too_late(checked_send.send, context.now) and not context.offline
    return checked_send.pending and not expired


def _violation(file: ContactFile, sends: Sequence[Send]) -> Violation:
    problem = absent_list_problem(file)
    blocked = "this send" if len(sends) == 1 else f"each of {len(sends):,} sends"
    return Violation(
        "contacts" if file is sends[0].contacts else "exclude-list",
        f"{problem.message}, which keeps apply from {blocked}",
        problem.location,
        problem.hint,
        send=sends[0],
    )
