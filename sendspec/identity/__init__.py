"""The identity of sends: which record of the ledger belongs to which send of the specs.

A record belongs to the send of the same address. It also belongs to the send that has its address in
`formerly`, and to the send whose address is another spelling of it: sendspec used the order of the
axes in the file, and the Unicode form of the file, before addresses were canonical.
"""

from sendspec.identity.left_records import FormerSend, LeftRecords, PresentRecord, day_of
from sendspec.identity.matching import NO_IDENTITIES, Identities, identify
from sendspec.identity.message_text import job_of, text_key, texts_of

__all__ = [
    "NO_IDENTITIES",
    "FormerSend",
    "Identities",
    "LeftRecords",
    "PresentRecord",
    "day_of",
    "identify",
    "job_of",
    "text_key",
    "texts_of",
]
