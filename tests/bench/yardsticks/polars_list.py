"""Yardstick: the bodies of a contact file and their digests, with polars.

Of the numbers it checks only the form.
"""

from __future__ import annotations

import hashlib
import sys

import polars as pl

CONTENT = "Acme: hi %%FIRST NAME%%, your code for %%CITY%% is %%CODE%%. Reply STOP to opt out."


def main() -> None:
    contacts = pl.read_csv(sys.argv[1], infer_schema=False).unique("phone", keep="first", maintain_order=True)
    wrong = contacts.filter(~pl.col("phone").str.contains(r"^[1-9]\d{7,14}$")).height
    tags = pl.struct(
        pl.col("first_name").alias("FIRST NAME"), pl.col("city").alias("CITY"), pl.col("code").alias("CODE")
    )
    contact = pl.struct(pl.col("phone").alias("contactId"), tags.alias("personalization"))
    encoded = contacts.select(contact.struct.json_encode().alias("json"))["json"]
    digests = hashlib.sha256()
    for start in range(0, len(encoded), 1000):
        joined = ",".join(encoded[start : start + 1000])
        body = f'{{"content":"{CONTENT}","channelQualifier":"148372","contacts":[{joined}]}}'
        digests.update(hashlib.sha256(body.encode()).digest())
    print(contacts.height, wrong, digests.hexdigest())


if __name__ == "__main__":
    main()
