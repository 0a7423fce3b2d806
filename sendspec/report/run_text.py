"""The result of an apply as text: what was sent, what was not, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.formatting import pluralize
from sendspec.model import RequestState, Sign
from sendspec.report.run_review import blocked_sends, review_run
from sendspec.report.text import cut_off_lines, waiting_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.apply import Receipt
    from sendspec.report.run_review import SendResult

_SENDS_MAX: Final = 20


def run_lines(receipt: Receipt) -> Iterator[str]:
    """Yield the lines that an apply ends with, without its errors."""
    for name in receipt.changed_lists:
        yield f"warning: {name} changed after this plan was made; sendspec sent the contacts of the plan"
        yield "  hint: run `sendspec plan` to see the difference"
    if moved := len(receipt.plan.moves):
        yield f"{pluralize(moved, 'former address', 'former addresses')} recorded in the ledger"
    if receipt.exit_code in (ExitCode.OK, ExitCode.FINDINGS) and not receipt.results:
        yield _nothing_to_send(receipt)
        yield from waiting_lines(receipt.plan)
        return
    yield from _send_lines(review_run(receipt.plan.target, receipt, None).sends)
    yield _summary(receipt)
    yield from waiting_lines(receipt.plan)
    yield from cut_off_lines(receipt.plan, receipt.cut_off)
    if receipt.exit_code is ExitCode.UNKNOWN:
        yield "  hint: resolve each unknown request; `sendspec plan` prints the commands"


def _nothing_to_send(receipt: Receipt) -> str:
    if not receipt.plan.actions:
        return "Nothing to send: the specs have no sends."
    if receipt.left_out:
        return "Nothing was sent."
    all_sent = all(action.sign in (Sign.DONE, Sign.REMOVED) for action in receipt.plan.actions)
    scope = "the selection" if receipt.plan.selection else "everything"
    if blocked := blocked_sends(receipt.plan):
        sends = pluralize(len(blocked), "send is", "sends are")
        return f"Nothing to send: {sends} blocked; others were already sent or are not due."
    return f"Nothing to send: {scope} was already sent{'' if all_sent else ' or is not due'}."


def _summary(receipt: Receipt) -> str:
    states = [result.state for result in receipt.results]
    sent, not_sent, unknown = (
        states.count(state) for state in (RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN)
    )
    summary = f"{pluralize(sent, 'request')} sent, {not_sent:,} not sent, {unknown:,} unknown"
    if unrecorded := sum(not result.recorded for result in receipt.results):
        summary += f", {pluralize(unrecorded, 'outcome')} not in the ledger"
    if receipt.held_back:
        summary += f", {len(receipt.held_back):,} not started"
    return summary


def _send_lines(sends: Sequence[SendResult]) -> Iterator[str]:
    """Yield a line for each send and one for each reason of what was not accepted, of many only the first."""
    for send in sends[:_SENDS_MAX]:
        if send.asked is None:
            result = ", ".join(send.ids) or "no job"
        else:
            result = f"{send.accepted or 0:,} of {pluralize(send.asked, 'recipient')}"
        yield f"  {send.address}  {result} accepted"
        yield from (f"    {note}" for note in send.notes)
    if len(sends) > _SENDS_MAX:
        yield f"  and {pluralize(len(sends) - _SENDS_MAX, 'more send')}"
