"""Exhaustive families of histories: kill points by replies by endpoints, and others.

A family enumerates histories, and an `Explorer` runs each of them. A run that was not killed at step k
has fewer than k steps, which ends the enumeration.
"""

from __future__ import annotations

import errno
from datetime import timedelta
from itertools import count, product
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.legal_hours import LegalHours, LegalWindow
from sendspec.model import Endpoint
from sendspec.protocol_limits import RUN_LOST_SECONDS
from sendspec.structs import replace
from tests.simulation.attempts import REMEMBERED
from tests.simulation.branch_resets import branch_resets
from tests.simulation.explorer import POWER_LOSSES, Explorer, InvariantBroken
from tests.simulation.filesystem import File
from tests.simulation.history import History
from tests.simulation.ledger_setups import (
    JOURNAL,
    TEMPORARY,
    FileSetup,
    GitSetup,
    RememberedSetup,
    UnlockedSetup,
)
from tests.simulation.process import NEVER, NO_FAULTS, Extent, FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.renames import renames, renaming_runs
from tests.simulation.replies import ACCEPTANCE, REFUSAL, REPLIES
from tests.simulation.self_checks import broken_states, misreports
from tests.simulation.simulated_driver import START, Script
from tests.simulation.specs import Spec

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from tests.simulation.failure import Failure
    from tests.simulation.replies import Reply

ADDRESS: Final = "sale/a"
BUSY: Final = next(reply for reply in REPLIES if reply.name == "busy, 400")
_TYPICAL: Final = (ACCEPTANCE, *REPLIES[2:4], REFUSAL, BUSY)
_LOST: Final = replace(REPLIES[3], lasting=True)
_LEGAL_SECONDS: Final = 60.0
"""The seconds after `START` at which `_HOURS` end; they start again an hour after it."""
_HOURS: Final = LegalHours(((LegalWindow(0, 12 * 60 + 1), LegalWindow(13 * 60, 24 * 60)),) * 7)
_DELAYS: Final = (0.0, 100.0, 40_000.0, REMEMBERED)
_LINES: Final = 3
_DISPUTED_STEPS_MAX: Final = 30
"""More steps than five attempts of one request take."""
_STEPS_MAX: Final = 22
"""More steps than a run that sends one request with a git ledger."""


def spec(endpoint: Endpoint, batches: int = 2) -> Spec:
    return Spec(ADDRESS, endpoint, batches=batches)


def kills(explorer: Explorer, endpoint: Endpoint) -> None:
    """Kill a run at each step, for each reply of the vendor."""
    specs = [spec(endpoint)]
    for reply in REPLIES:

        def run(history: History, faults: FaultPlan, reply: Reply = reply) -> None:
            history.apply(specs, faults, Script([reply]))

        # The result of a power failure depends on the step of the ledger and hardly on the reply.
        steps = explorer.kill_everywhere(reply.name, run, specs, powers=reply in _TYPICAL)
        explorer.counts["kill points by replies by endpoints"] += steps


def faults(explorer: Explorer, endpoint: Endpoint) -> None:
    """Let each operation of the ledger fail, once or permanently, with none, half or all of its effect."""
    specs = [spec(endpoint)]
    for extent, failures, power in product(Extent, (1, 1000), (False, True)):
        for step in count(1):
            error = (errno.EIO, errno.ENOSPC)[step % 2]
            faults = FaultPlan(fails_at=step, failures=failures, extent=extent, error=error)

            def scenario(history: History, faults: FaultPlan = faults, power: bool = power) -> None:  # noqa: FBT001 - bound
                history.apply(specs, faults)
                if power:
                    history.fail_power(POWER_LOSSES["durable only"])
                recover(history, specs)

            if not explorer.explore((faults, power), scenario).subject.failed:
                explorer.counts["faults of the ledger by effects by endpoints"] += step - 1
                break


def signals(explorer: Explorer, endpoint: Endpoint) -> None:
    """Send a signal at each step, and a second one at each later step."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def interrupted(stop: int, abort: int) -> int:
        def scenario(history: History) -> None:
            history.in_transit = lambda _: abort % 3
            history.apply(specs, FaultPlan(stopped_at=stop, aborted_at=abort))
            recover(history, specs)

        return explorer.explore((stop, abort), scenario).subject.steps

    for stop in count(1):
        steps = interrupted(stop, NEVER)
        if steps < stop:
            return
        for abort in range(stop + 1, steps + 1):
            interrupted(stop, abort)


def removals(explorer: Explorer, endpoint: Endpoint) -> None:
    """Kill a run at each step, and continue in a directory whose ledger has nothing of it."""
    specs = [spec(endpoint)]
    for reply in (ACCEPTANCE, REFUSAL, REPLIES[3]):

        def run(history: History, faults: FaultPlan, reply: Reply = reply) -> None:
            history.apply(specs, faults, Script([reply]))
            assert isinstance(history.setup, RememberedSetup)
            history.setup.take_away()

        steps = explorer.kill_everywhere(reply.name, run, specs, powers=False)
        explorer.counts["kill points before a ledger was taken away"] += steps


def concurrent_runs(explorer: Explorer, endpoint: Endpoint) -> None:
    """Nest a second run in each step of a first, and in each of its steps a third, a reader, or a kill."""
    specs = [spec(endpoint)]

    def nested(first: int, second: int, *, kills: bool) -> tuple[int, int]:
        steps: list[int] = []

        def scenario(history: History) -> None:
            def third() -> None:
                history.apply(specs)
                history.read()

            def run_nested() -> None:
                faults = FaultPlan(killed_at=second) if kills else FaultPlan(nested={second: third})
                history.apply(specs, faults)
                steps.append(history.last.steps)

            history.apply(specs, FaultPlan(nested={first: run_nested}))
            recover(history, specs)

        whole = explorer.explore((first, second, kills), scenario).subject.steps
        return whole, steps[0] if steps else 0

    for first in count(1):
        whole, inner = nested(first, NEVER, kills=True)
        if whole < first:
            return
        for second in range(1, inner + 1):
            nested(first, second, kills=True)
            nested(first, second, kills=False)


def lock_removals(explorer: Explorer, endpoint: Endpoint) -> None:
    """Remove the lock of an active run within each of its steps, and start another run."""
    specs = [spec(endpoint, 12)]
    for nested_at in count(1):

        def scenario(history: History, nested_at: int = nested_at) -> None:
            def run_nested() -> None:
                assert isinstance(history.setup, UnlockedSetup)
                # A run that replaces the lockfile posts nothing more, and cannot check its lock again.
                if TEMPORARY not in history.setup.names:
                    history.setup.locks.clear()
                    history.apply(specs)

            history.apply(specs, FaultPlan(nested={nested_at: run_nested}), concurrency=2)
            recover(history, specs)

        if explorer.explore(nested_at, scenario).subject.steps < nested_at:
            return


def edits(explorer: Explorer, endpoint: Endpoint) -> None:
    """Edit the specs after a kill at each step, and then apply the old commit again."""
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
            history.apply([before], faults, first.restarted())
            history.apply(specs, script=second.restarted())
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
    """Kill a run of more requests than the window, and close the window of sends during a run."""
    addresses = "abcdefghijkl" if endpoint is Endpoint.CONTACT_SOURCE else "ab"
    many = [replace(spec(endpoint, 12), address=f"sale/{submission}") for submission in addresses]
    explorer.kill_everywhere("many", lambda history, faults: history.apply(many, faults), many)
    for tenths in range(10, 30):
        end = START + timedelta(seconds=tenths / 10)
        closing = [replace(send, not_after=end) for send in many]

        def scenario(history: History, closing: Sequence[Spec] = closing) -> None:
            history.apply(closing, script=Script(REPLIES[2:3]))
            recover(history, closing)

        explorer.explore(tenths, scenario)


def quiet_hours(explorer: Explorer, endpoint: Endpoint) -> None:
    """Let the legal hours of the recipients end during a run, and kill it at each step; later they return."""
    addresses = "abcdefghijkl" if endpoint is Endpoint.CONTACT_SOURCE else "ab"
    many = [replace(spec(endpoint, 12), address=f"sale/{name}", hours=_HOURS) for name in addresses]
    for tenths in range(10, 30):

        def scenario(history: History, left: float = tenths / 10) -> None:
            history.clock.reach(_LEGAL_SECONDS - left)
            history.apply(many, script=Script(REPLIES[2:3]))
            history.apply(many)
            recover(history, many)

        explorer.explore(tenths, scenario)

    few = [replace(spec(endpoint), hours=_HOURS)]

    def run(history: History, faults: FaultPlan) -> None:
        history.clock.reach(_LEGAL_SECONDS - 0.2)
        history.apply(few, faults, Script([_LOST]))

    explorer.kill_everywhere("killed", run, few)


def logs(explorer: Explorer, endpoint: Endpoint) -> None:
    """A run settles a request as not-sent, another run is killed, and the operator uses both logs."""
    specs = [spec(endpoint)]
    for reply in (REFUSAL, *(reply for reply in REPLIES if reply.name == "not connected forever")):

        def run(history: History, faults: FaultPlan, reply: Reply = reply) -> None:
            history.apply(specs, script=Script([reply]))
            history.apply(specs, faults)
            history.vendor.catch_up()
            history.resolve_from_logs()

        explorer.kill_everywhere(reply.name, run, specs)


def killed_pairs(explorer: Explorer, endpoint: Endpoint) -> None:
    """Kill two concurrent runs, and settle their requests from the logs."""
    specs = [spec(endpoint, 1)]
    replies = (ACCEPTANCE, REFUSAL) if endpoint is Endpoint.CONTACT_SOURCE else (REFUSAL,)
    for reply, nested_at, second, later in product(
        replies, range(1, _STEPS_MAX), range(1, _STEPS_MAX), (2, 4, 7)
    ):

        def scenario(
            history: History,
            reply: Reply = reply,
            nested_at: int = nested_at,
            second: int = second,
            first: int = nested_at + later,
        ) -> None:
            def run_nested() -> None:
                history.apply(specs, FaultPlan(killed_at=second), Script([reply]))

            history.apply(specs, FaultPlan(killed_at=first, nested={nested_at: run_nested}))
            history.vendor.catch_up()
            history.resolve_from_logs()
            recover(history, specs)

        explorer.explore((reply.name, nested_at, second, later), scenario)


def disputed_requests(explorer: Explorer, endpoint: Endpoint) -> None:
    """Keep a run from sending until its time is over, and let another run repeat its request."""
    is_job = endpoint is Endpoint.CONTACT_SOURCE
    # A job is repeated only if its run counts as lost, which the run notices before it posts again.
    lost = RUN_LOST_SECONDS if is_job else 0.0
    window = None if is_job else START + timedelta(seconds=3)
    specs = [replace(spec(endpoint, 1), not_after=window)]
    unsent = [reply for reply in REPLIES if reply.name in ("not connected forever", "busy forever")]
    for first, second in product(unsent, REPLIES):
        for nested_at in range(1, _DISPUTED_STEPS_MAX):

            def scenario(
                history: History, first: Reply = first, second: Reply = second, nested_at: int = nested_at
            ) -> None:
                def run_nested() -> None:
                    history.clock.reach(history.clock.seconds + lost)
                    history.apply(specs, script=Script([second]))

                history.apply(specs, FaultPlan(nested={nested_at: run_nested}), Script([first]))
                recover(history, specs)

            if explorer.explore((first.name, second.name, nested_at), scenario).subject.steps < nested_at:
                break


def repetitions(explorer: Explorer, endpoint: Endpoint) -> None:
    """Let the answers of two runs be lost, and kill one of them at each step; repeat soon and later."""
    specs = [spec(endpoint, 1)]
    delays = _DELAYS if endpoint.traits.repeatable else _DELAYS[:1]
    for delay, killed in product(delays, (0, 1)):

        def run(history: History, faults: FaultPlan, delay: float = delay, killed: int = killed) -> None:
            for number in range(2):
                history.apply(specs, faults if number == killed else NO_FAULTS, Script([_LOST]))
                history.clock.reach(history.clock.seconds + delay)
            # This is more than a day after the first run, and less than a day after the second.
            history.clock.reach(REMEMBERED + delay / 2)

        explorer.kill_everywhere(f"{delay} s, run {killed}", run, specs, powers=False)


def busy_vendor(explorer: Explorer, endpoint: Endpoint) -> None:
    """Let the vendor be busy for one of many requests, at each position and for each limit."""
    many = [replace(spec(endpoint, 6), address=f"sale/{submission}") for submission in "abcdef"]
    for concurrency, setup in product(range(1, 11), range(12)):
        script = Script([*[ACCEPTANCE] * setup, BUSY])

        def scenario(history: History, script: Script = script, concurrency: int = concurrency) -> None:
            history.apply(many, script=script.restarted(), concurrency=concurrency)
            recover(history, many)

        explorer.explore((concurrency, setup), scenario)


def corruption(explorer: Explorer, endpoint: Endpoint) -> None:
    """Flip one bit in the journal of a lost run, in any line but the last: nothing is sent."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def left(history: History, step: int) -> File:
        history.apply(specs, FaultPlan(killed_at=step), concurrency=1)
        assert isinstance(history.setup, FileSetup)
        return history.setup.names.get(JOURNAL, File())

    step = next(step for step in count(1) if left(History(FileSetup()), step).content.count(b"\n") == _LINES)
    last = left(History(FileSetup()), step).content[:-1].rfind(b"\n")
    for at in range(0, last, 3):

        def scenario(history: History, at: int = at) -> None:
            journal = left(history, step)
            valid = journal.content
            journal.content = valid[:at] + bytes([valid[at] ^ 1]) + valid[at + 1 :]
            posts = history.counts["posts"]
            code = history.apply(specs)
            if code is not ExitCode.ERROR or history.counts["posts"] > posts:
                history.checks.report("foldable", f"byte {at} is wrong, and apply ends with {code!r}")
            journal.content = valid
            recover(history, specs)

        explorer.explore(at, scenario)


_IN_FILES: Final = (
    misreports,
    broken_states,
    kills,
    faults,
    signals,
    concurrent_runs,
    edits,
    repetitions,
    windows,
    quiet_hours,
    busy_vendor,
    logs,
    corruption,
    renames,
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
    repetitions,
    branch_resets,
    renames,
    renaming_runs,
)

FAMILIES: Final = {
    f"{family.__name__} {endpoint.value} {kept}": (family, endpoint, setup)
    for kept, setup, families in (
        ("file", FileSetup, _IN_FILES),
        ("unlocked", UnlockedSetup, (lock_removals,)),
        ("remembered", RememberedSetup, (faults, removals)),
        ("git", GitSetup, _ON_A_BRANCH),
    )
    for family in families
    for endpoint in Endpoint
}


def run_family(name: str) -> tuple[Counter[str], Failure | None]:
    """Run a family for one endpoint and one kind of ledger; return the counts and the first failure."""
    family, endpoint, setup = FAMILIES[name]
    explorer = Explorer(setup)
    try:
        family(explorer, endpoint)
    except InvariantBroken as broken:
        return explorer.counts, broken.failure
    return explorer.counts, None
