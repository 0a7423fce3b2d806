"""The difference from a base as a JSON value, in the format of `schemas/plan.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.formatting import format_timestamp
from sendspec.report.difference_text import reached
from sendspec.report.findings_json import finding_value, problem_findings
from sendspec.report.phrases import scheduled_date

if TYPE_CHECKING:
    from sendspec.model import (
        AudienceDifference,
        CarriedSend,
        FieldChange,
        PeopleGroups,
        PlanDifference,
        PlannedSend,
        SendDifference,
        TimeChange,
    )


def difference_value(difference: PlanDifference) -> dict[str, Any]:
    """Return the difference from a base as a JSON value."""
    base = difference.base
    return {
        "name": base.name,
        "state": base.state.value,
        "commit": base.commit,
        "committedAt": base.committed_at and format_timestamp(base.committed_at),
        "newerCommits": base.newer_commits,
        "problems": [finding_value(finding) for finding in problem_findings(base.problems)],
        "sends": [_send(send) for send in difference.sends],
        "carried": [_carried(send) for send in difference.carried],
        "settings": [_field(change) for change in difference.settings],
    }


def _send(difference: SendDifference) -> dict[str, Any]:
    return {
        "address": difference.address,
        "kind": difference.kind.value,
        "renamedFrom": difference.renamed_from,
        "base": difference.base and _base(difference.base),
        "fields": [_field(change) for change in difference.fields],
        "times": [_time(change) for change in difference.times],
        "people": difference.audience and _people(difference.audience),
        "notCompared": difference.not_compared and difference.not_compared.value,
    }


def _base(planned: PlannedSend) -> dict[str, Any]:
    send = planned.send
    return {
        "sign": planned.sign.value,
        "reason": planned.reason.value,
        "recipients": planned.facts and planned.facts.count,
        "segments": planned.facts and planned.facts.segments,
        "reached": reached(planned),
        "scheduledDate": scheduled_date(send),
        "notBefore": send.not_before and send.not_before.isoformat(),
        "notAfter": send.not_after and send.not_after.isoformat(),
        "withVendor": bool(planned.at_vendor),
    }


def _field(change: FieldChange) -> dict[str, Any]:
    return {"field": change.field, "before": change.before, "now": change.now}


def _time(change: TimeChange) -> dict[str, Any]:
    before, now = (at and at.isoformat() for at in (change.before, change.now))
    return {"field": change.field, "before": before, "now": now}


def _people(difference: AudienceDifference) -> dict[str, Any]:
    return {
        "before": difference.before,
        "now": difference.now,
        "added": _groups(difference.added),
        "removed": _groups(difference.removed),
        "newlyExcluded": _groups(difference.newly_excluded),
        "noLongerExcluded": _groups(difference.no_longer_excluded),
        "otherValues": difference.has_other_values,
    }


def _groups(groups: PeopleGroups) -> dict[str, Any]:
    return {
        "count": groups.count,
        "countries": dict(groups.countries),
        "otherCountries": groups.other_countries,
        "zones": [{"zones": list(zones), "count": count} for zones, count in groups.zones],
        "otherZones": groups.other_zones,
    }


def _carried(carried: CarriedSend) -> dict[str, Any]:
    return {
        "address": carried.address,
        "causes": [{"kind": cause.kind.value, "names": list(cause.names)} for cause in carried.causes],
        "commit": carried.commit,
        "committedAt": carried.committed_at and format_timestamp(carried.committed_at),
    }
