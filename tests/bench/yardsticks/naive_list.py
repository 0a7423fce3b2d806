"""Yardstick: the bodies of a contact file and their digests, as a short script computes them.

It reads the file with `csv.DictReader`, skips repeated numbers, encodes each 1,000 contacts with `json`,
and prints the count and a digest over the SHA-256 of each body. It checks nothing.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys


def main() -> None:
    digests, seen = hashlib.sha256(), set()
    batch: list[dict[str, object]] = []

    def flush() -> None:
        body = json.dumps({"content": CONTENT, "channelQualifier": "148372", "contacts": batch})
        digests.update(hashlib.sha256(body.encode()).digest())
        batch.clear()

    with open(sys.argv[1], newline="", encoding="utf-8") as file:  # noqa: PTH123 - as a short script does
        for row in csv.DictReader(file):
            number = row["phone"].strip()
            if number in seen:
                continue
            seen.add(number)
            tags = {"FIRST NAME": row["first_name"], "CITY": row["city"], "CODE": row["code"]}
            batch.append({"contactId": number, "personalization": tags})
            if len(batch) == 1000:
                flush()
    if batch:
        flush()
    print(len(seen), digests.hexdigest())


CONTENT = "Acme: hi %%FIRST NAME%%, your code for %%CITY%% is %%CODE%%. Reply STOP to opt out."

if __name__ == "__main__":
    main()
