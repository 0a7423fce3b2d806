"""Monitor of one run: it checks what the run posts, when, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.errors import SendspecError
from sendspec.legal_hours import is_legal
from sendspec.model import Endpoint, RequestState, Verdict
from sendspec.protocol import RequestSettled
from tests.simulation.specs import send_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.model import Outcome, RequestKey
    from sendspec.protocol import Event, Now, Post
    from tests.simulation.attempts import Attempt
    from tests.simulation.checks import Checks
    from tests.simulation.specs import Spec

_PAUSE: Final = 0.2
_POSTS_MAX: Final = 20


class RunMonitor:
    """An observer of one run that checks each post, answer and result."""

    def __init__(
        self, checks: Checks, specs: Mapping[str, Spec], concurrency: int, *, alone: Callable[[], bool]
    ) -> None:
        self.checks = checks
        self._alone = alone
        self.stopping: str | None = None
        """The reason why no request may be posted any more."""
        self.posts = 0
        self._misreported = False
        self.in_flight: dict[RequestKey, float] = {}
        """Requests in flight, with the tick of their post."""
        self._specs = specs
        self._halted: set[str] = set()
        self._limit = concurrency
        self._halved_at = float("-inf")
        self._most = concurrency
        self._counts: dict[RequestKey, int] = {}
        self._expired: dict[RequestKey, int] = {}
        self._not_before: dict[RequestKey, float] = {}
        self._attempts: dict[RequestKey, Attempt] = {}

    def on_misreport(self, key: RequestKey | None) -> None:
        """Expect an internal error, because the driver reports an impossible event about `key`."""
        self.checks.expects_defect = True
        self.checks.misreported = key
        self._misreported = True

    def on_post(self, command: Post, now: Now) -> None:
        """Check a request that is about to be posted."""
        key, report = command.key, self.checks.report
        if self._misreported:
            report("guarded", f"{key} was posted after an impossible event")
        if self.stopping is not None:
            report("drained", f"{key} although {self.stopping}")
        if key.address in self._halted:
            report("halted", f"{key} was posted")
        # Of two active runs, one may repeat a request that the other has not posted yet. The unique name
        # prevents a second send, whether the runs know of each other or not.
        unique = command.endpoint is Endpoint.CONTACT_SOURCE and (command.repeated or not self._alone())
        if key in self.checks.ambiguous and not unique:
            report("no blind repeat", f"{key}, repeated={command.repeated}")
        spec = self._specs[key.address]
        if not _is_on_time(spec, now):
            report("on time", f"{key} at {now.at}")
        if now.tick < self._not_before.get(key, 0.0):
            report("patience", f"{key} was repeated without a pause")
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] > _POSTS_MAX or self._expired.get(key, 0) > 1:
            report("patience", f"{key} was posted {self._counts[key]} times")
        self.posts += 1
        self.in_flight[key] = now.tick
        if command.endpoint is Endpoint.CONTACT_SOURCE:
            name = str(send_of(spec).payload["messageName"])
            self._attempts[key] = self.checks.attempts.add(key, name, now.tick)
        if len(self.in_flight) > self._limit:
            report("in flight", f"{len(self.in_flight)} are in flight, and the limit is {self._limit}")

    def on_event(self, event: Event) -> None:
        """Check the results of settled requests."""
        if not isinstance(event, RequestSettled):
            return
        result = event.result
        if result.state is not RequestState.SENT:
            self._halted.add(result.key.address)
        if result.state is RequestState.NOT_SENT and result.key in self.checks.vendor.accepted:
            self.checks.untrue.add(result.key)

    def on_answer(self, command: Post, outcome: Outcome | SendspecError, tick: float) -> None:
        """Note the answer that the machine is about to get."""
        key = command.key
        posted_at = self.in_flight.pop(key)
        self._end_attempt(key, outcome, tick)
        if isinstance(outcome, SendspecError):
            self.stopping = f"the run had failed: {outcome}"
            return
        match outcome.verdict:
            case Verdict.SENT:
                self.checks.ambiguous.add(key)
                self._limit = min(self._most, self._limit + 1)
            case Verdict.UNKNOWN:
                self.checks.ambiguous.add(key)
                self.checks.doubted.add(key)
                self._not_before[key] = tick + _PAUSE
                if command.endpoint is not Endpoint.CONTACT_SOURCE:
                    self._halted.add(key.address)
            case Verdict.REFUSED:
                self._halted.add(key.address)
            case Verdict.TOKEN_EXPIRED:
                self._expired[key] = self._expired.get(key, 0) + 1
            case Verdict.BUSY:
                self._not_before[key] = tick + _PAUSE
                if posted_at >= self._halved_at:
                    self._limit = max(1, self._limit // 2)
                    self._halved_at = tick
            case Verdict.UNSENT:
                self._not_before[key] = tick + _PAUSE

    def on_end(self, tick: float) -> None:
        """Note that the process of the run has ended, perhaps with requests in flight."""
        for attempt in self._attempts.values():
            attempt.ended = tick

    def _end_attempt(self, key: RequestKey, outcome: Outcome | SendspecError, tick: float) -> None:
        attempt = self._attempts.pop(key, None)
        if attempt is None:
            return
        if isinstance(outcome, SendspecError) or outcome.verdict not in (Verdict.SENT, Verdict.UNKNOWN):
            self.checks.attempts.remove(attempt)
        attempt.ended = tick


def _is_on_time(spec: Spec, now: Now) -> bool:
    """Return whether the window of a send is open, and its recipients may get texts."""
    early = spec.not_before is not None and now.wall < spec.not_before
    late = spec.not_after is not None and now.wall >= spec.not_after
    return not early and not late and is_legal(now.wall, spec.limits)
