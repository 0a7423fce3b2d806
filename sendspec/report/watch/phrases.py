"""The sentences about an item of `watch`: what it is, since when, and what to do."""

from __future__ import annotations

import shlex
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.formatting import capitalize_first, pluralize
from sendspec.model import SANDBOX, PlanReason
from sendspec.record_phrases import due_text, job_text, outcome_text
from sendspec.watch import BranchState, WatchReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from sendspec.watch import BranchCheck, WatchItem, WatchResult

DEFAULT_DIRECTORY: Final = "specs"
_NAMES_MAX: Final = 3
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
_HOURS_SHOWN_MAX: Final = 48 * _HOUR

_SEND: Final = "Start the workflow of apply, or approve its waiting run; without one, run it yourself"

_CAUSES: Final = {
    WatchReason.PLAN_FAILED: "The specs have {problems}, so no run can send anything of them",
    WatchReason.JOB_REMOVED: "{job} still goes out, {due}, although the specs do not have the send",
    WatchReason.JOB_EDITED: "{job} still goes out as it was before the edit, {due}",
    WatchReason.JOB_REPLACED: "{job} of revision {revision} still goes out as well, {due}",
    WatchReason.UNKNOWN: "The outcome of {requests} is unknown",
    WatchReason.NO_LEGAL_HOUR: "No legal hour comes {before}",
    WatchReason.BLOCKED: "{blocked_by}",
    WatchReason.PARTIAL: "Sent in part: {recipients} left{changed}",
    WatchReason.NEVER_SENT: "{never}, although it is due{nothing_blocks}",
    WatchReason.EDITED: "Edited after it was sent, so the edit has no effect",
    WatchReason.EXPIRED: "Expired with {recipients} left",
    WatchReason.UNSETTLED: "The delivery of {requests} is not settled",
    WatchReason.BRANCH_UNPROTECTED: "GitHub does not refuse {allowed} of the branch sendspec-state",
}
_ACTIONS: Final = {
    WatchReason.PLAN_FAILED: "Fix the problems that this command shows",
    WatchReason.JOB_REMOVED: "Put the send back, or stop the job at the vendor and then record that",
    WatchReason.JOB_EDITED: "Undo the edit, or stop the job at the vendor and then record that",
    WatchReason.JOB_REPLACED: "Stop the job at the vendor if it must not go out, and then record that",
    WatchReason.UNKNOWN: "Compare them with the vendor's reports; this plan prints commands to settle them",
    WatchReason.NO_LEGAL_HOUR: "Move `notBefore` or `notAfter`; this plan shows the legal hours",
    WatchReason.BLOCKED: "Fix the errors that this plan shows, or add an `allow` entry with a reason",
    WatchReason.PARTIAL: _SEND,
    WatchReason.NEVER_SENT: _SEND,
    WatchReason.EDITED: "Undo the edit, or raise `revision` to send it again; this plan shows the difference",
    WatchReason.EXPIRED: "Remove the send from the specs, or give it a later `notAfter`",
    WatchReason.UNSETTLED: "Query the vendor",
    WatchReason.BRANCH_UNPROTECTED: "Add a ruleset for it that restricts deletions and blocks force pushes",
}
_UNCHECKED: Final = "The protection of the ledger branch was not checked"
_BRANCHES: Final = {
    BranchState.PROTECTED: "The ledger branch refuses force pushes and deletion",
    BranchState.UNPROTECTED: "The ledger branch is not protected",
    BranchState.NO_TOKEN: f"{_UNCHECKED}, because GITHUB_TOKEN is not set",
    BranchState.OTHER_REPOSITORY: f"{_UNCHECKED}, because the branch is in another repository",
    BranchState.NOT_READABLE: f"{_UNCHECKED}, because the token cannot read it",
}
_VERBS: Final[Mapping[WatchReason, str | None]] = MappingProxyType(
    {
        WatchReason.PLAN_FAILED: "validate",
        WatchReason.PARTIAL: "apply",
        WatchReason.NEVER_SENT: "apply",
        WatchReason.UNSETTLED: "status",
        WatchReason.EXPIRED: None,
        WatchReason.BRANCH_UNPROTECTED: None,
    }
)
"""The verb of the command that belongs to an action; `plan` if it is omitted."""


class Place(Struct, frozen=True):
    """The project directory and the target that the commands name."""

    directory: str
    target: str

    def command(self, *words: str) -> str:
        """Return a command with the directory and the target, if they are not the defaults."""
        directory = [] if self.directory == DEFAULT_DIRECTORY else [self.directory]
        return self._shell(words[0], *directory, *words[1:])

    def resolve_command(self, key: str, *words: str) -> str:
        """Return a `resolve` command about a request."""
        directory = [] if self.directory == DEFAULT_DIRECTORY else ["--dir", self.directory]
        return self._shell("resolve", key, *directory, *words)

    def _shell(self, *words: str) -> str:
        target = [] if self.target == SANDBOX else ["--target", self.target]
        return shlex.join(["sendspec", *words, *target])


def headline(result: WatchResult) -> str:
    """Return how many things need a person."""
    count = len(result.items)
    if not count:
        return "Nothing needs attention"
    urgent = sum(item.is_closing for item in result.items)
    needs = f"{pluralize(count, 'thing')} {'needs' if count == 1 else 'need'} attention"
    return f"{needs}, {urgent:,} urgent" if urgent else needs


def cause_text(item: WatchItem) -> str:
    """Return what needs a person, in one sentence without a period."""
    left, job = item.recipients, item.job
    name = "" if job is None else job_text(job.request)
    data = {
        "problems": pluralize(item.problems, "problem"),
        "job": capitalize_first(name),
        "due": "" if job is None else due_text(job.due),
        "revision": "" if job is None else f"{job.revision}",
        "requests": pluralize(len(item.requests), "request"),
        "before": "before it expires" if item.until is not None else "in the next 8 days",
        "blocked_by": _blocked_by(item),
        "never": "Its new revision was never sent"
        if item.plan_reason is PlanReason.NEW_REVISION
        else "Never sent",
        "nothing_blocks": "" if item.plan_reason is PlanReason.LIST_ABSENT else " and nothing blocks it",
        "recipients": "its recipients" if left is None else _of_all(left, item.recipients_all),
        "allowed": _allowed(item.branch),
        "changed": ", and the list differs from the first part's"
        if item.plan_reason is PlanReason.RECIPIENTS_CHANGED
        else "",
    }
    return _CAUSES[item.reason].format_map(data)


def detail_texts(item: WatchItem, now: datetime) -> Iterator[str]:
    """Yield recipients, requests and times of an item, without periods."""
    if item.reason in {WatchReason.BLOCKED, WatchReason.NEVER_SENT, WatchReason.NO_LEGAL_HOUR}:
        absent = item.plan_reason is PlanReason.LIST_ABSENT
        unknown = "its list is not on this machine" if absent else "recipients known to the vendor only"
        yield unknown if item.recipients is None else pluralize(item.recipients, "recipient")
    if item.reason in {WatchReason.UNKNOWN, WatchReason.UNSETTLED}:
        names = ", ".join(map(str, item.requests[:_NAMES_MAX]))
        more = len(item.requests) - _NAMES_MAX
        yield f"{names} and {more:,} more" if more > 0 else names
    if item.since is not None:
        earlier = " or earlier" if item.since_is_limit else ""
        yield f"since {instant_text(item.since)}{earlier} ({_span(now - item.since)})"
    if item.attempt is not None:
        why = outcome_text(item.attempt.reason, item.attempt.evidence)
        yield f"last attempt {instant_text(item.attempt.at)}, not sent: {why}"
    if item.until is not None and item.is_closing and item.job is None:
        yield f"can be sent until {instant_text(item.until)} ({_span(item.until - now)} left)"


def action_text(item: WatchItem) -> str:
    """Return what a person does about an item, as an instruction without a period."""
    if item.reason is WatchReason.PARTIAL and item.plan_reason is PlanReason.RECIPIENTS_CHANGED:
        return "Put the list of the first part back; this plan shows the difference"
    return _ACTIONS[item.reason]


def command_text(item: WatchItem, place: Place) -> str | None:
    """Return the command that belongs to the action, None if there is none."""
    if item.job is not None:
        return place.resolve_command(str(item.requests[0]), "--stopped", "--reason", "TEXT")
    verb = _VERBS.get(item.reason, "plan")
    if item.plan_reason is PlanReason.RECIPIENTS_CHANGED:
        verb = "plan"
    if verb is None:
        return None
    whole = item.address is None or item.blocked_by is not None
    return place.command(verb, *(() if whole else ("--send", str(item.address))))


def branch_text(check: BranchCheck) -> str:
    """Return what is known of the protection of the ledger branch, as a sentence without a period."""
    evidence = f": {check.evidence}" if check.evidence else ""
    return f"{_BRANCHES[check.state]}{evidence}"


def instant_text(at: datetime) -> str:
    """Return an instant to the minute, with its weekday and its offset."""
    offset = f"{at:%z}"
    zone = "UTC" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return f"{at:%a %d %b %Y %H:%M} {zone}"


def _span(span: timedelta) -> str:
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < _HOUR:
        return pluralize(minutes, "minute")
    if minutes < _HOURS_SHOWN_MAX:
        return pluralize(minutes // _HOUR, "hour")
    return pluralize(minutes // _DAY, "day")


def _blocked_by(item: WatchItem) -> str:
    rules = ", ".join(item.rules)
    if item.blocked_by is None:
        return f"Blocked by {rules}"
    names = ", ".join(item.blocked_by[:_NAMES_MAX])
    more = len(item.blocked_by) - _NAMES_MAX
    others = f"{names} and {more:,} more" if more > 0 else names or "the project"
    return f"Due, but errors of {others} block the whole plan: {rules}"


def _allowed(check: BranchCheck | None) -> str:
    if check is None:
        return ""
    names = [("force pushes", check.allows_force_pushes), ("the deletion", check.allows_deletion)]
    return " and ".join(name for name, is_allowed in names if is_allowed)


def _of_all(left: int, count: int | None) -> str:
    if count is None or count == left:
        return pluralize(left, "recipient")
    return f"{left:,} of {pluralize(count, 'recipient')}"
