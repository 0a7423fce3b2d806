"""The recipients of a send: streamed in file order, each once, in batches of one request.

Memory does not grow with the list: a contact file is read from start to end for every question
asked of it, and what is remembered of a recipient is one entry in a bitmap.
"""

from __future__ import annotations

from sendspec.audience.fingerprint import parallel_map, stretched_digest
from sendspec.audience.scan import Batch, Observer, batches, scan

__all__ = ["Batch", "Observer", "batches", "parallel_map", "scan", "stretched_digest"]
