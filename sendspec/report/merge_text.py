"""Sentences about the merge of versions of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.ledger.merge import Difference, MergeResult


def merge_text(result: MergeResult, location: str) -> str:
    """Return the report of a merge, one line per request that the versions do not share."""
    return "\n".join(_lines(result, location))


def _lines(result: MergeResult, location: str) -> Iterator[str]:
    if not result.written:
        yield f"nothing to merge: the ledger {location} has every request already"
        return
    differences = result.differences
    names = ", ".join(version.name for version in result.versions)
    count = len(result.versions)
    if count == 1:
        yield f"wrote the ledger {location} with a new digest"
    else:
        differed = pluralize(len(differences), "request")
        yield f"wrote the ledger {location} from {count} versions ({names}); {differed} differed"
    for difference in differences:
        yield f"  {difference.key}: {_sources(result, difference)}; kept {difference.merged.state.value}"
        if difference.merged.also_accepted:
            ids = (difference.merged.vendor_id, *difference.merged.also_accepted)
            yield f"  warning: {difference.key} was accepted {len(ids)} times: {', '.join(map(str, ids))}"
    if not result.checked:
        yield "warning: the digest of an edited or conflicting lockfile was not checked; read `sendspec plan`"


def _sources(result: MergeResult, difference: Difference) -> str:
    parts = [
        f"{'missing' if request is None else request.state.value} in {version.name}"
        for version, request in zip(result.versions, difference.found, strict=True)
    ]
    return ", ".join(parts)
