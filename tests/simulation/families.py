"""Everything that can befall one send, tried one after another: kill points by replies by endpoints.

A family enumerates histories and has a `Player` play each of them. How many steps a run has is found
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
from tests.simulation.filesystem import File
from tests.simulation.history import History
from tests.simulation.locations import JOURNAL, TEMPORARY, Branch, Files, Unlocked
from tests.simulation.player import POWER, Broken, Player
from tests.simulation.process import NEVER, Fate, Share
from tests.simulation.recovery import recover
from tests.simulation.replies import ACCEPTANCE, REPLIES
from tests.simulation.rewound import rewound
from tests.simulation.specs import Spec
from tests.simulation.world import START, Script

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


def kills(player: Player, endpoint: Endpoint) -> None:
    """One kill anywhere, one reply of the vendor: everything must come right afterwards."""
    specs = [spec(endpoint)]
    for reply in REPLIES:

        def run(history: History, fate: Fate, reply: Reply = reply) -> None:
            history.apply(specs, fate, Script([reply]))

        # What a power failure takes depends on what the ledger was doing, hardly on the reply.
        steps = player.kill_everywhere(reply.name, run, specs, powers=reply in _TYPICAL)
        player.counts["kill points by replies by endpoints"] += steps


def faults(player: Player, endpoint: Endpoint) -> None:
    """Each operation of the ledger fails, once or for ever, having had no, half or its whole effect."""
    specs = [spec(endpoint)]
    for share, failures, power in product(Share, (1, 1000), (False, True)):
        for step in count(1):
            error = (errno.EIO, errno.ENOSPC)[step % 2]
            fate = Fate(fails_at=step, failures=failures, share=share, error=error)

            def play(history: History, fate: Fate = fate, power: bool = power) -> None:  # noqa: FBT001 - bound
                history.apply(specs, fate)
                if power:
                    history.fail_power(POWER["durable only"])
                recover(history, specs)

            if not player.play((fate, power), play).subject.failed:
                player.counts["faults of the ledger by effects by endpoints"] += step - 1
                break


def interrupts(player: Player, endpoint: Endpoint) -> None:
    """A signal at each step, and a second one at each later step."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def interrupted(stop: int, abort: int) -> int:
        def play(history: History) -> None:
            history.astray = lambda _: abort % 3
            history.apply(specs, Fate(stopped_at=stop, aborted_at=abort))
            recover(history, specs)

        return player.play((stop, abort), play).subject.steps

    for stop in count(1):
        steps = interrupted(stop, NEVER)
        if steps < stop:
            return
        for abort in range(stop + 1, steps + 1):
            interrupted(stop, abort)


def meetings(player: Player, endpoint: Endpoint) -> None:
    """A second run within each step of a first; within each of its steps a third, a reader, or a kill."""
    specs = [spec(endpoint)]

    def met(first: int, second: int, *, kills: bool) -> tuple[int, int]:
        steps: list[int] = []

        def play(history: History) -> None:
            def third() -> None:
                history.apply(specs)
                history.read()

            def meet() -> None:
                fate = Fate(killed_at=second) if kills else Fate(meets={second: third})
                history.apply(specs, fate)
                steps.append(history.last.steps)

            history.apply(specs, Fate(meets={first: meet}))
            recover(history, specs)

        whole = player.play((first, second, kills), play).subject.steps
        return whole, steps[0] if steps else 0

    for first in count(1):
        whole, inner = met(first, NEVER, kills=True)
        if whole < first:
            return
        for second in range(1, inner + 1):
            met(first, second, kills=True)
            met(first, second, kills=False)


def removals(player: Player, endpoint: Endpoint) -> None:
    """Somebody removes the lock of a run that is alive, within any of its steps, and another run begins."""
    specs = [spec(endpoint, 12)]
    for met_at in count(1):

        def play(history: History, met_at: int = met_at) -> None:
            def meet() -> None:
                assert isinstance(history.location, Unlocked)
                # While it replaces the lockfile it sends nothing any more, and cannot look again.
                if TEMPORARY not in history.location.names:
                    history.location.locks.clear()
                    history.apply(specs)

            history.apply(specs, Fate(meets={met_at: meet}), concurrency=2)
            recover(history, specs)

        if player.play(met_at, play).subject.steps < met_at:
            return


def edits(player: Player, endpoint: Endpoint) -> None:
    """The specs are edited after a kill anywhere, and an old commit is run again after that."""
    before = spec(endpoint)
    lost, refused = Script(REPLIES[3:4]), Script([REFUSAL])
    scripts = ((Script(), Script()), (Script(REPLIES[2:3]), Script()), (lost, refused), (Script(), refused))
    for after, (first, second) in product(_edited(before), scripts):
        specs = [] if after is None else [after]

        def run(
            history: History,
            fate: Fate,
            specs: Sequence[Spec] = specs,
            first: Script = first,
            second: Script = second,
        ) -> None:
            history.apply([before], fate, first.again())
            history.apply(specs, script=second.again())
            history.apply([before])

        player.kill_everywhere(f"{after and after.shown}, {first}, {second}", run, specs)


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


def windows(player: Player, endpoint: Endpoint) -> None:
    """More requests than may be unknown at once, killed anywhere; and time runs out meanwhile."""
    addresses = "abcdefghijkl" if endpoint is Endpoint.CONTACT_SOURCE else "ab"
    many = [replace(spec(endpoint, 12), address=f"sale/{letter}") for letter in addresses]
    player.kill_everywhere("many", lambda history, fate: history.apply(many, fate), many)
    for tenths in range(10, 30):
        end = START + timedelta(seconds=tenths / 10)
        closing = [replace(one, not_after=end) for one in many]

        def play(history: History, closing: Sequence[Spec] = closing) -> None:
            history.apply(closing, script=Script(REPLIES[2:3]))
            recover(history, closing)

        player.play(tenths, play)


def logs(player: Player, endpoint: Endpoint) -> None:
    """A run that is told not-sent, a run that is killed, and all that their logs tell: what is true of it?"""
    specs = [spec(endpoint)]
    for reply in (REFUSAL, *(reply for reply in REPLIES if reply.name == "not connected for ever")):

        def run(history: History, fate: Fate, reply: Reply = reply) -> None:
            history.apply(specs, script=Script([reply]))
            history.apply(specs, fate)
            history.vendor.catch_up()
            history.resolve_from_logs()

        player.kill_everywhere(reply.name, run, specs)


def overtaken(player: Player, endpoint: Endpoint) -> None:
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
                history.apply(specs, Fate(killed_at=second), Script([reply]))

            history.apply(specs, Fate(killed_at=first, meets={met_at: meet}))
            history.vendor.catch_up()
            history.resolve_from_logs()
            recover(history, specs)

        player.play((reply.name, met_at, second, later), play)


def disputed(player: Player, endpoint: Endpoint) -> None:
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
                    Fate(meets={met_at: lambda: history.apply(specs, script=Script([second]))}),
                    Script([first]),
                )
                recover(history, specs)

            if player.play((first.name, second.name, met_at), play).subject.steps < met_at:
                break


def crowds(player: Player, endpoint: Endpoint) -> None:
    """The vendor is busy for one of many requests, at each place and for each limit."""
    many = [replace(spec(endpoint, 6), address=f"sale/{letter}") for letter in "abcdef"]
    for concurrency, location in product(range(1, 11), range(12)):
        script = Script([*[ACCEPTANCE] * location, BUSY])

        def play(history: History, script: Script = script, concurrency: int = concurrency) -> None:
            history.apply(many, script=script.again(), concurrency=concurrency)
            recover(history, many)

        player.play((concurrency, location), play)


def damage(player: Player, endpoint: Endpoint) -> None:
    """One bit of the journal of a run that is gone is wrong, in any line but the last: nothing is sent."""
    specs = [spec(endpoint), replace(spec(endpoint), address="sale/b")]

    def left(history: History, step: int) -> File:
        history.apply(specs, Fate(killed_at=step), concurrency=1)
        assert isinstance(history.location, Files)
        return history.location.names.get(JOURNAL, File())

    step = next(step for step in count(1) if left(History(Files()), step).content.count(b"\n") == _LINES)
    last = left(History(Files()), step).content[:-1].rfind(b"\n")
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

        player.play(at, play)


_IN_FILES: Final = (kills, faults, interrupts, meetings, edits, windows, crowds, logs, damage)
_ON_A_BRANCH: Final = (kills, faults, interrupts, meetings, logs, overtaken, disputed, rewound)

FAMILIES: Final = {
    f"{family.__name__} {endpoint.value} {kept}": (family, endpoint, location)
    for kept, location, families in (
        ("file", Files, _IN_FILES),
        ("unlocked", Unlocked, (removals,)),
        ("git", Branch, _ON_A_BRANCH),
    )
    for family in families
    for endpoint in Endpoint
}


def run_family(name: str) -> tuple[Counter[str], Failure | None]:
    """Play a family for one endpoint and one kind of ledger; give the counts, and the first failure."""
    family, endpoint, location = FAMILIES[name]
    player = Player(location)
    try:
        family(player, endpoint)
    except Broken as broken:
        return player.counts, broken.failure
    return player.counts, None
