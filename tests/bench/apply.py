"""Benchmark of `apply`: requests per second to a sandbox in its own process, with a file ledger.

It sends 1,000 campaigns of one request of 2 contacts, then one send of 1,000 requests of 1,000 contacts
(about 50 kB each). The sandbox parses and keeps every body, and shares the processors.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.bench.audience import valid_numbers
from tests.bench.plan import write
from tests.bench.timing import SENDSPEC, timed

LARGE = """\
campaign: large
purpose: transactional
sends:
  - id: all
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, your order is ready."
    contacts: {file: ../people.csv}
"""


def write_large(directory: Path, requests: int) -> str:
    """Write a project of one send of `requests` full requests; return its directory.

    The numbers are random, because a million reserved numbers do not exist.
    """
    (directory / "campaigns").mkdir(parents=True)
    rules = "rules: {phone-number: off, max-recipients: off}"
    (directory / "sendspec.yaml").write_text(f"version: 1\n{rules}\n")
    (directory / "campaigns" / "large.yaml").write_text(LARGE)
    chance = random.Random(7)  # noqa: S311 - the same file every time, not a secret
    numbers = valid_numbers(chance, requests * 1000)
    rows = (f"{number},Name{number % 5000}\n" for number in numbers)
    (directory / "people.csv").write_text(f"contactId,NAME\n{''.join(rows)}")
    return str(directory)


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        projects = {
            f"{requests:,} sends of 1 request": write(Path(folder, "small"), requests),
            f"1 send of {requests:,} requests": write_large(Path(folder, "large"), requests),
        }
        for name, directory in projects.items():
            planned = timed([SENDSPEC, "validate", directory])
            applied = timed([SENDSPEC, "apply", directory, "--auto-approve"])
            print(
                f"{name:26}{applied.wall:7.2f} s ({applied.cpu:5.2f} s of CPU),"
                f" {requests / applied.wall:5.0f} requests/s; beyond validate ({planned.wall:.2f} s)"
                f" {requests / (applied.wall - planned.wall):5.0f} requests/s",
                flush=True,
            )


if __name__ == "__main__":
    main()
