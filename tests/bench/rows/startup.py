"""Start-up: `--help`, and a plan of the example."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Row
from tests.bench.lines import slower_than, within_seconds
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, measure

if TYPE_CHECKING:
    from tests.bench.comparison import Bench

_CLICK: Final = "import click"


def _help(bench: Bench) -> Comparison:
    log = bench.folder / "log"
    return Comparison(
        contestants={
            PRODUCT: lambda: measure([SENDSPEC, "--help"], log),
            _CLICK: lambda: measure([PYTHON, "-c", "import click"], log),
        },
        lines=(slower_than("`sendspec --help`", _CLICK, at_most=1.15),),
        repeat=bench.size(6),
    )


def _example(bench: Bench) -> Comparison:
    project = bench.fresh("example") / "specs"
    shutil.copytree(
        ROOT / "specs", project, ignore=shutil.ignore_patterns(".sendspec", "*.lock", "*.journal")
    )
    log = bench.folder / "log"
    return Comparison(
        contestants={PRODUCT: lambda: measure([SENDSPEC, "plan", str(project)], log)},
        lines=(within_seconds("`plan` of the example", 0.5),),
        repeat=bench.size(3),
    )


ROWS: Final = (
    Row("help", "`sendspec --help`, as `import click`", _help),
    Row("example", "`plan` of the example in specs/", _example),
)
