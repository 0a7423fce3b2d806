"""Everything that can befall one send, tried one after another: kill points by replies by endpoints.

A family enumerates histories and has a `Explorer` play each of them. How many steps a run has is found
by running it: one that was not killed at step k has fewer than k.
"""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import timedelta
from itertools import count, product
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.model import Endpoint
from tests.simulation.branch_resets import branch_resets
from tests.simulation.explorer import POWER_LOSSES, Explorer, InvariantBroken
from tests.simulation.filesystem import File
from tests.simulation.history import History
from tests.simulation.ledger_setups import JOURNAL, TEMPORARY, FileSetup, GitSetup, UnlockedSetup
from tests.simulation.process import NEVER, Extent, FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.replies import ACCEPTANCE, REPLIES
from tests.simulation.self_checks import broken_states, misreports
from tests.simulation.simulated_driver import START, Script
from tests.simulation.specs import Spec

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from tests.simulation.failure import Failure
    from tests.simulation.replies import Reply

ADDRESS: Final = "sale/a"
REFUSAL: Final = next(reply for reply in REPLIES if reply.name == "refused")
BUSY: Final = next(reply for reply in REPLIES if reply.name == "busy, 429")
_TYPICAL: Final = (ACCEPTANCE, *REPLIES[2:4], REFUSAL, BUSY)
_LINES: Final = 3
_LONGEST: Final = 22
"""Steps of a run that sends one request with the ledger on a branch, and some more."""


def spec(endpoint: Endpoint, batches: int = 2) -> Spec:
    return Spec(ADDRESS, endpoint, batches=batches)


def kills(explorer: Explorer, endpoint: Endpoint) -> None:
    """One kill anywhere, one reply of the vendor: everything must come right afterwards."""
    specs = [spec(endpoint)]
    for reply in REPLIES:

        def run(history: History, faults: FaultPlan, reply: Reply = reply) -> None:
            history.apply(specs, faults, Script([reply]))

        # What a power failure takes depends on what the ledger was doing, hardly on the reply.
        steps = explorer.kill_everywhere(reply.name, run, specs, powers=reply in _TYPICAL)
        explorer.counts["kill points by replies by endpoints"] += steps


def faults(explorer: Explorer, endpoint: Endpoint) -> None:
    """Each operation of the ledger fails, once or for ever, having had no, half or its whole effect."""
    specs = [spec(endpoint)]
    for extent, failures, power in product(Extent, (1, 1000), (False, True)):
        for step in count(1):
            error = (errno.EIO, errno.ENOSPC)[step % 2]
            faults = FaultPlan(fails_at=step, failures=failures, extent=extent, error=error)

            def play(history: History, faults: FaultPlan = faults, power: bool = power) -> None:  # noqa: FBT001 - bound
                history.apply(specs, faults)
                if power:
                    history.fail_power(POWER_LOSSES["durable only"])
                recover(history, specs)

            if not explorer.play((faults, power), play).subject.failed:
                explorer.counts["faults of the ledger by effects by endpoints"] += step - 1
                break


def signals(explorer: Explorer, endpoint: Endpoint) -> None:
    """A signal at each step, and a second one at each later step."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def interrupted(stop: int, abort: int) -> int:
        def play(history: History) -> None:
            history.in_transit = lambda _: abort % 3
            history.apply(specs, FaultPlan(stopped_at=stop, aborted_at=abort))
            recover(history, specs)

        return explorer.play((stop, abort), play).subject.steps

    for stop in count(1):
        steps = interrupted(stop, NEVER)
        if steps < stop:
            return
        for abort in range(stop + 1, steps + 1):
            interrupted(stop, abort)


def concurrent_runs(explorer: Explorer, endpoint: Endpoint) -> None:
    """A second run within each step of a first; within each of its steps a third, a reader, or a kill."""
    specs = [spec(endpoint)]

    def met(first: int, second: int, *, kills: bool) -> tuple[int, int]:
        steps: list[int] = []

        def play(history: History) -> None:
            def third() -> None:
                history.apply(specs)
                history.read()

            def meet() -> None:
                faults = FaultPlan(killed_at=second) if kills else FaultPlan(nested={second: third})
                history.apply(specs, faults)
                steps.append(history.last.steps)

            history.apply(specs, FaultPlan(nested={first: meet}))
            recover(history, specs)

        whole = explorer.play((first, second, kills), play).subject.steps
        return whole, steps[0] if steps else 0

    for first in count(1):
        whole, inner = met(first, NEVER, kills=True)
        if whole < first:
            return
        for second in range(1, inner + 1):
            met(first, second, kills=True)
            met(first, second, kills=False)


def lock_removals(explorer: Explorer, endpoint: Endpoint) -> None:
    """Somebody removes the lock of a run that is alive, within any of its steps, and another run begins."""
    specs = [spec(endpoint, 12)]
    for met_at in count(1):

        def play(history: History, met_at: int = met_at) -> None:
            def meet() -> None:
                assert isinstance(history.setup, UnlockedSetup)
                # While it replaces the lockfile it sends nothing any more, and cannot look again.
                if TEMPORARY not in history.setup.names:
                    history.setup.locks.clear()
                    history.apply(specs)

            history.apply(specs, FaultPlan(nested={met_at: meet}), concurrency=2)
            recover(history, specs)

        if explorer.play(met_at, play).subject.steps < met_at:
            return


def edits(explorer: Explorer, endpoint: Endpoint) -> None:
    """The specs are edited after a kill anywhere, and an old commit is run again after that."""
    before = spec(endpoint)
    lost, refused = Script(REPLIES[3:4]), Script([REFUSAL])
    scripts = ((Script(), Script()), (Script(REPLIES[2:3]), Script()), (lost, refused), (Script(), refused))
    for after, (first, second) in product(_edited(before), scripts):
        specs = [] if after is None else [after]

        def run(
            history: History,
            faults: FaultPlan,
            specs: Sequence[Spec] = specs,
            first: Script = first,
            second: Script = second,
        ) -> None:
            history.apply([before], faults, first.again())
            history.apply(specs, script=second.again())
            history.apply([before])

        explorer.kill_everywhere(f"{after and after.shown}, {first}, {second}", run, specs)


def _edited(before: Spec) -> Iterator[Spec | None]:
    yield replace(before, content=1)
    yield replace(before, content=2)
    yield replace(before, content=1, revision=2)
    yield replace(before, revision=2)
    yield replace(before, audience=1)
    yield replace(before, batches=3)
    yield replace(before, batches=1)
    yield replace(before, endpoint=Endpoint.CONTACTS)
    yield replace(before, endpoint=Endpoint.CONTACT_SOURCE, revision=2)
    yield replace(before, not_after=START)
    yield replace(before, not_before=START + timedelta(hours=1))
    yield None


def windows(explorer: Explorer, endpoint: Endpoint) -> None:
    """More requests than may be unknown at once, killed anywhere; and time runs out meanwhile."""
    addresses = "abcdefghijkl" if endpoint is Endpoint.CONTACT_SOURCE else "ab"
    many = [replace(spec(endpoint, 12), address=f"sale/{submission}") for submission in addresses]
    explorer.kill_everywhere("many", lambda history, faults: history.apply(many, faults), many)
    for tenths in range(10, 30):
        end = START + timedelta(seconds=tenths / 10)
        closing = [replace(one, not_after=end) for one in many]

        def play(history: History, closing: Sequence[Spec] = closing) -> None:
            history.apply(closing, script=Script(REPLIES[2:3]))
            recover(history, closing)

        explorer.play(tenths, play)


def logs(explorer: Explorer, endpoint: Endpoint) -> None:
    """A run settles a request as not-sent, another run is killed, and the operator uses both logs."""
    specs = [spec(endpoint)]
    for reply in (REFUSAL, *(reply for reply in REPLIES if reply.name == "not connected for ever")):

        def run(history: History, faults: FaultPlan, reply: Reply = reply) -> None:
            history.apply(specs, script=Script([reply]))
            history.apply(specs, faults)
            history.vendor.catch_up()
            history.resolve_from_logs()

        explorer.kill_everywhere(reply.name, run, specs)


def killed_pairs(explorer: Explorer, endpoint: Endpoint) -> None:
    """Two runs at once, both killed, and all that their logs tell."""
    specs = [spec(endpoint, 1)]
    replies = (ACCEPTANCE, REFUSAL) if endpoint is Endpoint.CONTACT_SOURCE else (REFUSAL,)
    for reply, met_at, second, later in product(replies, range(1, _LONGEST), range(1, _LONGEST), (2, 4, 7)):

        def play(
            history: History,
            reply: Reply = reply,
            met_at: int = met_at,
            second: int = second,
            first: int = met_at + later,
        ) -> None:
            def meet() -> None:
                history.apply(specs, FaultPlan(killed_at=second), Script([reply]))

            history.apply(specs, FaultPlan(killed_at=first, nested={met_at: meet}))
            history.vendor.catch_up()
            history.resolve_from_logs()
            recover(history, specs)

        explorer.play((reply.name, met_at, second, later), play)


def disputed_requests(explorer: Explorer, endpoint: Endpoint) -> None:
    """A run is kept from sending until its window closes, and another repeats its request meanwhile."""
    specs = [replace(spec(endpoint, 1), not_after=START + timedelta(seconds=3))]
    unsent = [reply for reply in REPLIES if reply.name in ("not connected for ever", "busy for ever")]
    for first, second in product(unsent, REPLIES):
        for met_at in count(1):

            def play(
                history: History, first: Reply = first, second: Reply = second, met_at: int = met_at
            ) -> None:
                history.apply(
                    specs,
                    FaultPlan(nested={met_at: lambda: history.apply(specs, script=Script([second]))}),
                    Script([first]),
                )
                recover(history, specs)

            if explorer.play((first.name, second.name, met_at), play).subject.steps < met_at:
                break


def busy_vendor(explorer: Explorer, endpoint: Endpoint) -> None:
    """The vendor is busy for one of many requests, at each place and for each limit."""
    many = [replace(spec(endpoint, 6), address=f"sale/{submission}") for submission in "abcdef"]
    for concurrency, setup in product(range(1, 11), range(12)):
        script = Script([*[ACCEPTANCE] * setup, BUSY])

        def play(history: History, script: Script = script, concurrency: int = concurrency) -> None:
            history.apply(many, script=script.again(), concurrency=concurrency)
            recover(history, many)

        explorer.play((concurrency, setup), play)


def corruption(explorer: Explorer, endpoint: Endpoint) -> None:
    """One bit of the journal of a run that is dead is wrong, in any line but the last: nothing is sent."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def left(history: History, step: int) -> File:
        history.apply(specs, FaultPlan(killed_at=step), concurrency=1)
        assert isinstance(history.setup, FileSetup)
        return history.setup.names.get(JOURNAL, File())

    step = next(step for step in count(1) if left(History(FileSetup()), step).content.count(b"\n") == _LINES)
    last = left(History(FileSetup()), step).content[:-1].rfind(b"\n")
    for at in range(0, last, 3):

        def play(history: History, at: int = at) -> None:
            journal = left(history, step)
            sound = journal.content
            journal.content = sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]
            posts = history.counts["posts"]
            code = history.apply(specs)
            if code is not ExitCode.ERROR or history.counts["posts"] > posts:
                history.checks.report("foldable", f"byte {at} is wrong, and apply ends with {code!r}")
            journal.content = sound
            recover(history, specs)

        explorer.play(at, play)


_IN_FILES: Final = (
    misreports,
    broken_states,
    kills,
    faults,
    signals,
    concurrent_runs,
    edits,
    windows,
    busy_vendor,
    logs,
    corruption,
)
_ON_A_BRANCH: Final = (
    misreports,
    kills,
    faults,
    signals,
    concurrent_runs,
    logs,
    killed_pairs,
    disputed_requests,
    branch_resets,
)

FAMILIES: Final = {
    f"{family.__name__} {endpoint.value} {kept}": (family, endpoint, setup)
    for kept, setup, families in (
        ("file", FileSetup, _IN_FILES),
        ("unlocked", UnlockedSetup, (lock_removals,)),
        ("git", GitSetup, _ON_A_BRANCH),
    )
    for family in families
    for endpoint in Endpoint
}


def run_family(name: str) -> tuple[Counter[str], Failure | None]:
    """Play a family for one endpoint and one kind of ledger; give the counts, and the first failure."""
    family, endpoint, setup = FAMILIES[name]
    explorer = Explorer(setup)
    try:
        family(explorer, endpoint)
    except InvariantBroken as broken:
        return explorer.counts, broken.failure
    return explorer.counts, None
