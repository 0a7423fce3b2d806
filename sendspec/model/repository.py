"""Facts about the repository of a project: the files that git tracks, and what must not be in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sendspec.model.locations import Location


class FoundNumber(NamedTuple):
    """A valid number that is not reserved, in a tracked file; `digits` start with the country code."""

    location: Location
    digits: str


class FoundSecret(NamedTuple):
    """Something shaped like a credential; the value itself is not kept.

    `reason` is the kind of evidence, and `name` names the credential: its issuer, the key in the file, or
    the environment variable with the same value.
    """

    location: Location
    reason: str
    name: str


class RepositoryFacts(Struct, frozen=True):
    """What git tracks in the project directory, empty without git.

    `tracked` has the name in messages of each tracked file, by its path without links. `is_public` is True
    if a CI service states that everyone can read the repository. `numbers` and `secrets` are those in
    texts, sorted by location; the scan of the contacts has the numbers of the lists that sends use.
    """

    tracked: Mapping[Path, str] = field(default_factory=dict)
    is_public: bool = False
    numbers: tuple[FoundNumber, ...] = ()
    secrets: tuple[FoundSecret, ...] = ()
