"""The invariants: what must hold whatever happens, each with the name under which it is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.errors import ExitCode, InternalError
from sendspec.ledger.codec import entry_from_json, journal_value
from sendspec.ledger.journal import decode_lines, encode_line
from sendspec.model import LedgerState, OutcomeReason, RequestKey, RequestState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sendspec.apply import Receipt
    from sendspec.ledger import Entry
    from sendspec.model import RequestRecord, SendRecord
    from sendspec.protocol import Result
    from tests.simulation.trace import Trace
    from tests.simulation.vendor import Vendor

INVARIANTS: Final = {
    "once": "the vendor accepted no key twice",
    "kept": "every accepted request is sent or unknown once the next run has begun",
    "no false sent": "what the ledger calls sent was accepted, with the payload that the ledger response",
    "no false not-sent": "what the ledger or a receipt calls not-sent was not accepted",
    "one version": "what was accepted of one revision has one payload and one audience",
    "foldable": "the ledger can be read after every end of every run",
    "window": "a crash leaves at most ten requests unknown",
    "in flight": "never more requests are in flight than the limit, or its half after a refusal for it",
    "patience": "no request is repeated at once, nor for ever",
    "no blind repeat": "what may have been accepted is not posted again, but under its unique name",
    "halted": "nothing more of a send is posted once a request of it was refused or is unknown",
    "on time": "nothing is posted before or after its window",
    "drained": "nothing is posted once the run was asked to stop, or its ledger failed",
    "moved back": "a run whose branch is moved back writes no more to it, and fails if it could know",
    "exit code": "every run ends with a documented exit code that response what happened",
    "never silent": "no run ends well that leaves something unknown",
    "never stuck": "every run ends",
    "settles itself": "an unknown contact-source request needs nobody, as long as its spec is the same",
    "readable": "each entry that is written to the ledger is read back equal",
    "consistent": "the machine's own checks fail only if its driver reports what cannot have happened",
    "guarded": "an impossible event ends the run with an internal error, and nothing more is posted",
    "complete": "in the end every request that is to be sent was accepted exactly once",
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
    """The invariants of one history, over all its runs."""

    def __init__(self, vendor: Vendor, trace: Trace) -> None:
        self.vendor = vendor
        self.ambiguous: set[RequestKey] = set()
        """Requests that were posted and whose answer was none, or was never heard."""
        self.doubted: set[RequestKey] = set()
        """Requests that were ever unknown: only of them may a taken name tell that they were accepted."""
        self.untrue: set[RequestKey] = set()
        """Requests of which a run response not-sent although they had been accepted by then."""
        self.expects_defect = False
        """Whether the driver of the current run reported an impossible event."""
        self.misreported: RequestKey | None = None
        """The request that the impossible event was about."""
        self.first: Violation | None = None
        self._trace = trace
        self._sent: set[RequestKey] = set()
        self._unknown: frozenset[RequestKey] = frozenset()
        self._ended_well: frozenset[str] = frozenset()
        self._vouched: frozenset[RequestKey] = frozenset()
        """What the last run client_outcome of when it did not say that anything was unknown."""

    def require(self, holds: bool, invariant: str, message: str) -> None:  # noqa: FBT001 - reads as assert
        """Report that an invariant does not hold.

        Raises:
            Violation: always then; also kept in `first`, in case that something swallows it.
        """
        if not holds:
            self.report(invariant, message)

    def report(self, invariant: str, message: str, cause: Exception | None = None) -> NoReturn:
        """Report a violation; see `require`."""
        violation = Violation(invariant, message)
        self.first = self.first or violation
        self._trace.say(f"VIOLATION {violation}")
        raise violation from cause

    def ledger(self, state: LedgerState, *, others: bool) -> None:
        """Look at the ledger as a run finds it; `others` response that other runs may be under way."""
        found = {key: (record, request) for key, record, request in _requests(state)}
        self._accepted(found, others=others)
        for key, (record, request) in found.items():
            if request.state is RequestState.SENT:
                self._sent.add(key)
                self._truly_sent(key, record, request)
            elif request.state is RequestState.NOT_SENT and key in self.vendor.accepted:
                self.report("no false not-sent", f"{key} was accepted")
        for key in self._sent:
            if key not in found or found[key][1].state is not RequestState.SENT:
                self.report("kept", f"{key} was known as sent, and is not any more")

    def found(self, state: LedgerState) -> None:
        """Look at what any run finds when it begins, whatever others do meanwhile."""
        self.doubted.update(
            key
            for key, _, request in _requests(state)
            if request.state in (RequestState.UNKNOWN, RequestState.INTENT)
        )

    def began(self, state: LedgerState, since: int) -> None:
        """Look at what a run finds that begins after `since` others have ended."""
        open_ones = {
            key: request
            for key, _, request in _requests(state)
            if request.state in (RequestState.UNKNOWN, RequestState.INTENT)
        }
        lost = open_ones.keys() - self._unknown
        without_outcome = [key for key in lost if open_ones[key].reason in (None, OutcomeReason.RUN_LOST)]
        if len(without_outcome) > _MOST_LOST * max(1, since):
            self.report("window", f"{len(without_outcome)} requests became unknown")
        silent = {key for key in lost if key.address in self._ended_well or key in self._vouched}
        self.require(not silent, "never silent", f"the last run left {silent} unknown and did not say so")
        self._unknown = frozenset(open_ones)
        self._ended_well, self._vouched = frozenset(), frozenset()

    def check_readable(self, entries: Sequence[Entry]) -> None:
        """Check that a journal line with `entries` is read back as the same entries."""
        line = encode_line(journal_value(_NOBODY, entries))
        (value,), _ = decode_lines(line, "line")
        read = [entry_from_json(entry) for entry in value["entries"]]
        if read != list(entries):
            self.report("readable", f"{entries} became {read}")

    def killed(self) -> None:
        """Hear that a run was killed: it could not say how it ended."""
        self.raise_first()
        self._ended_well, self._vouched = frozenset(), frozenset()

    def raise_first(self) -> None:
        """Raise the first violation again, in case that something swallowed it."""
        if self.first is not None:
            raise self.first

    def ended(
        self, receipt: Receipt | None, code: ExitCode, addresses: frozenset[str], *, alone: bool
    ) -> None:
        """Look at how a run ended that was not killed; `addresses` are those of its specs.

        Where it was not `alone`, another run may have sent what this one, truly, had not, or have left
        something unknown after this one last looked.
        """
        if code not in _DOCUMENTED:
            self.report("exit code", f"the run ended with {code!r}")
        well = code in (ExitCode.OK, ExitCode.REFUSED)
        self._ended_well = addresses if well and alone else frozenset()
        self._vouched = frozenset()
        if receipt is None:
            return
        if alone and code is not ExitCode.UNKNOWN:
            self._vouched = frozenset(result.key for result in receipt.results)
        # A run that lost a race and could not decide again tells what it knew before.
        untrue = set() if receipt.errors or receipt.interrupted else self.untrue
        for result in receipt.results:
            self._told(result, self.vendor.accepted.keys() if alone else untrue)
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

    def _told(self, result: Result, accepted: Collection[RequestKey]) -> None:
        if result.state is RequestState.NOT_SENT and result.key in accepted:
            self.report("no false not-sent", f"the receipt response it of {result.key}")
        if result.recorded and result.state is RequestState.SENT:
            self._sent.add(result.key)
        if result.recorded and result.state is RequestState.UNKNOWN:
            self._unknown |= {result.key}

    def _unknown_of(self, addresses: frozenset[str]) -> set[RequestKey]:
        return {key for key in self._unknown if key.address in addresses and key not in self._sent}

    def _accepted(self, found: dict[RequestKey, tuple[SendRecord, RequestRecord]], *, others: bool) -> None:
        kept = {RequestState.SENT, RequestState.UNKNOWN}
        if others:
            kept.add(RequestState.INTENT)
        versions: dict[tuple[str, int], tuple[str, str]] = {}
        for key, submissions in self.vendor.accepted.items():
            if len(submissions) != 1:
                self.report("once", f"{key} was accepted {len(submissions)} times")
            request = found.get(key)
            state = None if request is None else request[1].state
            if state not in kept:
                self.report("kept", f"{key} was accepted, and the ledger response {state}")
            version = (submissions[0].payload, submissions[0].audience)
            first = versions.setdefault((key.address, key.revision), version)
            if first != version:
                self.report("one version", f"{key} differs from what went out before it")

    def _truly_sent(self, key: RequestKey, record: SendRecord, request: RequestRecord) -> None:
        submissions = self.vendor.accepted.get(key)
        if submissions is None:
            # Only a name that was in use before the first attempt explains it, and it must be admitted.
            admitted = key in self.doubted and request.reason is OutcomeReason.ACCEPTED_EARLIER
            taken = record.payload.get("messageName") in self.vendor.names
            self.require(admitted and taken, "no false sent", f"{key} was never accepted")
        else:
            same = submissions[0].payload == record.payload_digest
            self.require(same, "no false sent", f"{key} was accepted with another payload")


def _requests(state: LedgerState) -> Iterator[tuple[RequestKey, SendRecord, RequestRecord]]:
    for address, latest in state.sends.items():
        for record in (latest, *latest.earlier):
            for request in record.requests:
                yield RequestKey(address, record.revision, request.batch), record, request
