"""Lockfiles: 10,000 requests read and written, as `json` does it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Row
from tests.bench.lines import within_seconds
from tests.bench.processes import PYTHON, ROOT, environment, measure

if TYPE_CHECKING:
    from tests.bench.comparison import Bench
    from tests.bench.processes import Cost

_WRITE: Final = f"{PRODUCT}: write"
_JSON: Final = "json"
_JSON_WRITE: Final = "json: write"


def _lockfile(bench: Bench) -> Comparison:
    requests, log = bench.size(10_000, least=10), bench.folder / "log"

    def run(contestant: str) -> Cost:
        command = [PYTHON, "-m", "tests.bench.lockfile_times", contestant, str(requests)]
        cost = measure(command, log, env=environment(), folder=ROOT)
        return cost._replace(seconds=json.loads(log.read_text(encoding="utf-8"))["seconds"])

    what = f"a lockfile of {requests:,} requests"
    return Comparison(
        contestants={
            PRODUCT: lambda: run("read"),
            _JSON: lambda: run("json-read"),
            _WRITE: lambda: run("write"),
            _JSON_WRITE: lambda: run("json-write"),
        },
        lines=(
            within_seconds(f"{what}, read", 0.04, yardstick=_JSON),
            within_seconds(f"{what}, written", 0.04, product=_WRITE, yardstick=_JSON_WRITE),
        ),
    )


ROWS: Final = (Row("lockfile", "lockfiles of 10,000 requests read and written", _lockfile),)
