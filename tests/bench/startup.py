"""How long `sendspec --help` takes beside `python -c "import click"`: less than twice is the aim."""

from __future__ import annotations

import sys

from tests.bench.timing import PYTHON, SENDSPEC, interleaved

COMMANDS = {
    "python -c pass": [PYTHON, "-c", "pass"],
    'python -c "import click"': [PYTHON, "-c", "import click"],
    "sendspec --help": [SENDSPEC, "--help"],
    "sendspec plan --help": [SENDSPEC, "plan", "--help"],
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    found = interleaved(COMMANDS, rounds)
    click = found['python -c "import click"']
    for name, cost in found.items():
        print(
            f"{name:26}{cost.wall * 1000:7.1f} ms ({cost.cpu * 1000:5.1f} ms of CPU)"
            f"  {cost.wall / click.wall:5.2f} x click ({cost.cpu / click.cpu:.2f} x of CPU)"
        )


if __name__ == "__main__":
    main()
