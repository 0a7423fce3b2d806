"""Yardstick: bodies posted with `requests.post`, one after the other: URL FILE COUNT."""

from __future__ import annotations

import sys
from pathlib import Path

import requests

HEADERS = {"Authorization": "Bearer benchmark", "Content-Type": "application/json"}


def main() -> None:
    url, file, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    for body in file.read_bytes().splitlines()[:count]:
        requests.post(url, data=body, headers=HEADERS, timeout=60).raise_for_status()


if __name__ == "__main__":
    main()
