"""Invariants of a history, and the checks that report a violation by the name of its invariant."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.errors import ExitCode, InternalError
from sendspec.ledger.codec import journal_value
from sendspec.ledger.journal import decode_lines, encode_line
from sendspec.ledger.record_json import entry_from_json
from sendspec.model import LedgerState, OutcomeReason, RequestKey, RequestState
from tests.simulation.attempts import Attempts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sendspec.apply import Receipt
    from sendspec.ledger import Entry
    from sendspec.model import RequestRecord, SendRecord
    from sendspec.protocol import Result
    from tests.simulation.specs import Spec
    from tests.simulation.trace import Trace
    from tests.simulation.vendor import Submission, Vendor

INVARIANTS: Final = {
    "once": "the vendor accepts no request twice",
    "kept": "every accepted request is sent or unknown when the next run starts",
    "no false sent": "a request that the ledger calls sent was accepted, with the payload in the ledger",
    "no false not-sent": "a request that the ledger or a receipt calls not-sent was not accepted",
    "one version": "all accepted requests of one revision have one payload and one audience",
    "foldable": "the ledger can be read after every end of every run",
    "window": "a crash leaves at most ten requests unknown",
    "in flight": "at most as many requests are in flight as the limit, or half of it after a busy answer",
    "patience": "no request is repeated without a pause, or without end",
    "no blind repeat": "a request that may have been accepted is posted again only under its unique name",
    "processed": "no job is posted again within a minute of an attempt that may have been accepted",
    "remembered": "no job is posted again a day after its first attempt that may have been accepted",
    "halted": "no request of a send is posted after one of them was refused or is unknown",
    "on time": "no request is posted before or after its window, or outside of legal hours",
    "drained": "no request is posted after a signal, or after the ledger failed",
    "moved back": "a run whose branch was moved back does not write to it, and fails if it could detect that",
    "exit code": "every run ends with a documented exit code that matches its results",
    "never silent": "no run that ends with 0 or 6 leaves an unknown request",
    "never stuck": "every run ends",
    "settles itself": "an unknown contact-source request needs no person while its spec is unchanged",
    "readable": "every entry of the ledger is read back equal",
    "consistent": "the machine's own checks fail only after an impossible event",
    "guarded": "an impossible event ends the run with an internal error, and nothing more is posted",
    "one address": "no recipient gets the same text under two addresses unless a person allowed it",
    "complete": "in the end every due request was accepted exactly once",
}

_MOST_LOST: Final = 10
_NOBODY: Final = LedgerState("target", "account")
_DOCUMENTED: Final = frozenset(ExitCode) - {ExitCode.CHANGES, ExitCode.USAGE}


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, invariant: str, message: str) -> None:
        super().__init__(f"{invariant} ({INVARIANTS[invariant]}): {message}")
        self.invariant = invariant


class Checks:
    """The checks of one history, over all its runs."""

    def __init__(self, vendor: Vendor, trace: Trace) -> None:
        self.vendor = vendor
        self.ambiguous: set[RequestKey] = set()
        """Requests that were posted and have no known answer."""
        self.attempts = Attempts(self.report)
        self.doubted: set[RequestKey] = set()
        """Requests that were ever unknown: only for these does a taken name prove acceptance."""
        self.untrue: set[RequestKey] = set()
        """Requests that a run reported as not-sent although the vendor had accepted them."""
        self.expects_defect = False
        """Whether the driver of the current run reported an impossible event."""
        self.misreported: RequestKey | None = None
        """The request that the impossible event was about."""
        self.first: Violation | None = None
        self.knows_renames = False
        """Whether the history renames sends, so that two addresses can be one send."""
        self.allowed: set[str] = set()
        """Addresses that a person allowed as second messages."""
        self._state = _NOBODY
        """The ledger as the last run or reader read it."""
        self._trace = trace
        self._sent: set[RequestKey] = set()
        self._unknown: frozenset[RequestKey] = frozenset()
        self._quiet_addresses: frozenset[str] = frozenset()
        self._settled_by_last: frozenset[RequestKey] = frozenset()
        """Requests in the receipt of the last run, if it did not end with `unknown`."""

    def require(self, holds: bool, invariant: str, message: str) -> None:  # noqa: FBT001 - reads as assert
        """Report a violation, unless `holds`.

        Raises:
            Violation: the invariant does not hold; `first` keeps it in case that code catches it.
        """
        if not holds:
            self.report(invariant, message)

    def report(self, invariant: str, message: str, cause: Exception | None = None) -> NoReturn:
        """Raise a violation, and keep the first one; see `require`."""
        violation = Violation(invariant, message)
        self.first = self.first or violation
        self._trace.say(f"VIOLATION {violation}")
        raise violation from cause

    def check_ledger(self, state: LedgerState, *, others: bool) -> None:
        """Check the ledger as a run reads it; `others` says that other runs may be active."""
        self._state = state
        found = {key: (record, request) for key, record, request in _requests(state)}
        self._accepted(state, found, others=others)
        if self.knows_renames:
            self._one_address()
        for key, (record, request) in found.items():
            if request.state is RequestState.SENT:
                self._sent.add(key)
                self._truly_sent(state, key, record, request)
            elif request.state is RequestState.NOT_SENT and self._submissions(state, key):
                self.report("no false not-sent", f"{key} was accepted")
        self._sent = {_current(key, state) for key in self._sent}
        for key in self._sent:
            if key not in found or found[key][1].state is not RequestState.SENT:
                self.report("kept", f"{key} was sent, and is not any more")

    def on_read(self, state: LedgerState) -> None:
        """Note which requests are unknown when a run starts."""
        self.doubted.update(
            key
            for key, _, request in _requests(state)
            if request.state in (RequestState.UNKNOWN, RequestState.INTENT)
        )

    def on_start(self, state: LedgerState, since: int) -> None:
        """Check the ledger of a run that starts after `since` others have ended."""
        open_ones = {
            key: request
            for key, _, request in _requests(state)
            if request.state in (RequestState.UNKNOWN, RequestState.INTENT)
        }
        lost = open_ones.keys() - {_current(key, state) for key in self._unknown}
        without_outcome = [key for key in lost if open_ones[key].reason in (None, OutcomeReason.RUN_LOST)]
        if len(without_outcome) > _MOST_LOST * max(1, since):
            self.report("window", f"{len(without_outcome)} requests became unknown")
        silent = {key for key in lost if key.address in self._quiet_addresses or key in self._settled_by_last}
        self.require(not silent, "never silent", f"the last run left {silent} unknown and did not report it")
        self._unknown = frozenset(open_ones)
        self._quiet_addresses, self._settled_by_last = frozenset(), frozenset()

    def check_readable(self, entries: Sequence[Entry]) -> None:
        """Check that a journal line with `entries` is read back as the same entries."""
        read = _entries_in(encode_line(journal_value(_NOBODY, entries)))
        if read != list(entries):
            self.report("readable", f"{entries} became {read}")

    def on_kill(self) -> None:
        """Note that a run was killed, so that it reported nothing."""
        self.raise_first()
        self._quiet_addresses, self._settled_by_last = frozenset(), frozenset()

    def raise_first(self) -> None:
        """Raise the first violation again, in case that code caught it."""
        if self.first is not None:
            raise self.first

    def on_end(
        self, receipt: Receipt | None, code: ExitCode, addresses: frozenset[str], *, alone: bool
    ) -> None:
        """Check the end of a run that was not killed; `addresses` are those of its specs.

        If the run was not `alone`, another run may have sent a request that this one had not sent, or
        may have left a request unknown after this one last read the ledger.
        """
        if code not in _DOCUMENTED:
            self.report("exit code", f"the run ended with {code!r}")
        well = code in (ExitCode.OK, ExitCode.REFUSED)
        self._quiet_addresses = addresses if well and alone else frozenset()
        self._settled_by_last = frozenset()
        if receipt is None:
            return
        if alone and code is not ExitCode.UNKNOWN:
            self._settled_by_last = frozenset(result.key for result in receipt.results)
        # A run that lost a race and could not plan again reports an older state.
        untrue = set() if receipt.errors or receipt.interrupted else self.untrue
        for result in receipt.results:
            self._check_result(result, self.vendor.accepted.keys() if alone else untrue)
        self._check_defects(receipt)
        states = {result.state for result in receipt.results}
        if well and receipt.errors:
            self.report("exit code", f"{code!r} in spite of {receipt.errors}")
        if code is ExitCode.OK and not states <= {RequestState.SENT}:
            self.report("exit code", f"{code!r} for {states}")
        if code is not ExitCode.UNKNOWN and RequestState.UNKNOWN in states:
            self.report("exit code", f"{code!r} although an outcome is unknown")
        unknown = self._unknown_of(addresses) if well and alone else ()
        if unknown:
            self.report("never silent", f"{code!r} while {unknown} are unknown")

    def _check_defects(self, receipt: Receipt) -> None:
        """Check that a run has an internal error exactly if its driver reported an impossible event."""
        internal = any(isinstance(error, InternalError) for error in receipt.errors)
        if internal and not self.expects_defect:
            self.report("consistent", f"the run ended with {receipt.errors}")
        if not self.expects_defect:
            return
        self.require(internal, "guarded", f"the run ended with {receipt.errors}")
        states = {result.key: result.state for result in receipt.results}
        if self.misreported is not None and states.get(self.misreported) is RequestState.NOT_SENT:
            self.report("guarded", f"the receipt claims that {self.misreported} was not sent")

    def _check_result(self, result: Result, accepted: Collection[RequestKey]) -> None:
        if result.state is RequestState.NOT_SENT and result.key in accepted:
            self.report("no false not-sent", f"the receipt says so of {result.key}")
        if result.recorded and result.state is RequestState.SENT:
            self._sent.add(result.key)
        if result.recorded and result.state is RequestState.UNKNOWN:
            self._unknown |= {result.key}

    def _unknown_of(self, addresses: frozenset[str]) -> set[RequestKey]:
        return {key for key in self._unknown if key.address in addresses and key not in self._sent}

    def check_complete(self, spec: Spec, state: LedgerState) -> None:
        """Check that each request of a send was accepted once, under whichever of its addresses."""
        for batch in range(1, spec.requests + 1):
            key = RequestKey(spec.address, spec.revision, batch)
            accepted = len(self._submissions(state, _current(key, state)))
            self.require(accepted == 1, "complete", f"{key} was accepted {accepted} times")

    def _one_address(self) -> None:
        """Check that no two addresses had the same text for the same recipients."""
        keys: dict[tuple[object, ...], RequestKey] = {}
        for key, submissions in self.vendor.accepted.items():
            if key.address in self.allowed:
                continue
            for submission in submissions:
                message = (submission.text, submission.audience, key.revision, key.batch)
                first = keys.setdefault(message, key)
                self.require(first == key, "one address", f"{key} repeats {first}")

    def is_accepted(self, key: RequestKey) -> bool:
        """Return whether the vendor accepted a request under any address of its send."""
        return bool(self._submissions(self._state, key))

    def on_lookup(self, not_accepted: set[RequestKey]) -> None:
        """Note that an operator found that these requests were not accepted, under any address."""
        self.ambiguous = {key for key in self.ambiguous if _current(key, self._state) not in not_accepted}
        self.attempts.forget(not_accepted, lambda key: _current(key, self._state))

    def _submissions(self, state: LedgerState, key: RequestKey) -> list[Submission]:
        """Return the accepted submissions of a request, under its current address and its former ones."""
        if not state.moved:
            return self.vendor.accepted.get(key, [])
        accepted = self.vendor.accepted.items()
        return [one for posted, many in accepted if _current(posted, state) == key for one in many]

    def _accepted(
        self,
        state: LedgerState,
        found: dict[RequestKey, tuple[SendRecord, RequestRecord]],
        *,
        others: bool,
    ) -> None:
        kept = {RequestState.SENT, RequestState.UNKNOWN}
        if others:
            kept.add(RequestState.INTENT)
        versions: dict[tuple[str, int], tuple[str, str]] = {}
        for key, submissions in self.vendor.accepted.items():
            if len(submissions) != 1:
                self.report("once", f"{key} was accepted {len(submissions)} times")
            current = _current(key, state)
            request = found.get(current)
            request_state = None if request is None else request[1].state
            if request_state not in kept:
                self.report("kept", f"{key} was accepted, and the ledger has {request_state}")
            version = (submissions[0].payload, submissions[0].audience)
            first = versions.setdefault((current.address, key.revision), version)
            if first != version:
                self.report("one version", f"{key} differs from the requests before it")

    def _truly_sent(
        self, state: LedgerState, key: RequestKey, record: SendRecord, request: RequestRecord
    ) -> None:
        submissions = self._submissions(state, key)
        if not submissions:
            # A name that was in use before the first attempt explains this, if the outcome has that reason.
            admitted = key in self.doubted and request.reason is OutcomeReason.ACCEPTED_EARLIER
            taken = record.payload.get("messageName") in self.vendor.names
            self.require(admitted and taken, "no false sent", f"{key} was never accepted")
        else:
            same = submissions[0].payload == record.payload_digest
            self.require(same, "no false sent", f"{key} was accepted with another payload")


@lru_cache(maxsize=10_000)
def _entries_in(line: bytes) -> list[Entry]:
    (value,), _ = decode_lines(line, "line")
    return [entry_from_json(entry) for entry in value["entries"]]


def _current(key: RequestKey, state: LedgerState) -> RequestKey:
    """Return the key of a request at the current address of its send."""
    return key._replace(address=state.address_of(key.address)) if state.moved else key


def _requests(state: LedgerState) -> Iterator[tuple[RequestKey, SendRecord, RequestRecord]]:
    for address, latest in state.sends.items():
        for record in (latest, *latest.earlier):
            for request in record.requests:
                yield RequestKey(address, record.revision, request.batch), record, request
