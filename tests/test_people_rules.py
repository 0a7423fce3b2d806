"""The rules that compare the recipients of several sends, against sets of what each send would reach."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from sendspec.audience import IdentitySet, batches, count_memberships
from tests.rule_cases import NOW, check_folder, context_of, write_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sendspec.model import Send

WITHIN: Final = timedelta(hours=23.5)
COUNTS: Final = re.compile(r"([0-9,]+) of ([0-9,]+) recipients? ")
REASONS: Final = {"several-texts": 1, "same-text": 1, "over-limit": 2}
"""The reasons of the findings, with the number of earlier texts from which a person counts."""
SEND: Final = """\
campaign: order
purpose: transactional
sends:
  - id: ready
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: your order is ready."
    contacts: {file: ../people.csv}
"""


def identity_set(identities: Iterable[str]) -> IdentitySet:
    found = IdentitySet()
    for identity in identities:
        found.add(identity)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_the_counts_of_shared_people_are_those_of_sets(seed):
    """Each combination of lists has as many people as sets say: numbers, leading zeros and lookups."""
    rng = random.Random(seed)  # noqa: S311 - the same lists each time, not a secret
    people = [f"1212555{at:04}" for at in range(rng.choice((5, 60)))]
    people += [f"0{at}" for at in range(9)] + [f'[{{"value":"{at}"}}]' for at in range(9)]
    lists = [set(rng.sample(people, rng.randrange(len(people)))) for _ in range(rng.randrange(1, 9))]
    expected = Counter(
        tuple(at for at, members in enumerate(lists) if person in members) for person in set().union(*lists)
    )
    assert count_memberships([identity_set(members) for members in lists]) == expected


def test_a_list_much_larger_than_others():
    """Small lists are compared with a large one by their members, also if these are all shared."""
    large = {str(12125550000 + at) for at in range(5000)}
    small = [{str(12125550000 + 10 * at + step) for at in range(9)} for step in (0, 1, 1)]
    counts = count_memberships([identity_set(members) for members in (large, *small)])
    assert counts == {(0,): 4982, (0, 1): 9, (0, 2, 3): 9}


# ── random projects


def written(rng: random.Random) -> str:
    """Return one of 20 numbers in a notation of its own."""
    last = f"{rng.randrange(20):02}"
    return rng.choice((f"121255501{last}", f"+1 (212) 555-01{last}", f"1.212.555.01{last}"))


def contact(rng: random.Random, number_property: str) -> str:
    """Return an inline contact with a number, or with one of six lookups whose keys have any order."""
    if number_property == "phoneNumber" or rng.random() < 0.6:
        return f'{{{number_property}: "{written(rng)}"}}'
    customer = rng.randrange(6)
    keys = [f"{{name: ID, value: '{customer}', channel: SMS}}", "{name: A, value: b, channel: SMS}"]
    return f"{{contactLookup: [{', '.join(rng.sample(keys, 2))}]}}"


def write_send(folder: Path, rng: random.Random, at: int) -> str:
    """Return a send to contacts of its own or to one of three lists, at one of several times."""
    endpoint = rng.choice(("contacts", "external-consent"))
    number_property = "contactId" if endpoint == "contacts" else "phoneNumber"
    size, file = rng.randrange(1, 15), f"list-{rng.randrange(3)}-{number_property}.csv"
    contacts = "".join(f"\n      - {contact(rng, number_property)}" for _ in range(size))
    if rng.random() < 0.6:
        contacts = f" {{file: ../{file}}}"
        if not (folder / file).exists():
            (folder / file).write_text("\n".join([number_property, *(written(rng) for _ in range(size))]))
    hours = rng.choice((-5, 1, 3, 23, 23.4, 24.5, 30, 47, 200))
    return (
        f"  - id: s{at}\n    endpoint: {endpoint}\n    channelQualifier: '148372'\n"
        f"    content: 'Acme: text {rng.randrange(4)}'\n"
        f"    notBefore: '{(NOW + timedelta(hours=hours)).isoformat()}'\n"
        + ("    exclude: [../out.csv]\n" if rng.random() < 0.3 else "")
        + f"    contacts:{contacts}\n"
    )


def people_of(send: Send) -> set[object]:
    """Return whom the requests of a send would reach: numbers as digits, and lookups in any order."""
    contacts = [contact for batch in batches(send) for contact in batch.contacts]
    return {
        number
        if (number := contact.get("contactId") or contact.get("phoneNumber"))
        else frozenset(key["value"] for key in contact["contactLookup"])
        for contact in contacts
    }


@pytest.mark.parametrize("seed", range(12))
def test_shared_people_are_those_of_a_brute_force(tmp_path, seed):
    """Random lists with duplicates, exclude lists, national forms and lookups, in random hours."""
    rng, folder = random.Random(seed), tmp_path / "specs"  # noqa: S311
    (folder / "campaigns").mkdir(parents=True)
    (folder / "sendspec.yaml").write_text("version: 1\nrules: {frequency-cap: {limit: 2}}\n")
    (folder / "out.csv").write_text("phoneNumber\n12125550101\n2125550102\n")
    sends = "".join(write_send(folder, rng, at) for at in range(rng.randrange(2, 9)))
    (folder / "campaigns" / "c.yaml").write_text(f"campaign: c\npurpose: marketing\nsends:\n{sends}")
    found = {}
    for finding in check_folder(folder).findings:
        if finding.rule in ("overlap", "frequency-cap"):
            counts = COUNTS.match(finding.message)
            assert counts, finding.message
            found[finding.address, finding.reason] = (int(counts[1]), int(counts[2]))
    assert found == dict(brute_force(context_of(folder).sends))


def brute_force(sends: Sequence[Send]) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    """Yield what the rules must find: address and reason, and how many of how many recipients."""
    times = {send.address: max(NOW, send.not_before or NOW) for send in sends}
    people = {send.address: people_of(send) for send in sends}
    in_order = sorted(sends, key=lambda send: (times[send.address], send.locations.root))
    for at, later in enumerate(in_order):
        before: dict[str, Counter[object]] = {reason: Counter() for reason in REASONS}
        for earlier in in_order[:at]:
            if times[later.address] - times[earlier.address] < WITHIN:
                is_same = earlier.payload["content"] == later.payload["content"]
                shared = people[earlier.address] & people[later.address]
                before["same-text" if is_same else "several-texts"].update(shared)
                before["over-limit"].update(shared)
        for reason, least in REASONS.items():
            count = sum(texts >= least for texts in before[reason].values())
            if count:
                yield (later.address, reason), (count, len(people[later.address]))


# ── expected numbers


@pytest.mark.parametrize(
    ("expected", "lowest", "highest"),
    [
        ("{recipients: 100}", 100, 100),
        ("{recipients: 100, within: 7%}", 93, 107),
        ("{recipients: '{{ 50 * 2 }}', within: '{{ 2 }}.5%'}", 98, 102),
        ("{recipients: 100, within: 0.9%}", 100, 100),
        ("{recipients: 100, within: 30}", 70, 130),
        ("{recipients: 100, within: '{{ 30 }}'}", 70, 130),
        ("{recipients: 5, within: 100%}", 0, 10),
        ("{recipients: 5, within: 9}", 0, 14),
    ],
)
def test_expected_numbers_are_a_range(tmp_path, expected, lowest, highest):
    """The range ends exactly where its percentage or its number says, with templates too."""
    folder = write_project(tmp_path / "specs", f"{SEND}    expected: {expected}\n")
    for count in {max(1, lowest - 1), max(1, lowest), highest, highest + 1}:
        (folder / "people.csv").write_text(
            "phoneNumber\n" + "".join(f"1212555{at:04}\n" for at in range(count))
        )
        reasons = [each.reason for each in check_folder(folder).findings if each.rule == "audience-change"]
        assert reasons == ([] if lowest <= count <= highest else ["not-expected"]), count
