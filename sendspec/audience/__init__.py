"""The recipients of a send: streamed in file order, each once, in batches of one request.

Memory does not grow with the list: a contact file is read from start to end for every question
asked of it, and what is remembered of a recipient is one entry in a bitmap.
"""

from __future__ import annotations

from sendspec.audience.digests import spread, stretch
from sendspec.audience.passes import Batch, Watcher, batches, survey

__all__ = ["Batch", "Watcher", "batches", "spread", "stretch", "survey"]
