"""Every check of the project, in order: `python -m tests`, which is what CI runs.

All stages run, so that one run names everything there is to mend; the exit code is that of the
first that failed. pytest is last, so that its summary is the last thing on the screen.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))

STAGES = (
    ("ruff", "check", "--quiet", "."),
    ("ruff", "format", "--quiet", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
    ("zizmor", "--offline", "--quiet", "--persona", "pedantic", ".github/workflows"),
    ("pytest", "--quiet", "-n", "auto", "--dist", "worksteal"),
)


def run(command: tuple[str, ...]) -> int:
    """Run one stage of this environment, saying what it is and, but for pytest, how long it took."""
    print(f"$ {' '.join(command)}", flush=True)
    began = time.monotonic()
    program = SCRIPTS / command[0]
    code = subprocess.run((program, *command[1:]), cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    if command[0] != "pytest":
        print(
            f"  {'ok' if code == 0 else f'failed with {code}'} in {time.monotonic() - began:.1f} s",
            flush=True,
        )
    return code


def main() -> int:
    """Run the stages; give the exit code of the first that failed, else 0."""
    codes = [run(stage) for stage in STAGES]
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main())
