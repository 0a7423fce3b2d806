"""Audiences: the recipients of a send, streamed in file order, without duplicates, in batches.

Memory does not grow with the list: each scan reads the contact file from start to end, and stores
one entry in a bitmap for each recipient. An apply also stores the exact contacts on disk, to send them.
"""

from __future__ import annotations

from sendspec.audience.candidate_zones import candidate_zones, count_outside, narrowed
from sendspec.audience.contact_store import ContactStore
from sendspec.audience.dedupe import IdentitySet
from sendspec.audience.exclusion import ExcludeLists
from sendspec.audience.fingerprint import stretched_digest
from sendspec.audience.memberships import count_memberships
from sendspec.audience.people_count import ListPeople, PeopleUnion
from sendspec.audience.people_difference import PeopleDifference, people_difference
from sendspec.audience.read_progress import ScanObserver, watch_lists
from sendspec.audience.scan import Batch, Sink, batches, scan, scan_together, source_of
from sendspec.audience.timezone_columns import zone_tags

__all__ = [
    "Batch",
    "ContactStore",
    "ExcludeLists",
    "IdentitySet",
    "ListPeople",
    "PeopleDifference",
    "PeopleUnion",
    "ScanObserver",
    "Sink",
    "batches",
    "candidate_zones",
    "count_memberships",
    "count_outside",
    "narrowed",
    "people_difference",
    "scan",
    "scan_together",
    "source_of",
    "stretched_digest",
    "watch_lists",
    "zone_tags",
]
