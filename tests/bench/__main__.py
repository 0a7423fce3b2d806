"""Lists the measurements, or runs those that are named: `python -m tests.bench [NAME … | all]`."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.bench.timing import machine

HERE = Path(__file__).parent
HELPERS = {"__init__", "__main__", "timing"}


def names() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in HELPERS)


def summary(name: str) -> str:
    """The first line of a script's docstring."""
    spec = find_spec(f"tests.bench.{name}")
    assert spec is not None
    assert spec.origin is not None
    first, *_ = Path(spec.origin).read_text(encoding="utf-8").splitlines()
    return first.strip('"')


def main(wanted: list[str]) -> int:
    known = names()
    if not wanted:
        for name in known:
            print(f"{name:10} {summary(name)}")
        return 0
    unknown = [name for name in wanted if name not in {*known, "all"}]
    if unknown:
        print(f"there is no measurement {unknown[0]!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 64
    for name in known if "all" in wanted else wanted:
        print(f"== {name}, {machine()}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
