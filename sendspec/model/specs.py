"""A project as written: targets, rule settings, campaigns, and sends that are still templates."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sendspec.model.diagnostics import Level, Problem
    from sendspec.model.locations import Location, Locations, NodePath
    from sendspec.model.pricing import Pricing
    from sendspec.model.send_endpoints import Endpoint


class Purpose(StrEnum):
    """The purpose of a campaign; law and carriers treat the two differently."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


SANDBOX: Final = "sandbox"
"""The name of the target that every project has."""


class Target(Struct, frozen=True):
    """An organisation and its host, which receive sends; `base_url` is None for the sandbox."""

    name: str
    base_url: str | None
    ledger: str = "file"
    concurrency: int = 10
    vars: Mapping[str, Any] = field(default_factory=dict)
    ledger_remote: str = "origin"
    """The remote of the clone with the branch of a git ledger."""
    ledger_from: str | None = None
    """A commit that the branch of a git ledger must contain."""
    sandbox: bool = False
    """Whether it is a sandbox, by its name or by its setting of that name."""

    @property
    def account(self) -> str:
        """The owner of a ledger: the organisation's host, the same however a run reaches it."""
        if self.base_url is None:
            return "sandbox"
        return self.base_url.partition("://")[2].rstrip("/").lower()

    @property
    def is_real(self) -> bool:
        """Whether its sends can reach people; a loopback address can be a tunnel to the vendor."""
        return self.base_url is not None and not self.sandbox

    @property
    def is_remembered(self) -> bool:
        """Whether this machine remembers its requests outside of the project directory.

        The requests and the server of the built-in sandbox are in the project directory, together.
        """
        return self.name != SANDBOX


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or address without brackets, is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class RuleSetting(Struct, frozen=True):
    """The setting of a rule in `sendspec.yaml`: `level` None keeps the rule's own, `off` disables it."""

    level: Level | None = None
    off: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    location: Location | None = None


class SendSpec(Struct, frozen=True):
    """One entry of a campaign's `sends` as written: strings are still templates.

    `matrix` has the axes in alphabetical order, because the order in the file has no meaning.
    `properties` holds everything but `id`, `endpoint`, `matrix` and `revision`: the API's own
    properties, and sendspec's `contacts`, `exclude`, `notBefore`, `notAfter`, `allow`, `formerly`,
    `databaseFields`, `audience`, `expected`.
    """

    id: str
    endpoint: Endpoint
    revision: int
    matrix: Mapping[str, tuple[str | int | float | bool, ...]]
    properties: Mapping[str, Any]
    locations: Locations


class CampaignNotes(Struct, frozen=True):
    """What people wrote about a campaign for its reviewers; None if omitted, and never sent."""

    owner: str | None = None
    description: str | None = None
    ticket: str | None = None


class CommentedText(Struct, frozen=True):
    """A text without quotes that ends before ` #`: its path in the file, and its location."""

    path: NodePath
    location: Location


class ExcludeEntry(Struct, frozen=True):
    """An exclude list as a project or a campaign names it: a path relative to `folder`.

    With `sha256`, whose location is `digest_location`, the path is in the directory of lists outside of the
    repository.
    """

    file: str
    columns: Mapping[str, str] | None
    folder: Path
    location: Location
    sha256: str | None = None
    digest_location: Location | None = None

    @classmethod
    def of(
        cls, value: str | Mapping[str, Any], folder: Path, locations: Locations, path: NodePath
    ) -> ExcludeEntry:
        """Return the entry for the value of `exclude` at `path`: a path, or a mapping with `file`."""
        location = locations.of(*path)
        if isinstance(value, str):
            return cls(value, None, folder, location)
        digest = value.get("sha256"), locations.key(*path, "sha256") if "sha256" in value else None
        return cls(value["file"], value.get("columns"), folder, location, *digest)


class Campaign(Struct, frozen=True):
    """One campaign file; `locations` are those of the whole file.

    `brand` has the names of its own brand, none if the project's apply.
    """

    name: str
    purpose: Purpose
    vars: Mapping[str, Any]
    sends: tuple[SendSpec, ...]
    file: Path
    location: Location
    notes: CampaignNotes = CampaignNotes()
    exclude: tuple[ExcludeEntry, ...] = ()
    locations: Locations | None = None
    commented_texts: tuple[CommentedText, ...] = ()
    brand: tuple[str, ...] = ()


class FileKind(StrEnum):
    """Why a file looks like a part of the project."""

    OUTSIDE = "outside"
    """A YAML file outside the folder of campaigns."""
    NOT_YAML = "not-yaml"
    """A file in the folder of campaigns with another suffix than a campaign."""
    LIST = "list"
    """A CSV file or a spreadsheet; sends may use it."""


class OtherFile(NamedTuple):
    """A file of the project directory that is not read as a campaign; `shown` is its name in messages."""

    shown: str
    real: Path
    kind: FileKind


class Project(Struct, frozen=True):
    """A project directory as read: its targets, rule settings, campaigns and variables.

    `skipped` has the problems of the campaign files that were left out, because no send of them is
    selected. `locations` and `commented_texts` are those of sendspec.yaml. `contacts_directory` has the lists
    outside of the repository, None if this machine has none.
    """

    directory: Path
    targets: Mapping[str, Target]
    rules: Mapping[str, RuleSetting]
    campaigns: tuple[Campaign, ...]
    vars: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[Problem, ...] = ()
    exclude: tuple[ExcludeEntry, ...] = ()
    locations: Locations | None = None
    commented_texts: tuple[CommentedText, ...] = ()
    other_files: tuple[OtherFile, ...] = ()
    brand: tuple[str, ...] = ()
    pricing: Pricing | None = None
    contacts_directory: Path | None = None
