"""Time and peak memory of one million contacts.

Each step runs in its own process, so that the peak is only its own. On Linux a child starts with the
peak of its parent, so the parent does nothing else. The numbers are random and never sent, because
fewer than a million numbers are reserved.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sendspec.audience import batches, scan
from sendspec.model import ContactFile, Endpoint, Location, Locations, Purpose, Send

PLAIN = "Acme: 20% off ends tonight. Reply STOP to opt out."
TAGGED = "Acme: hi %%FIRST NAME%%, 20% off ends tonight. Reply STOP to opt out."


def valid_numbers(chance: random.Random, count: int) -> list[int]:
    """Return different valid numbers of ten American areas; few of them are reserved."""
    areas = (212, 305, 312, 404, 415, 503, 602, 713, 808, 917)
    drawn = (divmod(number, 8_000_000) for number in chance.sample(range(80_000_000), count))
    return [10_000_000_000 + areas[area] * 10_000_000 + 2_000_000 + rest for area, rest in drawn]


def write(path: Path, rows: int, repeat: int) -> None:
    """Write `rows` contacts; every `repeat`-th repeats an earlier one (0: none)."""
    chance = random.Random(7)  # noqa: S311 - a seeded generator writes the same file each time
    numbers = valid_numbers(chance, rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("contactId,FIRST NAME\r\n")
        for row in range(rows):
            if repeat and row % repeat == repeat - 1:
                numbers[row] = numbers[chance.randrange(row)]
            out.write(f"{numbers[row]},Name{row % 5000}\r\n")


def send(path: Path, content: str) -> Send:
    location = Location(path.name)
    return Send(
        address="bench/send",
        campaign="bench",
        purpose=Purpose.TRANSACTIONAL,
        endpoint=Endpoint.CONTACTS,
        revision=1,
        payload={"content": content, "personalizationDefaults": {"FIRST NAME": "there"}},
        payload_digest="",
        contacts=ContactFile(path, path.name, None, location),
        database_fields=frozenset(),
        not_before=None,
        not_after=None,
        allow=(),
        locations=Locations(location),
    )


def measure(step: str, path: Path) -> None:
    """Run one step over `path` in this process, and print its time and memory."""
    at_rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    if step == "batches":
        count = sum(len(batch.contacts) for batch in batches(send(path, TAGGED)))
    else:
        count = scan(send(path, PLAIN if step == "scan, no tag" else TAGGED)).count
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{step:26}{count:>10,} recipients {wall:6.2f} s ({cpu:.2f} s of CPU)"
        f" {peak / 1024:5.0f} MiB, {at_rest / 1024:.0f} of them at rest"
    )


def main() -> None:
    if len(sys.argv) > 2:
        step, path, *rest = sys.argv[1:]
        write(Path(path), *map(int, rest)) if step == "write" else measure(step, Path(path))
        return
    rows = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    with tempfile.TemporaryDirectory() as folder:
        distinct, repeated = f"{folder}/distinct.csv", f"{folder}/repeated.csv"
        steps = [("write", distinct, rows, "0"), ("write", repeated, rows, "3")]
        steps += [(name, distinct) for name in ("scan, no tag", "scan, one tag", "batches")]
        for step in [*steps, ("scan, a third repeated", repeated)]:
            subprocess.run([sys.executable, __file__, *step], check=True)


if __name__ == "__main__":
    main()
