"""Generator of contact files: `python -m tests.bench.lists FILE ROWS`.

The benchmark runs it in a process of its own, because a child starts with the peak memory of its parent.
The numbers are valid, and are never sent outside this machine. Reserved numbers are an error on a real
target, and there are fewer than a million of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

AREAS: Final = (212, 305, 312, 404, 415, 503, 602, 713, 808, 917)
_SUBSCRIBERS: Final = 4_400_000
_NAMES: Final = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Donald", "Frances", "Ken", "Hedy")
_CITIES: Final = ("New York", "Miami", "Chicago", "Atlanta", "Portland", "Phoenix", "Houston", "Honolulu")
_STEP: Final = 48_271
"""A step that is coprime with the count of numbers, so that the list is not sorted and has no repetition."""


def number_at(row: int) -> int:
    """Return the valid American number of a row; rows below 44 million have different numbers."""
    area, rest = divmod(row * _STEP % (len(AREAS) * _SUBSCRIBERS), _SUBSCRIBERS)
    return 10_000_000_000 + AREAS[area] * 10_000_000 + 5_600_000 + rest


def main() -> None:
    """Write the file."""
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as out:
        out.write("phone,first_name,city,code\r\n")
        for row in range(int(sys.argv[2])):
            name, city = _NAMES[row % len(_NAMES)], _CITIES[row // 7 % len(_CITIES)]
            out.write(f"{number_at(row)},{name}{row % 5000:04},{city},SPRING26-{row % 100_000:06}\r\n")


if __name__ == "__main__":
    main()
