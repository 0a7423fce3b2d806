"""Defects of the guards of local times: candidate zones, and quiet hours in all of them."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_ZONES: Final = "test_timezones.py::"
_FACTS: Final = "test_zone_facts.py::"
_QUIET: Final = "test_quiet_hours.py::"

MUTANTS: Final = (
    GuardMutant(
        "reads one zone of an area code instead of all",
        "timezones/area_codes.py",
        ".update(zones, _zones_around(area, code, TIMEZONE_DATA))",
        " or found[area].update(zones)",
        _ZONES + "test_an_area_code_with_two_zones_has_both[219]",
    ),
    GuardMutant(
        "ignores the corrections of area codes",
        "timezones/area_codes.py",
        "{**compiled, **corrected_area_codes()}",
        "compiled",
        _ZONES + "test_an_area_code_with_two_zones_has_both[448]",
    ),
    GuardMutant(
        "reads the zones of the system",
        "timezones/tz_database.py",
        "return ZoneInfo.from_file(stream, key=name)",
        "return ZoneInfo(name)",
        _ZONES + "test_zones_are_those_of_the_package",
    ),
    GuardMutant(
        "takes a declared zone for the only one of every number",
        "audience/candidate_zones.py",
        "if same_zone(zone) in declared) or zones",
        "if same_zone(zone) in declared) or audience.timezones or zones",
        _FACTS + "test_declared_zones_narrow_those_of_the_numbers",
    ),
    GuardMutant(
        "forgets recipients without a number",
        "audience/candidate_zones.py",
        "if every_declared and without > 0:",
        "if every_declared and without < 0:",
        _FACTS + "test_recipients_without_a_zone_have_the_declared_ones[zones]",
    ),
    GuardMutant(
        "does not read a column of time zones without a mapping",
        "audience/timezone_columns.py",
        "return TIMEZONE if TIMEZONE in names else None",
        "return None",
        _FACTS + "test_a_column_named_timezone_is_the_zone[csv]",
    ),
    GuardMutant(
        "sends time zones as personalization",
        "audience/csv_header.py",
        "others = {own, TIMEZONE} - zone_tags(send)",
        "others = {own}",
        _FACTS + "test_a_column_named_timezone_is_the_zone[jsonl]",
    ),
    GuardMutant(
        "keeps silent about a column of time zones that nothing maps",
        "audience/timezone_columns.py",
        "used = zone_tags(send) if file.columns is None else frozenset(mapped)",
        "used = frozenset(names)",
        _FACTS + "test_a_column_of_zones_that_nothing_maps_is_a_fact[timezone-csv]",
    ),
    GuardMutant(
        "takes every own zone for one outside of the state",
        "jurisdictions/area_codes.py",
        "return not is_place or same_zone(zone) in zones_of(jurisdiction)",
        "return False",
        "test_legal_hours_gate.py::test_the_own_zone_of_a_contact_decides_about_its_state[America/New_York-@]",
    ),
    GuardMutant(
        "ignores the hours of a state if one of its people moved",
        "rules/state_hours.py",
        "others = count - with_own[code]",
        "others = 0 if with_own[code] else count",
        "test_rules.py::test_a_case_has_exactly_its_expected_findings[state-hours/bad-own-zone]",
    ),
    GuardMutant(
        "keeps silent about recipients outside of the declared zones",
        "audience/candidate_zones.py",
        "if declared and declared.isdisjoint(map(same_zone, zones))",
        "if False",
        "test_rules.py::test_a_case_has_exactly_its_expected_findings[unknown-timezone/bad-declared]",
    ),
    GuardMutant(
        "forgets the states of a contact source",
        "rules/_lib/possible_states.py",
        "(zones := zones_of(state) & declared)",
        "(zones := zones_of(state) - declared)",
        "test_rules.py::test_a_case_has_exactly_its_expected_findings[state-hours/bad-source]",
    ),
    GuardMutant(
        "reads no time zones of a send that is not finished",
        "rules/_lib/list_scans.py",
        "only_recipients=is_finished and observer is None,",
        "only_recipients=observer is None,",
        "test_rules.py::test_a_case_has_exactly_its_expected_findings[state-hours/bad]",
    ),
    GuardMutant(
        "sends to lookups in unknown zones",
        "rules/quiet_hours.py",
        "elif facts is not None and facts.lookups and facts.zones.without_zone is not None:",
        "elif facts is not None and facts.excluded and facts.zones.without_zone is not None:",
        "test_rules.py::test_a_case_has_exactly_its_expected_findings[quiet-hours/bad-lookups]",
    ),
    GuardMutant(
        "counts the numbers of contacts with a zone of their own again",
        "audience/zone_survey.py",
        "numbers if self._others is None else self._others",
        "numbers",
        _FACTS + "test_the_zone_of_a_contact_decides_before_its_number[csv_list]",
    ),
    GuardMutant(
        "judges the first zone of each recipient only",
        "rules/quiet_hours.py",
        "return in_zones(self.hours, chain.from_iterable(self.zones))",
        "return in_zones(self.hours, (zones[0] for zones in self.zones))",
        _QUIET + "test_the_verdict_is_that_of_every_minute[0]",
    ),
    GuardMutant(
        "judges the start of a send only",
        "rules/quiet_hours.py",
        "elif legal.end <= window.end:",
        "elif False:",
        _QUIET + "test_the_end_is_judged_by_the_rate_of_the_target[one more]",
    ),
)
