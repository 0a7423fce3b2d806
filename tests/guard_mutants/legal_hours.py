"""Defects of legal hours: a text that leaves at night."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_GATE: Final = "test_legal_hours_gate.py::"

MUTANTS: Final = (
    GuardMutant(
        "records an intent outside of the legal hours",
        "protocol/request.py",
        "return not early and not self.is_expired(now) and not self.is_quiet(now)",
        "return not early and not self.is_expired(now)",
        "test_protocol.py::test_nothing_is_recorded_outside_of_legal_hours",
    ),
    GuardMutant(
        "lets the first byte leave after the legal hours",
        "protocol/request.py",
        "ends = (end, self.job.not_after, legal_end, self._repeatable_until)",
        "ends = (end, self.job.not_after, self._repeatable_until)",
        "test_protocol.py::test_the_legal_hours_limit_the_first_byte",
    ),
    GuardMutant(
        "posts a request that waited until the legal hours ended",
        "protocol/machine.py",
        "        if request.is_quiet(now):\n            return OutcomeReason.QUIET_HOURS\n",
        "",
        "test_protocol.py::test_legal_hours_that_end_before_the_post_prevent_it",
    ),
    GuardMutant(
        "gives the run no legal hours",
        "apply.py",
        "legal=None if planned.hours is None else planned.hours.interval,",
        "legal=None,",
        f"{_GATE}test_a_send_in_legal_hours_has_their_end",
    ),
    GuardMutant(
        "approves a plan without its legal hours",
        "plan_digest.py",
        '        **({"legalHours": planned.limits_digest} if planned.limits_digest else {}),\n',
        "",
        f"{_GATE}test_the_digest_covers_the_legal_hours",
    ),
    GuardMutant(
        "approves the hours of any zone",
        "legal_hours.py",
        "[limit.zone, limit.hours.week,",
        "[limit.hours.week,",
        f"{_GATE}test_the_digest_covers_the_zones_of_a_job",
    ),
    GuardMutant(
        "takes a plan of a sandbox for one with hours",
        "plan.py",
        "limits_digest=limits_digest(limits) if waits else None,",
        "limits_digest=limits_digest(limits),",
        f"{_GATE}test_the_digest_covers_the_legal_hours",
    ),
    GuardMutant(
        "takes a tunnel to the vendor for a sandbox",
        "rules/_lib/list_scans.py",
        "self.waits_for_hours = context.target.is_real and not context.offline",
        'self.waits_for_hours = "127.0.0.1" not in str(context.target.base_url) and not context.offline',
        f"{_GATE}test_a_send_waits_outside_the_legal_hours",
    ),
    GuardMutant(
        "does not wait for hours that are errors",
        "rules/_lib/list_scans.py",
        "if effective_level(rule, level or rule.level, context.project.rules) is Level.ERROR",
        "if effective_level(rule, level or rule.level, context.project.rules) is Level.INFO",
        f"{_GATE}test_a_send_waits_outside_the_legal_hours",
    ),
    GuardMutant(
        "takes the hours of a statute for advice",
        "rules/state_hours.py",
        "level = None if place.jurisdiction.basis is Basis.STATUTE else Level.WARNING",
        "level = Level.WARNING",
        f"{_GATE}test_a_send_waits_outside_the_legal_hours",
    ),
    GuardMutant(
        "does not wait for the end of quiet hours",
        "rules/quiet_hours.py",
        "for limit in in_zones(self.hours(context), chain.from_iterable(zones)):",
        "for limit in in_zones(self.hours(context), ()):",
        f"{_GATE}test_quiet_hours_and_state_hours_together",
    ),
    GuardMutant(
        "plans a send that was due before the night",
        "due.py",
        "if not limits or is_too_early(send, now)",
        "if not limits or send.not_before is not None",
        f"{_GATE}test_the_end_of_the_window_comes_first",
    ),
    GuardMutant(
        "posts at night what a plan shows as waiting for legal hours",
        "plan.py",
        "limits if waits else ()",
        "() if waits else limits",
        f"{_GATE}test_quiet_hours_and_state_hours_together",
    ),
    GuardMutant(
        "is legal until the last zone gets quiet",
        "legal_hours.py",
        "min(interval.end, own.end)",
        "max(interval.end, own.end)",
        "test_legal_hours.py::test_verdicts_equal_a_check_of_every_minute",
    ),
    GuardMutant(
        "proposes a time that another rule forbids",
        "rules/_lib/common_hours.py",
        "return tuple(dict.fromkeys((*own, *others)))",
        "return tuple(own)",
        f"{_GATE}test_the_hints_of_both_rules_name_the_same_time[two states]",
    ),
    GuardMutant(
        "does not notice that clocks change",
        "legal_hours.py",
        "if _offset(zone, before) != _offset(zone, after)",
        "if zone is None",
        "test_legal_hours.py::test_changes_of_the_clocks",
    ),
    GuardMutant(
        "sends on a holiday",
        "legal_hours.py",
        "return () if day in self.closed else self.week[day.weekday()]",
        "return self.week[day.weekday()]",
        "test_legal_hours.py::test_a_closed_date_has_no_legal_hours",
    ),
)
