"""Defects of the comparison of finished lists in groups."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_list_groups.py::"
_DIFFERENCE: Final = _TEST + "test_no_difference_is_taken_for_an_unchanged_list[list]"
_PROJECT: Final = _TEST + "test_lists_of_sent_campaigns_are_edited_sorted_removed_and_restored"

MUTANTS: Final = (
    GuardMutant(
        "leaves the current recipients out of a joint digest",
        "finished_list_digests.py",
        "member.size, member.recipients, member.salt",
        "member.size, member.salt",
        _DIFFERENCE,
    ),
    GuardMutant(
        "believes a joint digest that does not match",
        "finished_list_digests.py",
        "if name in found and found[name] == stored.digests[name]:",
        "if name in found:",
        _DIFFERENCE,
    ),
    GuardMutant(
        "keeps the joint digest of a group with a new list",
        "finished_list_digests.py",
        "if name in matching and name not in with_added}",
        "if name in matching}",
        _TEST + "test_an_update_computes_only_the_groups_of_new_lists",
    ),
    GuardMutant(
        "forgets which lists had changed",
        "finished_list_digests.py",
        "same |= {member.address: member.salt not in stored.changed for member in members}",
        "same |= {member.address: True for member in members}",
        _TEST + "test_a_changed_list_is_known_as_changed_without_a_digest_of_its_own",
    ),
    GuardMutant(
        "stores joint digests after a run of a part",
        "apply.py",
        "if plan.selection or receipt.interrupted",
        "if receipt.interrupted",
        _PROJECT,
    ),
    GuardMutant(
        "keeps the joint digests of one side of a merge",
        "ledger/merge.py",
        "return merged if len(versions) == 1 else replace(merged, groups=GroupDigests())",
        "return merged",
        _TEST + "test_a_merge_drops_the_groups",
    ),
)
