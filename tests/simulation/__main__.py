"""Command line of the simulation: all families, then random schedules, then the counts.

`--replay SEED` runs one schedule again and prints everything that happened in it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Final

from tests.simulation.collector import collect_rarely
from tests.simulation.families import FAMILIES, run_family
from tests.simulation.quick import run_quick
from tests.simulation.remembered_results import remember_decoded_ledgers, stretch_little
from tests.simulation.schedules import run_schedules, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tests.simulation.failure import Failure

_CHUNK: Final = 2000


def main() -> int:
    """Run the parts that the command line selects."""
    options = _parser().parse_args()
    if options.replay is not None:
        print("\n".join(trace_of(options.replay)))
        return 0
    if options.quick:
        _prepare()
        stretch_little()
        failure = run_quick(options.quick)
        print(failure.violation if failure else "every invariant holds")
        return int(failure is not None)
    started = time.monotonic()
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(options.processes, initializer=_prepare) as pool:
        families = [pool.submit(run_family, name) for name in FAMILIES if not options.random_only]
        seeds = range(options.seed, options.seed + options.schedules)
        chunks = [pool.submit(run_schedules, seeds[at : at + _CHUNK]) for at in range(0, len(seeds), _CHUNK)]
        for done, (counted, failure) in enumerate(_results([*families, *chunks]), start=1):
            counts += counted
            if failure is not None:
                pool.shutdown(wait=False, cancel_futures=True)
                print(failure)
                return 1
            if sys.stderr.isatty():
                print(f"\r{done} of {len(families) + len(chunks)}", end="", file=sys.stderr)
    print(f"\r{format_counts(counts)} in {time.monotonic() - started:.1f} s")
    return 0


def _prepare() -> None:
    """Prepare a process that runs many histories."""
    collect_rarely()
    remember_decoded_ledgers()


def format_counts(counts: Counter[str]) -> str:
    """Return the counts in one line."""
    return ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items()))


def _results(
    futures: list[Future[tuple[Counter[str], Failure | None]]],
) -> Iterator[tuple[Counter[str], Failure | None]]:
    for future in as_completed(futures):
        yield future.result()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "--schedules", type=int, default=100_000, metavar="N", help="random schedules (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the first schedule (%(default)s)")
    parser.add_argument("--replay", type=int, metavar="SEED", help="run one schedule and print its trace")
    parser.add_argument(
        "--quick", metavar="PART", help="run few schedules and all quick families, PART first; for mutants"
    )
    parser.add_argument("--random-only", action="store_true", help="run only random schedules")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count(), metavar="N", help="processes (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
