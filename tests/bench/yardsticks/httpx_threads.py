"""Yardstick: bodies posted with one `httpx.Client` in ten threads, without a ledger: URL FILE COUNT."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

HEADERS = {"Authorization": "Bearer benchmark", "Content-Type": "application/json"}


def main() -> None:
    url, file, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    bodies = file.read_bytes().splitlines()[:count]
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(10) as pool:
        for answer in pool.map(lambda body: client.post(url, content=body, headers=HEADERS), bodies):
            answer.raise_for_status()


if __name__ == "__main__":
    main()
