"""What needs a person, as JSON: `schemas/watch.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.formatting import format_timestamp
from sendspec.report.escape.json_text import json_document
from sendspec.report.watch.phrases import action_text, cause_text, command_text

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.report.watch.phrases import Place
    from sendspec.watch import WatchItem, WatchResult


def watch_json(result: WatchResult, place: Place) -> str:
    """Return the items as a JSON document."""
    items = [_item(item, place) for item in result.items]
    document = {
        "version": 1,
        "target": result.target,
        "checkedAt": format_timestamp(result.at),
        "ledgerBranch": None if result.branch is None else result.branch.state.value,
        "items": items,
    }
    return json_document(document)


def _item(item: WatchItem, place: Place) -> dict[str, Any]:
    return {
        "reason": item.reason.value,
        "text": cause_text(item),
        "action": action_text(item),
        "command": command_text(item, place),
        "address": item.address,
        "since": _instant(item.since),
        "sinceIsLimit": item.since_is_limit,
        "until": _instant(item.until),
        "closing": item.is_closing,
        "recipients": item.recipients,
        "requests": [str(key) for key in item.requests],
        "blockingRules": list(item.rules),
        "planReason": None if item.plan_reason is None else item.plan_reason.value,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else format_timestamp(at)
